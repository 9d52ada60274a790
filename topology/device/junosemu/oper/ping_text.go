package oper

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

func pingText(rpc, reply *xmltree.Element) string {
	var b strings.Builder
	pingHead(&b, reply)
	if s := reply.Child("probe-results-summary"); rpc.Has("rapid") {
		received, _ := strconv.Atoi(s.Value("responses-received"))
		sent, _ := strconv.Atoi(s.Value("probes-sent"))
		fmt.Fprintln(&b, strings.Repeat("!", received)+strings.Repeat(".", max(0, sent-received)))
	} else {
		for _, p := range reply.All("probe-result") {
			pingProbe(&b, p)
		}
	}
	pingEnd(&b, reply)
	return b.String()
}

func pingHead(b *strings.Builder, reply *xmltree.Element) {
	size, _ := strconv.Atoi(reply.Value("packet-size"))
	fmt.Fprintf(b, "PING %s (%s): %d data bytes\n", reply.Value("target-host"), reply.Value("target-ip"), size)
}

func pingProbe(b *strings.Builder, p *xmltree.Element) {
	if !p.Has("probe-success") {
		fmt.Fprintf(b, "%s from %s\n", p.Value("probe-failure"), p.Value("ip-address"))
		return
	}
	fmt.Fprintf(b, "%s bytes from %s: icmp_seq=%s ttl=%s time=%s ms\n", p.Value("response-size"), p.Value("ip-address"),
		p.Value("sequence-number"), p.Value("time-to-live"), milliseconds(p.Value("rtt")))
}

func pingEnd(b *strings.Builder, reply *xmltree.Element) {
	if why := reply.Value("ping-failure"); why != "" && why != "no response" {
		fmt.Fprintf(b, "ping: %s\n", why)
	}
	s := reply.Child("probe-results-summary")
	fmt.Fprintf(b, "\n--- %s ping statistics ---\n%s packets transmitted, %s packets received, %s%% packet loss\n",
		reply.Value("target-host"), s.Value("probes-sent"), s.Value("responses-received"), s.Value("packet-loss"))
	if s.Has("rtt-minimum") {
		fmt.Fprintf(b, "round-trip min/avg/max/stddev = %s/%s/%s/%s ms\n", milliseconds(s.Value("rtt-minimum")),
			milliseconds(s.Value("rtt-average")), milliseconds(s.Value("rtt-maximum")), milliseconds(s.Value("rtt-stddev")))
	}
}

// A LivePing is the text of a ping that is shown while it goes on: what one
// request after another came to.
type LivePing struct {
	reply          *xmltree.Element // of the first request
	sent, received int
	times          []float64 // microseconds
}

// Add takes the reply to a ping RPC of one request and returns what there is
// to show of it.
func (l *LivePing) Add(reply *xmltree.Element) string {
	var b strings.Builder
	if l.reply == nil {
		l.reply = reply
		pingHead(&b, reply)
	}
	for _, p := range reply.All("probe-result") {
		if e := p.Child("sequence-number"); e != nil {
			e.Text = strconv.Itoa(l.sent)
		}
		if rtt, err := strconv.ParseFloat(p.Value("rtt"), 64); err == nil {
			l.received++
			l.times = append(l.times, rtt)
		}
		pingProbe(&b, p)
	}
	l.sent++
	return b.String()
}

// Statistics are the lines that end a ping.
func (l *LivePing) Statistics() string {
	if l.reply == nil {
		return ""
	}
	var b strings.Builder
	pingEnd(&b, xmltree.New("ping-results", pingTotals(l.sent, l.received, l.times)).
		Leaf("target-host", l.reply.Value("target-host")).LeafIf("ping-failure", l.reply.Value("ping-failure")))
	return b.String()
}
