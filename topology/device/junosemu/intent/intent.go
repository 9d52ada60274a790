// Package intent translates a Junos configuration to what the data plane shall
// do: addresses of kernel devices and the text of FRR's daemons. It is a pure
// function; what cannot mean anything is refused in Junos's words.
package intent

import (
	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// Compile translates a configuration. The error is config.ValidationErrors.
// Warnings name statements that are stored and not acted on, each once.
func Compile(tree *config.Tree, id junosemu.Identity) (*junosemu.Intent, []config.Warning, error) {
	effective := tree.Effective()
	hostname := id.Name
	if h := effective.Root().Value("system", "host-name"); h != "" {
		hostname = h
	}
	return &junosemu.Intent{Hostname: hostname}, effective.Unacted(), nil
}
