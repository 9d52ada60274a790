package starter

import (
	"errors"
	"regexp"

	"github.com/ccl-lab/ccl/topology"
)

// ErrNoRouter means that a topology has no Junos node, so that there is nothing to
// test.
var ErrNoRouter = errors.New("the topology has no Junos node")

// planData is what the plan's template shows.
type planData struct {
	File, Name, Lab, Topology string
	Router                    string // the first
	Protocols                 []protocol
	Stream                    *stream // nil without two ends
}

// A protocol is a routing protocol that startup configurations speak of.
type protocol struct {
	ID, Check, Title string
	Nodes            []string
}

// A stream goes from one end of the lab to another.
type stream struct {
	Name, From, To string
	Hosts          bool   // they have addresses of their own
	Parallel       string // a link with another beside it, so that it can be cut; may be empty
}

// Plan returns a plan of first checks for a topology.
func Plan(path string, t *topology.Topology) (File, error) {
	d := planData{File: path, Name: nameOf(path, "plan"), Lab: t.Name, Topology: from(path, t.File)}
	if d.Name == "plan" {
		d.Name = t.Name
	}
	for _, n := range t.Nodes {
		if n.IsJunos() {
			d.Router = n.Name
			break
		}
	}
	if d.Router == "" {
		return File{}, ErrNoRouter
	}
	d.Protocols, d.Stream = protocols(t), ends(t)
	return fill("plan.yaml", path, d)
}

// known are the protocols that the starter has a case for, with how Junos's
// configuration, in set commands or in braces, names them.
var known = []struct {
	protocol
	named *regexp.Regexp
}{
	{protocol{ID: "OSPF", Check: "ospf", Title: "All OSPF adjacencies are full"}, regexp.MustCompile(`protocols ospf |(?m)^\s*ospf \{`)},
	{protocol{ID: "ISIS", Check: "isis", Title: "All IS-IS adjacencies are up"}, regexp.MustCompile(`protocols isis |(?m)^\s*isis \{`)},
	{protocol{ID: "BGP", Check: "bgp", Title: "All BGP sessions are established"}, regexp.MustCompile(`protocols bgp |(?m)^\s*bgp \{`)},
}

func protocols(t *topology.Topology) (found []protocol) {
	for _, k := range known {
		p := k.protocol
		for _, n := range t.Nodes {
			if n.IsJunos() && k.named.MatchString(n.StartupConfig) {
				p.Nodes = append(p.Nodes, n.Name)
			}
		}
		if len(p.Nodes) > 0 {
			found = append(found, p)
		}
	}
	return found
}

// ends chooses two ends for a stream: ports of the generator, else hosts.
func ends(t *topology.Topology) *stream {
	var ports, hosts []string
	for _, n := range t.Nodes {
		switch {
		case len(t.Ports(n.Name)) != 1 || n.IsJunos():
		case n.IsGenerator():
			ports = append(ports, n.Name)
		case n.Kind == "linux":
			hosts = append(hosts, n.Name)
		}
	}
	pair := hosts
	if len(ports) >= 2 {
		pair = ports
	}
	if len(pair) < 2 {
		return nil
	}
	s := &stream{From: pair[0], To: pair[len(pair)-1], Hosts: len(ports) < 2, Parallel: parallel(t)}
	s.Name = s.From + "-" + s.To
	return s
}

// parallel is the end of a link between routers that have two, "" if none have.
func parallel(t *topology.Topology) string {
	between := map[[2]string]string{}
	for _, l := range t.Links {
		a, b := l.A.Node, l.B.Node
		if t.Node(a) == nil || t.Node(b) == nil || !t.Node(a).IsJunos() || !t.Node(b).IsJunos() {
			continue
		}
		pair := [2]string{min(a, b), max(a, b)}
		if first, twice := between[pair]; twice {
			return first
		}
		between[pair] = l.A.String()
	}
	return ""
}
