// Package topology is the vocabulary of labs: what a topology file says
// (Topology, Node, Link, Endpoint), what a deployed lab is (Lab, LabNode), and
// what a backend must be able to do (Backend and its optional capabilities).
//
// The words are containerlab's, because the topology file is containerlab's.
// The machinery lives below: clabfile reads files, netns and clab deploy them,
// device speaks to the routers, backendtest holds every backend to one contract.
package topology

import (
	"fmt"
	"strings"
)

// A Topology is a containerlab topology file after kinds, groups and defaults
// have been resolved into each node. Order is the file's.
type Topology struct {
	Name  string  `json:"name"`
	File  string  `json:"file,omitempty"` // absolute path it was read from
	Nodes []*Node `json:"nodes"`
	Links []*Link `json:"links,omitempty"`
}

// A Node is one device or host of a topology.
type Node struct {
	Name          string            `json:"name"`
	Kind          string            `json:"kind"` // containerlab kind: juniper_vjunosrouter, linux, …
	Image         string            `json:"image,omitempty"`
	Type          string            `json:"type,omitempty"`
	Group         string            `json:"group,omitempty"`
	StartupConfig string            `json:"startupConfig,omitempty"` // its text, not its path
	Exec          []string          `json:"exec,omitempty"`          // commands run inside once links exist
	Env           map[string]string `json:"env,omitempty"`
	Sysctls       map[string]string `json:"sysctls,omitempty"` // net.ipv4.ip_forward: 1
	Labels        map[string]string `json:"labels,omitempty"`
	Pos           Pos               `json:"pos"`
}

// A Link joins two endpoints. Links of another type than veth have one
// endpoint on a node, A; what B says depends on the type.
type Link struct {
	Type string   `json:"type,omitempty"` // containerlab's link type: host, macvlan, vxlan, …; empty is veth
	A    Endpoint `json:"a"`
	B    Endpoint `json:"b"`
	MTU  int      `json:"mtu,omitempty"` // bytes; 0 is the backend's default
	Pos  Pos      `json:"pos"`
}

// An Endpoint is one end of a link. Interface is the name a network engineer
// uses on that kind of node (ge-0/0/0, eth1); Device is what the kernel calls
// it (eth1). For linux nodes both are the same.
type Endpoint struct {
	Node      string `json:"node"`
	Interface string `json:"interface"`
	Device    string `json:"device,omitempty"`
	MAC       string `json:"mac,omitempty"` // empty: the backend's choice
}

// String is the form plans and topology files use, r1:ge-0/0/0.
func (e Endpoint) String() string { return e.Node + ":" + e.Interface }

// Pos is a place in a file, for messages. Line and Column count from 1.
type Pos struct {
	File   string `json:"file,omitempty"`
	Line   int    `json:"line,omitempty"`
	Column int    `json:"column,omitempty"`
}

// String is file:line:column, leaving out what is not known.
func (p Pos) String() string {
	switch {
	case p.Line == 0:
		return p.File
	case p.Column == 0:
		return fmt.Sprintf("%s:%d", p.File, p.Line)
	}
	return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column)
}

// Labels that this project gives a meaning to. They sit on generator-port
// nodes, which have no address of their own in the kernel.
const (
	LabelRole    = "ccl-role"    // "generator": the node is a port of the traffic generator
	LabelAddress = "ccl-address" // the address the generator answers for, with its prefix length
	LabelGateway = "ccl-gateway" // the next hop of that address
)

// Node returns the named node, or nil.
func (t *Topology) Node(name string) *Node {
	for _, n := range t.Nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// NodeNames returns every node's name in file order.
func (t *Topology) NodeNames() []string {
	names := make([]string, len(t.Nodes))
	for i, n := range t.Nodes {
		names[i] = n.Name
	}
	return names
}

// Endpoint resolves "r1:ge-0/0/0" (or the kernel form "r1:eth1") to the
// endpoint of a link, and reports whether there is one.
func (t *Topology) Endpoint(ref string) (Endpoint, bool) {
	node, ifname, ok := strings.Cut(ref, ":")
	if !ok {
		return Endpoint{}, false
	}
	for _, e := range t.Ports(node) {
		if e.Interface == ifname || e.Device == ifname {
			return e, true
		}
	}
	return Endpoint{}, false
}

// LinkAt returns the link of an endpoint that Endpoint has resolved, or nil.
func (t *Topology) LinkAt(end Endpoint) *Link {
	for _, l := range t.Links {
		if l.A == end || l.B == end {
			return l
		}
	}
	return nil
}

// Ports returns the endpoints of one node in link order.
func (t *Topology) Ports(node string) []Endpoint {
	var ports []Endpoint
	for _, l := range t.Links {
		for _, e := range []Endpoint{l.A, l.B} {
			if e.Node == node {
				ports = append(ports, e)
			}
		}
	}
	return ports
}

// IsJunos reports whether a containerlab kind is a Junos platform.
func IsJunos(kind string) bool {
	return strings.HasPrefix(kind, "juniper_") || strings.HasPrefix(kind, "vr-juniper_") || kind == "cjunosevolved"
}

// IsJunos reports whether the node is a Junos router or switch.
func (n *Node) IsJunos() bool { return IsJunos(n.Kind) }

// IsGenerator reports whether the node is a port of the traffic generator.
func (n *Node) IsGenerator() bool { return n.Labels[LabelRole] == "generator" }
