package oper

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// terseLetters are the letters of protocols in "show route terse".
var terseLetters = map[string]string{
	"Direct": "D", "Local": "L", "Static": "S", "OSPF": "O", "OSPF3": "O", "IS-IS": "I", "BGP": "B", "Aggregate": "A", "Kernel": "K",
}

// terseRoutesText is one line a next hop.
func terseRoutesText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, t := range reply.All("route-table") {
		tableHead(&b, t)
		b.WriteString("+ = Active Route, - = Last Active, * = Both\n\n")
		fmt.Fprintf(&b, "A V %-18s P Prf   Metric 1   Metric 2  %-16s AS path\n", "Destination", "Next hop")
		for _, rt := range t.All("rt") {
			destination := rt.Value("rt-destination")
			for _, e := range rt.All("rt-entry") {
				terseEntry(&b, destination, e)
				destination = ""
			}
		}
	}
	return b.String()
}

func terseEntry(b *strings.Builder, destination string, e *xmltree.Element) {
	validity, metric1, metric2 := " ", e.Value("metric"), ""
	if e.Has("as-path") {
		validity, metric1, metric2 = "?", e.Value("local-preference"), e.Value("med")
	}
	active := e.Value("active-tag")
	if active == "" {
		active = " "
	}
	hops := terseHops(e)
	line := fmt.Sprintf("%s %s %-18s %s %3s %10s %10s  %-16s %s", active, validity, destination,
		terseLetters[e.Value("protocol-name")], e.Value("preference"), metric1, metric2, hops[0], e.Value("as-path"))
	b.WriteString(strings.TrimRight(line, " ") + "\n")
	for _, h := range hops[1:] {
		fmt.Fprintf(b, "%50s%s\n", "", h)
	}
}

// terseHops are the next hops of a route; at least one, which may be empty.
func terseHops(e *xmltree.Element) []string {
	var hops []string
	for _, nh := range e.All("nh") {
		mark := " "
		if nh.Has("selected-next-hop") {
			mark = ">"
		}
		switch to := nh.Value("to"); {
		case nh.Has("nh-local-interface"):
			hops = append(hops, " Local")
		case to != "":
			hops = append(hops, mark+to)
		default:
			hops = append(hops, mark+nh.Value("via"))
		}
	}
	if len(hops) == 0 {
		hops = append(hops, " "+e.Value("nh-type"))
	}
	return hops
}
