// Package labs holds the shipped labs, each a containerlab topology file with
// its configurations in a folder of its name.
package labs

import "embed"

// FS holds one folder a lab: ring/ring.clab.yml and what it refers to.
//
//go:embed ring
var FS embed.FS
