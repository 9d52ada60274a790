package frrtest

import (
	"fmt"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
)

// handle speaks to the kernel about the node's network.
func handle(n *Node) (*netlink.Handle, error) {
	ns, err := netns.GetFromPid(n.PID)
	if err != nil {
		return nil, fmt.Errorf("network namespace of %s: %w", n.Name, err)
	}
	defer ns.Close()
	return netlink.NewHandleAt(ns)
}
