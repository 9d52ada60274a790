package activities

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// resolve fills in how a stream's ports are reached in a lab: the network
// namespace of the node and, for a generator port, the addresses of its labels.
func resolve(lab *topology.Lab, s trafficgen.Stream) (trafficgen.Stream, error) {
	for _, p := range []*trafficgen.PortID{&s.From, &s.To} {
		if err := ResolvePort(lab, p); err != nil {
			return s, fmt.Errorf("stream %s: %w", s.Name, err)
		}
	}
	return s, nil
}

// ResolvePort fills in how the port of a node is reached in a lab: its network
// namespace and, for an emulated host, the addresses of its labels.
func ResolvePort(lab *topology.Lab, p *trafficgen.PortID) error {
	deployed, node := lab.Node(p.Node), lab.Topology.Node(p.Node)
	if deployed == nil || node == nil {
		return final(TypePlan, fmt.Errorf("lab %s has no node %q", lab.Name, p.Node))
	}
	if deployed.NetNS == "" {
		return &topology.UnsupportedError{
			Pos: node.Pos, What: "traffic at " + p.Node,
			Why: "its network namespace is not on this host",
		}
	}
	p.NetNS = deployed.NetNS
	for _, word := range words(node.Labels[topology.LabelAddress]) {
		prefix, err := netip.ParsePrefix(word)
		if err != nil {
			return final(TypePlan, fmt.Errorf("%s: label %s of node %s: %w", node.Pos, topology.LabelAddress, p.Node, err))
		}
		if prefix.Addr().Is4() {
			p.Address = prefix
		} else {
			p.Address6 = prefix
		}
	}
	for _, word := range words(node.Labels[topology.LabelGateway]) {
		addr, err := netip.ParseAddr(word)
		if err != nil {
			return final(TypePlan, fmt.Errorf("%s: label %s of node %s: %w", node.Pos, topology.LabelGateway, p.Node, err))
		}
		if addr.Is4() {
			p.Gateway = addr
		} else {
			p.Gateway6 = addr
		}
	}
	return nil
}

// words splits a label that may hold an IPv4 and an IPv6 value.
func words(label string) []string {
	return strings.FieldsFunc(label, func(r rune) bool { return r == ',' || r == ' ' })
}
