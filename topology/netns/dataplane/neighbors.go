package dataplane

import (
	"context"
	"fmt"
	"net/netip"

	"github.com/vishvananda/netlink"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// neighborStates are the words for the kernel's states (linux/neighbour.h).
var neighborStates = map[int]string{
	netlink.NUD_INCOMPLETE: "incomplete",
	netlink.NUD_REACHABLE:  "reachable",
	netlink.NUD_STALE:      "stale",
	netlink.NUD_DELAY:      "delay",
	netlink.NUD_PROBE:      "probe",
	netlink.NUD_FAILED:     "failed",
	netlink.NUD_PERMANENT:  "permanent",
}

// Neighbors is the ARP table followed by the ND table. Entries that need no
// resolution (multicast, the loopback's) are not in it.
func (d *Dataplane) Neighbors(context.Context) (neighbors []junosemu.Neighbor, err error) {
	err = d.space.Do(func() error {
		neighbors, err = readNeighbors()
		return err
	})
	return neighbors, err
}

// readNeighbors is Neighbors in the namespace.
func readNeighbors() ([]junosemu.Neighbor, error) {
	links, err := readLinks()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	names := map[int]string{}
	for _, l := range links {
		names[l.Attrs().Index] = l.Attrs().Name
	}
	var neighbors []junosemu.Neighbor
	for _, family := range []int{netlink.FAMILY_V4, netlink.FAMILY_V6} {
		entries, err := whole(func() ([]netlink.Neigh, error) { return netlink.NeighList(0, family) })
		if err != nil {
			return nil, fmt.Errorf("list neighbors: %w", err)
		}
		for _, e := range entries {
			state, resolved := neighborStates[e.State]
			ip, ok := netip.AddrFromSlice(e.IP)
			if !resolved || !ok {
				continue
			}
			neighbors = append(neighbors, junosemu.Neighbor{
				Device: names[e.LinkIndex], Address: ip.Unmap(), MAC: e.HardwareAddr.String(), State: state,
			})
		}
	}
	return neighbors, nil
}
