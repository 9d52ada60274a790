package netns

import (
	"errors"
	"fmt"
	"os"

	"github.com/ccl-lab/ccl/topology"
)

// zebra is the program of FRRouting that no router can do without.
const zebra = "/usr/lib/frr/zebra"

// supported names everything in a topology that this backend, or this host,
// cannot run. Each part of the joined error is a *topology.UnsupportedError.
func supported(t *topology.Topology) error {
	var errs []error
	routers := false
	for _, n := range t.Nodes {
		if n.Kind != "linux" && !n.IsJunos() {
			errs = append(errs, &topology.UnsupportedError{
				Pos: n.Pos, What: fmt.Sprintf("kind %s of node %s", n.Kind, n.Name),
				Why:  "the netns backend runs linux and Junos kinds",
				Hint: "deploy this topology with the clab backend",
			})
		}
		routers = routers || n.IsJunos()
	}
	for _, l := range t.Links {
		if l.Type != "" {
			errs = append(errs, &topology.UnsupportedError{
				Pos: l.Pos, What: fmt.Sprintf("link type %s at %s", l.Type, l.A),
				Why:  "the netns backend joins nodes with veth links only",
				Hint: "deploy this topology with the clab backend",
			})
		}
	}
	if _, err := os.Stat(zebra); routers && err != nil {
		errs = append(errs, &topology.UnsupportedError{
			What: "a Junos node", Why: "FRRouting is not installed: " + err.Error(),
			Hint: "apt-get install frr",
		})
	}
	return errors.Join(errs...)
}
