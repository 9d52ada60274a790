package testplans

import (
	"fmt"

	"github.com/ccl-lab/ccl/topology"
)

// Fault breaks or repairs something in the lab: exactly one of the first four
// says what.
type Fault struct {
	Link     string    `json:"link,omitempty"` // endpoint, r1:ge-0/0/0
	Process  *Process  `json:"process,omitempty"`
	Node     string    `json:"node,omitempty"`
	Sessions *Sessions `json:"sessions,omitempty"`
	// State is what becomes of it. Of a link: down, lossy, up; of a process:
	// killed, running; of a node: restarted, off, on; of sessions: cleared.
	State string  `json:"state"`
	Loss  float64 `json:"loss,omitempty"` // of a lossy link: the share of frames lost in each direction
}

// Whole is the state in which nothing is broken, "" if there is none to be
// brought into: a node that restarts and sessions that are cleared come back by
// themselves.
func (f *Fault) Whole() string {
	switch {
	case f.Link != "":
		return "up"
	case f.Process != nil:
		return "running"
	case f.Node != "" && f.State != "restarted":
		return "on"
	}
	return ""
}

// Process names a routing process of a node in Junos's or FRR's words:
// routing (all of it), bgpd, ospfd, …
type Process struct {
	Node string `json:"node"`
	Name string `json:"name"`
}

// Sessions are those of one routing protocol on a node.
type Sessions struct {
	Node     string `json:"node"`
	Protocol string `json:"protocol"`           // bgp, ospf, ospf3, isis
	Neighbor string `json:"neighbor,omitempty"` // as Junos names it; all when empty
}

// sessionKinds are the protocols whose sessions can be cleared: the command
// that does it, and what the sessions are called.
var sessionKinds = map[string]struct{ command, noun string }{
	"bgp":   {"clear bgp neighbor", "BGP session"},
	"ospf":  {"clear ospf neighbor", "OSPF adjacency"},
	"ospf3": {"clear ospf3 neighbor", "OSPFv3 adjacency"},
	"isis":  {"clear isis adjacency", "IS-IS adjacency"},
}

// Command is the Junos command that clears the sessions.
func (s *Sessions) Command() string {
	if s.Neighbor == "" {
		return sessionKinds[s.Protocol].command
	}
	return sessionKinds[s.Protocol].command + " " + s.Neighbor
}

var faultShape = &shape{
	name: "fault",
	doc:  "Something broken or repaired on purpose.",
	fields: []field{
		{key: "link", is: linkEnd, doc: "Either end of a link: r1:ge-0/0/0."},
		{key: "process", is: processShape, doc: "A routing process of a node."},
		{key: "node", is: router, doc: "A router as a whole. A restart ends when it has gone down; wait-until waits for it to come back."},
		{key: "sessions", is: sessionsShape, doc: "Sessions of a routing protocol, which then come up again."},
		{key: "state", is: oneOf("down", "lossy", "up", "killed", "running", "restarted", "off", "on", "cleared"), required: true,
			doc: "Of a link: down, lossy or up. Of a process: killed or running. Of a node: restarted, off or on. Of sessions: cleared."},
		{key: "loss", is: fraction, with: []string{"link"}, doc: "Of a lossy link: the share of frames that are lost at random, in each direction: 5%."},
	},
	choose: []choice{{keys: []string{"link", "process", "node", "sessions"}}},
	finish: func(d *decoder, o *object) any {
		for key, states := range faultStates {
			if o.has(key) && oneOf(states...).read(d, o.at["state"]) == nil {
				return nil
			}
		}
		switch lossy := o.text("state") == "lossy"; {
		case lossy && !o.has("loss"):
			d.mistake(o.at["state"], "say loss: 5%", "how much does the lossy link lose?")
			return nil
		case !lossy && o.has("loss"):
			d.mistake(o.keys["loss"], "say state: lossy", "a link that is %s has no loss", o.text("state"))
			return nil
		}
		return o.values
	},
}

// faultStates are the states that each thing can be brought into.
var faultStates = map[string][]string{
	"link": {"down", "lossy", "up"}, "process": {"killed", "running"}, "node": {"restarted", "off", "on"}, "sessions": {"cleared"},
}

var processShape = &shape{
	name: "process",
	doc:  "A routing process.",
	fields: []field{
		{key: "node", is: router, required: true, doc: "The node it runs on."},
		{key: "name", is: processName, required: true, doc: "routing is all of it; bgpd, ospfd, … one daemon where the platform has several."},
	},
}

// processName is routing, Junos's rpd, or one of FRR's daemons.
var processName = oneOf("routing", "rpd", "zebra", "bgpd", "ospfd", "ospf6d", "isisd", "bfdd", "staticd", "ripd", "ripngd", "ldpd", "pimd")

var sessionsShape = &shape{
	name: "sessions",
	doc:  "Sessions or adjacencies of a routing protocol.",
	fields: []field{
		{key: "node", is: router, required: true, doc: "The node that drops them."},
		{key: "protocol", is: oneOf("bgp", "ospf", "ospf3", "isis"), required: true, doc: "Whose sessions they are."},
		{key: "neighbor", is: givenName, doc: "Only with this neighbor: its address, in IS-IS its system name. All of them unless said."},
	},
	finish: func(d *decoder, o *object) any {
		if o.has("neighbor") && o.text("protocol") == "ospf3" {
			d.mistake(o.keys["neighbor"], "leave it out", "OSPFv3 adjacencies are cleared all together, not by neighbor")
			return nil
		}
		return o.values
	},
}

// sentence describes the step for people.
func (f *Fault) sentence(t *topology.Topology) string {
	switch {
	case f.Process != nil:
		verb := map[string]string{"killed": "Kill", "running": "Start"}[f.State]
		name := f.Process.Name
		if name == "routing" {
			name = "the routing processes"
		}
		return fmt.Sprintf("%s %s on %s", verb, name, f.Process.Node)
	case f.Node != "":
		return map[string]string{"restarted": "Restart ", "off": "Switch off ", "on": "Switch on "}[f.State] + f.Node
	case f.Sessions != nil:
		return f.Sessions.sentence()
	case f.State == "lossy":
		return fmt.Sprintf("Lose %.3g %% of the frames on the link %s", 100*f.Loss, linkName(f.Link, t))
	}
	verb := map[string]string{"down": "Cut", "up": "Restore"}[f.State]
	return fmt.Sprintf("%s the link %s", verb, linkName(f.Link, t))
}

func (s *Sessions) sentence() string {
	noun := sessionKinds[s.Protocol].noun
	if s.Neighbor != "" {
		return fmt.Sprintf("Clear the %s of %s with %s", noun, s.Node, s.Neighbor)
	}
	return fmt.Sprintf("Clear every %s of %s", noun, s.Node)
}
