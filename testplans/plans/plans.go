// Package plans holds the shipped test plans.
package plans

import "embed"

// FS holds every shipped plan at its top.
//
//go:embed *.yaml
var FS embed.FS
