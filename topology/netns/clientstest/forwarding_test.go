package clientstest

import (
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// forwardingTruth notes how the kernel forwards, asked with ip(8): "fib
// 10.1.3.0/24" is "10.0.12.2 via ge-0/0/0.0, 10.0.41.1 via ge-0/0/1.0".
func (l *lab) forwardingTruth(node string, f facts) {
	l.Helper()
	names := junosNames(l.Topology, node)
	for _, version := range []string{"-4", "-6"} {
		var all []struct {
			hop
			Type        string `json:"type"`
			Destination string `json:"dst"`
			NextHops    []hop  `json:"nexthops"`
		}
		if !l.query(node, &all, "ip", "-json", version, "route", "show", "table", "main") {
			l.Fatalf("%s: ip route failed", node)
		}
		for _, r := range all {
			if r.Device == "lo" && r.Type != "blackhole" || strings.HasPrefix(r.Destination, "fe80:") {
				continue // of the router itself, or of one link
			}
			if !strings.Contains(r.Destination, "/") {
				r.Destination += map[string]string{"-4": "/32", "-6": "/128"}[version]
			}
			if len(r.NextHops) == 0 {
				r.NextHops = []hop{r.hop}
			}
			var hops []string
			for _, h := range r.NextHops {
				switch {
				case r.Type == "blackhole":
					hops = append(hops, "dscd")
				case !slices.Contains(h.Flags, "linkdown"):
					hops = append(hops, strings.TrimSpace(h.Gateway+" via "+names[h.Device]+".0"))
				}
			}
			if len(hops) > 0 {
				slices.Sort(hops)
				f["fib "+r.Destination] = strings.Join(hops, ", ")
			}
		}
	}
}

// forwarding notes what the router says of how it forwards, but for packets to
// itself and of one link.
func (f facts) forwarding(reply *xmltree.Element) {
	for _, table := range reply.All("route-table") {
		for _, rt := range table.All("rt-entry") {
			destination := rt.Value("rt-destination")
			if strings.HasPrefix(destination, "fe80:") {
				continue
			}
			var hops []string
			for _, nh := range rt.All("nh") {
				switch nh.Value("nh-type") {
				case "ucst", "rslv":
					hops = append(hops, strings.TrimSpace(nh.Value("to")+" via "+nh.Value("via")))
				case "dscd":
					hops = append(hops, "dscd")
				}
			}
			if len(hops) > 0 {
				slices.Sort(hops)
				f["fib "+destination] = strings.Join(hops, ", ")
			}
		}
	}
}
