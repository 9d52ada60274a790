package oper

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// tableHead is the line that starts a routing table.
func tableHead(b *strings.Builder, t *xmltree.Element) {
	fmt.Fprintf(b, "\n%s: %s destinations, %s routes (%s active, %s holddown, %s hidden)\n",
		t.Value("table-name"), t.Value("destination-count"), t.Value("total-route-count"),
		t.Value("active-route-count"), t.Value("holddown-route-count"), t.Value("hidden-route-count"))
}

func routesText(rpc, reply *xmltree.Element) string {
	if rpc.Has("advertising-protocol-name") || rpc.Has("receive-protocol-name") {
		return exchangedText(rpc, reply)
	}
	if style(rpc) == "terse" {
		return terseRoutesText(reply)
	}
	var b strings.Builder
	detailed := style(rpc) == "detail" || style(rpc) == "extensive"
	for _, t := range reply.All("route-table") {
		tableHead(&b, t)
		if !detailed {
			b.WriteString("+ = Active Route, - = Last Active, * = Both\n\n")
		}
		for _, rt := range t.All("rt") {
			if detailed {
				detailText(&b, rt)
			} else {
				briefText(&b, rt)
			}
		}
	}
	return b.String()
}

// destinationWidth is the column where a route's flags start.
const destinationWidth = 19

func briefText(b *strings.Builder, rt *xmltree.Element) {
	head := rt.Value("rt-destination")
	if len(head) >= destinationWidth {
		fmt.Fprintln(b, head)
		head = ""
	}
	for _, e := range rt.All("rt-entry") {
		flag := e.Value("active-tag")
		if flag == "" {
			flag = " "
		}
		fmt.Fprintf(b, "%-*s%s[%s/%s] %s", destinationWidth, head, flag,
			e.Value("protocol-name"), e.Value("preference"), e.Value("age"))
		head = ""
		item := func(label, name string) {
			if v := e.Value(name); v != "" {
				fmt.Fprintf(b, ", %s %s", label, v)
			}
		}
		item("metric", "metric")
		item("tag", "rt-tag")
		item("MED", "med")
		item("localpref", "local-preference")
		if from := e.Value("learned-from"); from != "" && from != e.Value("nh", "to") {
			fmt.Fprintf(b, ", from %s", from)
		}
		b.WriteByte('\n')
		if e.Has("as-path") {
			fmt.Fprintf(b, "%22sAS path: %s, validation-state: %s\n", "", e.Value("as-path"), e.Value("validation-state"))
		}
		nextHopsText(b, e)
	}
}

func nextHopsText(b *strings.Builder, e *xmltree.Element) {
	for _, nh := range e.All("nh") {
		mark := " "
		if nh.Has("selected-next-hop") {
			mark = ">"
		}
		switch to := nh.Value("to"); {
		case nh.Has("nh-local-interface"):
			fmt.Fprintf(b, "%23sLocal via %s\n", "", nh.Value("nh-local-interface"))
		case to != "":
			fmt.Fprintf(b, "%20s%s  to %s via %s\n", "", mark, to, nh.Value("via"))
		default:
			fmt.Fprintf(b, "%20s%s  via %s\n", "", mark, nh.Value("via"))
		}
	}
	if kind := e.Value("nh-type"); kind == "Discard" || kind == "Reject" {
		fmt.Fprintf(b, "%23s%s\n", "", kind)
	}
}

func detailText(b *strings.Builder, rt *xmltree.Element) {
	announced := rt.Value("rt-announced-count")
	if announced == "" {
		announced = "0"
	}
	fmt.Fprintf(b, "%s/%s (%s, %s announced)\n", rt.Value("rt-destination"), rt.Value("rt-prefix-length"),
		rt.Child("rt-entry-count").Attr("junos:format"), announced)
	for _, e := range rt.All("rt-entry") {
		flag := e.Value("active-tag")
		if flag == "" {
			flag = " "
		}
		preference := e.Value("preference")
		if second := e.Value("preference2"); second != "" {
			preference += "/" + second
		}
		fmt.Fprintf(b, "        %s%-7sPreference: %s\n", flag, e.Value("protocol-name"), preference)
		line := func(label, value string) {
			if value != "" {
				fmt.Fprintf(b, "                %s: %s\n", label, value)
			}
		}
		line("Next hop type", e.Value("nh-type"))
		line("Source", e.Value("gateway"))
		for _, nh := range e.All("nh") {
			line("Next hop", detailHop(nh))
		}
		line("Protocol next hop", e.Value("protocol-nh", "to"))
		line("State", "<"+e.Value("rt-entry-state")+">")
		if peer := e.Value("peer-as"); peer != "" {
			line("Local AS", e.Value("local-as")+" Peer AS: "+peer)
		}
		metric := ""
		if m := e.Value("metric"); m != "" {
			metric = "\tMetric: " + m
		}
		line("Age", e.Value("age")+metric)
		line("Tag", e.Value("rt-tag"))
		line("Validation State", e.Value("validation-state"))
		line("AS path", strings.TrimPrefix(e.Value("as-path"), asPathLabel))
		var communities []string
		for _, c := range e.Child("communities").All("community") {
			communities = append(communities, c.Text)
		}
		line("Communities", strings.Join(communities, " "))
		if flag := e.Value("bgp-rt-flag"); flag != "" {
			fmt.Fprintf(b, "                %s\n", flag)
		}
		line("Localpref", e.Value("local-preference"))
		line("Router ID", e.Value("peer-id"))
	}
}

func detailHop(nh *xmltree.Element) string {
	if local := nh.Value("nh-local-interface"); local != "" {
		return "via " + local
	}
	text := "via " + nh.Value("via")
	if to := nh.Value("to"); to != "" {
		text = to + " " + text
	}
	if nh.Has("selected-next-hop") {
		text += ", selected"
	}
	return text
}

func routeSummaryText(_, reply *xmltree.Element) string {
	var b strings.Builder
	if id := reply.Value("router-id"); id != "" {
		fmt.Fprintf(&b, "Router ID: %s\n", id)
	}
	for _, t := range reply.All("route-table") {
		tableHead(&b, t)
		for _, p := range t.All("protocols") {
			fmt.Fprintf(&b, "%20s: %6s routes, %6s active\n", p.Value("protocol-name"),
				p.Value("protocol-route-count"), p.Value("active-route-count"))
		}
	}
	return b.String()
}
