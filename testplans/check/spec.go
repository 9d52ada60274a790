package check

// A Spec is one check of a plan: exactly one of the pointers is set.
type Spec struct {
	BGP       *BGP       `json:"bgp,omitempty"`
	OSPF      *OSPF      `json:"ospf,omitempty"`
	ISIS      *ISIS      `json:"isis,omitempty"`
	BFD       *BFD       `json:"bfd,omitempty"`
	VRRP      *VRRP      `json:"vrrp,omitempty"`
	LLDP      *LLDP      `json:"lldp,omitempty"`
	Route     *Route     `json:"route,omitempty"`
	Interface *Interface `json:"interface,omitempty"`
	Version   *Version   `json:"version,omitempty"`
	Config    *Config    `json:"config,omitempty"`
	RPC       *RPC       `json:"rpc,omitempty"`
	Command   *Command   `json:"command,omitempty"`
	Since     *Since     `json:"since,omitempty"`
	JSNAPy    *JSNAPy    `json:"jsnapy,omitempty"`
}

// Nodes names one node or several; in YAML either "node: r1" or "nodes: [r1, r2]".
type Nodes []string

// BGP checks the sessions of nodes.
type BGP struct {
	Nodes    Nodes  `json:"nodes"`
	Neighbor string `json:"neighbor,omitempty"`  // one peer's address; all peers when empty
	State    string `json:"state,omitempty"`     // established (default), idle, active, …
	Count    Bound  `json:"neighbors,omitempty"` // how many sessions are in that state
	Received Bound  `json:"received,omitempty"`  // prefixes received from the neighbor
	Family   string `json:"family,omitempty"`    // inet (default), inet6
}

// OSPF checks the adjacencies of nodes, OSPFv2 or (Version 3) OSPFv3.
type OSPF struct {
	Nodes     Nodes  `json:"nodes"`
	Version   int    `json:"version,omitempty"`   // 2 when zero
	Neighbors Bound  `json:"neighbors,omitempty"` // how many are in that state; empty: all, at least one
	Interface string `json:"interface,omitempty"` // only this one
	State     string `json:"state,omitempty"`     // full (default), 2way, …
}

// ISIS checks the adjacencies of nodes.
type ISIS struct {
	Nodes     Nodes  `json:"nodes"`
	Neighbors Bound  `json:"neighbors,omitempty"` // how many are in that state; empty: all, at least one
	Interface string `json:"interface,omitempty"` // only this one
	Level     int    `json:"level,omitempty"`     // 1 or 2; both when zero
	State     string `json:"state,omitempty"`     // up (default), down, initializing, …
}

// BFD checks the sessions of nodes.
type BFD struct {
	Nodes     Nodes  `json:"nodes"`
	Neighbor  string `json:"neighbor,omitempty"`  // one peer's address; all peers when empty
	Interface string `json:"interface,omitempty"` // only this one
	Sessions  Bound  `json:"sessions,omitempty"`  // how many are in that state; empty: all, at least one
	State     string `json:"state,omitempty"`     // up (default), down, init, admindown
}

// VRRP checks which routers are masters of their groups.
type VRRP struct {
	Nodes     Nodes  `json:"nodes"`
	Interface string `json:"interface,omitempty"` // only this one
	Group     int    `json:"group,omitempty"`     // only this one; all when zero
	State     string `json:"state"`               // master, backup, init
}

// LLDP checks who is at the other end of a link.
type LLDP struct {
	Nodes     Nodes  `json:"nodes"`
	Interface string `json:"interface"`
	Neighbor  string `json:"neighbor"`       // its system name, with a domain or without
	Port      string `json:"port,omitempty"` // its port's ID or description
}

// Route checks what a node knows about a destination.
type Route struct {
	Nodes     Nodes  `json:"nodes"`
	Prefix    string `json:"prefix"`             // with its length: 10.0.2.0/24
	Table     string `json:"table,omitempty"`    // inet.0, inet6.0; from the prefix when empty
	Protocol  string `json:"protocol,omitempty"` // ospf, bgp, static, direct, …
	NextHop   string `json:"next-hop,omitempty"` // of the active route, any of several equal ones; or discard, reject, receive
	Via       string `json:"via,omitempty"`      // outgoing interface
	LocalPref Bound  `json:"local-preference,omitempty"`
	Metric    Bound  `json:"metric,omitempty"`
	ASPath    string `json:"as-path,omitempty"` // regular expression over the path as Junos prints it
	Community string `json:"community,omitempty"`
	// Absent says that there must be no active route, or none with the
	// Protocol, NextHop and Via that are given.
	Absent bool `json:"absent,omitempty"`
}

// Interface checks one interface of a node.
type Interface struct {
	Nodes   Nodes  `json:"nodes"`
	Name    string `json:"name"`
	State   string `json:"state,omitempty"` // up (default), down
	MTU     Bound  `json:"mtu,omitempty"`
	Errors  Bound  `json:"errors,omitempty"`  // input and output errors together
	Address string `json:"address,omitempty"` // must be configured on it
}

// Version checks what software a node runs.
type Version struct {
	Nodes   Nodes  `json:"nodes"`
	Release string `json:"release,omitempty"` // regular expression
	Model   string `json:"model,omitempty"`   // regular expression
}

// Config checks the committed configuration of a node, in set form.
type Config struct {
	Nodes    Nodes    `json:"nodes"`
	Contains []string `json:"contains,omitempty"` // statements, without "set"
	Lacks    []string `json:"lacks,omitempty"`
}

// RPC checks any operational RPC's reply with an XPath.
type RPC struct {
	Nodes Nodes  `json:"nodes"`
	Name  string `json:"rpc"`   // element name or whole XML
	XPath string `json:"xpath"` // what is selected must exist
	Test  Test   `json:"test"`
}

// Command checks the text of a CLI command with a regular expression. If it
// has a group, Test is applied to the first group of every match. Without an
// expression Test is applied to the whole output.
type Command struct {
	Nodes   Nodes  `json:"nodes"`
	Run     string `json:"run"`
	Matches string `json:"matches,omitempty"`
	Test    Test   `json:"test,omitzero"`
}

// A Test compares selected values with an operator, named as JSNAPy names
// them. An empty operator asks only that something was selected.
type Test struct {
	Op   string   `json:"op,omitempty"` // is-equal, not-equal, is-gt, is-lt, in-range, contains, is-in, exists, count, …
	Args []string `json:"args,omitempty"`
}
