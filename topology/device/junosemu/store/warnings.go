package store

import (
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// earned are the warnings that a commit gives: of what it brings or changes.
// What was committed with its warning is not told again with every later
// commit; a check tells everything.
func earned(all []config.Warning, candidate, running *config.Tree, id junosemu.Identity) ([]config.Warning, error) {
	if len(all) == 0 {
		return nil, nil
	}
	_, before, err := compile(running, id)
	if err != nil {
		return nil, err
	}
	// Warnings are of what is in effect, groups and interface ranges included.
	is, was := candidate.Effective(), running.Effective()
	var own []config.Warning
	for _, w := range all {
		if !slices.Contains(before, w) || !is.SameAt(was, w.Path) {
			own = append(own, w)
		}
	}
	return own, nil
}
