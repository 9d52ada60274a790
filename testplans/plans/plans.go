// Package plans holds the shipped test plans.
package plans

import "embed"

// FS holds every shipped plan at its top, and the files that they name below.
//
//go:embed *.yaml jsnapy/*.yml
var FS embed.FS
