package cli

import (
	"errors"
	"testing"

	"github.com/ccl-lab/ccl/topology"
)

// TestLinkedDeviceHint gives, where a node has several links, the words that name
// one on the command line, lab and all.
func TestLinkedDeviceHint(t *testing.T) {
	lab := &topology.Topology{Name: "cust", Links: []*topology.Link{
		{A: topology.Endpoint{Node: "r1", Interface: "ge-0/0/0", Device: "ge0"}, B: topology.Endpoint{Node: "r2", Interface: "ge-0/0/0", Device: "ge0"}},
		{A: topology.Endpoint{Node: "r1", Interface: "ge-0/0/1", Device: "ge1"}, B: topology.Endpoint{Node: "r2", Interface: "ge-0/0/1", Device: "ge1"}},
	}}
	_, err := linkedDevice(lab, "r1", "")
	var h hinted
	if !errors.As(err, &h) || h.hint != "say cust/r1:ge-0/0/0 or cust/r1:ge-0/0/1" {
		t.Errorf("error %v, hint %q", err, h.hint)
	}
}
