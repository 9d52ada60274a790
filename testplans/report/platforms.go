package report

import (
	"strings"

	"github.com/ccl-lab/ccl/testplans/results"
)

// A platformGroup is the nodes that ran the same software.
type platformGroup struct {
	Name     string // platform and release
	Nodes    []string
	Emulated bool
}

// platformGroups groups the run's nodes by what they were, in their order.
func platformGroups(run *results.Run) []platformGroup {
	var groups []platformGroup
	index := map[string]int{}
	for _, p := range run.Platforms {
		name := platformName(p)
		at, ok := index[name]
		if !ok {
			at = len(groups)
			index[name] = at
			groups = append(groups, platformGroup{Name: name, Emulated: emulated(p)})
		}
		groups[at].Nodes = append(groups[at].Nodes, p.Node)
	}
	return groups
}

// emulated says that a node was no real Junos.
func emulated(p results.Platform) bool {
	return strings.Contains(strings.ToLower(p.Platform), "emulator")
}

// platformName is a platform with its release. An emulator runs no release; it
// answers as one.
func platformName(p results.Platform) string {
	switch {
	case p.Platform == "":
		return strings.TrimSpace(p.Kind + " " + p.Release)
	case p.Release != "" && emulated(p):
		return p.Platform + ", answering as " + p.Release
	}
	return strings.TrimSpace(p.Platform + " " + p.Release)
}
