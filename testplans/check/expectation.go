package check

// An expectation is one kind of check.
type expectation interface {
	kind() string     // its keyword in a plan
	queries() []Query // the look-ups that answer it, node by node
	sentence() string // what it wants to see
	judge(c *court)   // finds what is so and what is not
}

// expectation is the one that is set, nil if none is.
func (s *Spec) expectation() expectation {
	switch {
	case s.BGP != nil:
		return s.BGP
	case s.OSPF != nil:
		return s.OSPF
	case s.ISIS != nil:
		return s.ISIS
	case s.BFD != nil:
		return s.BFD
	case s.VRRP != nil:
		return s.VRRP
	case s.LLDP != nil:
		return s.LLDP
	case s.Route != nil:
		return s.Route
	case s.Interface != nil:
		return s.Interface
	case s.Version != nil:
		return s.Version
	case s.Config != nil:
		return s.Config
	case s.RPC != nil:
		return s.RPC
	case s.Command != nil:
		return s.Command
	case s.Since != nil:
		return s.Since
	case s.JSNAPy != nil:
		return s.JSNAPy
	}
	return nil
}

func (*BGP) kind() string       { return "bgp" }
func (*OSPF) kind() string      { return "ospf" }
func (*ISIS) kind() string      { return "isis" }
func (*BFD) kind() string       { return "bfd" }
func (*VRRP) kind() string      { return "vrrp" }
func (*LLDP) kind() string      { return "lldp" }
func (*Route) kind() string     { return "route" }
func (*Interface) kind() string { return "interface" }
func (*Version) kind() string   { return "version" }
func (*Config) kind() string    { return "config" }
func (*RPC) kind() string       { return "rpc" }
func (*Command) kind() string   { return "command" }

// Kind is the check's keyword in a plan.
func (s *Spec) Kind() string {
	if e := s.expectation(); e != nil {
		return e.kind()
	}
	return ""
}

// Snapshot is the name of the snapshot that the check compares with, "" if with
// none. Its evidence goes to Judge too, marked by Then.
func (s *Spec) Snapshot() string {
	switch {
	case s.Since != nil:
		return s.Since.Snapshot
	case s.JSNAPy != nil:
		return s.JSNAPy.Snapshot
	}
	return ""
}

// Queries are the look-ups that answer the check, node by node. Their
// evidence goes to Judge.
func (s *Spec) Queries() []Query {
	if e := s.expectation(); e != nil {
		return e.queries()
	}
	return nil
}

// Sentence says what the check wants to see, to be read after "Check that" or
// "until": "r1 and r2 each have 2 OSPF neighbors in state Full".
func (s *Spec) Sentence() string {
	if e := s.expectation(); e != nil {
		return e.sentence()
	}
	return "nothing is checked"
}
