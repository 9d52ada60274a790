package clientstest

import (
	"context"
	"fmt"
	"testing"

	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
	"github.com/ccl-lab/ccl/topology/netns"
)

// BenchmarkOneLineCommit changes one line of a router of the ring from end to
// end: lock, load, compare, validate, commit and unlock over SSH, with
// FRRouting and the kernel below.
func BenchmarkOneLineCommit(b *testing.B) {
	topo, err := clabfile.Load("../../../labs/ring/ring.clab.yml")
	if err != nil {
		b.Fatal(err)
	}
	backend, err := netns.New(netns.Options{Dir: b.TempDir(), StartupConfigs: true})
	if err != nil {
		b.Fatal(err)
	}
	lab, err := backend.Deploy(b.Context(), topo)
	if err != nil {
		b.Fatal(err)
	}
	defer backend.Destroy(context.Background(), topo.Name)
	s, err := junos.Dialer(func(string) (string, string, error) { return user, password, nil })(b.Context(), *lab.Node("r1"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	for name, line := range map[string]string{
		"description": "set interfaces ge-0/0/0 description number-%d",
		"bgp":         "set protocols bgp group mesh neighbor 10.255.0.2 hold-time %d",
		"policy":      "set policy-options policy-statement from-customer term customer then local-preference %d",
	} {
		b.Run(name, func(b *testing.B) {
			n := 100
			for b.Loop() {
				n++
				if _, err := s.Apply(b.Context(), device.Change{Text: fmt.Sprintf(line, n), Format: device.FormatSet}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
