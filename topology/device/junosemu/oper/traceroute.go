package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A tracing is what a traceroute request asks for.
type tracing struct {
	host    string
	maxHops int
	options []string // of the traceroute program, but for the hops
}

// readTracing reads a request.
func readTracing(rpc *xmltree.Element) (t tracing, err error) {
	if t.host, err = target(rpc, "host"); err != nil {
		return t, err
	}
	if t.maxHops, err = number(rpc, "ttl", 30, 1, 255); err != nil {
		return t, err
	}
	wait, err := number(rpc, "wait", 1, 1, 86400)
	if err != nil {
		return t, err
	}
	t.options = []string{"-w", strconv.Itoa(wait)}
	if rpc.Value("source") != "" {
		source, err := target(rpc, "source")
		if err != nil {
			return t, err
		}
		t.options = append(t.options, "-s", source)
	}
	return t, nil
}

// command runs the traceroute program: UDP probes, names never resolved.
func (t tracing) command(hops ...string) []string {
	argv := append([]string{"traceroute", "-n"}, hops...)
	return append(append(argv, t.options...), t.host)
}

// traceroute performs the traceroute RPC.
func (r *Router) traceroute(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	t, err := readTracing(rpc)
	if err != nil {
		return nil, err
	}
	output, err := r.Sensor.Exec(ctx, t.command("-m", strconv.Itoa(t.maxHops))...)
	if err != nil {
		return nil, err
	}
	return tracerouteResults(t.host, t.maxHops, string(output)), nil
}

// tracerouteResults reads traceroute's output into Junos's element. A line is
// a hop: its number, then for each probe an address (if it is another one than
// before) and a time, or a star.
func tracerouteResults(host string, maxHops int, output string) *xmltree.Element {
	reply := information("traceroute-results", "junos-probe-tests").
		Leaf("target-host", host).Leaf("target-ip", host).
		Leaf("packet-size", "52").Leaf("max-hop-index", strconv.Itoa(maxHops))
	reached := false
	for text := range strings.Lines(output) {
		fields := strings.Fields(text)
		if len(fields) < 2 {
			continue
		}
		if _, err := strconv.Atoi(fields[0]); err != nil {
			continue // the heading, or a message
		}
		hop := hopElement(fields)
		reached = reached || hop.Value("last-ip-address") == host
		reply.Add(hop)
	}
	if reached {
		return reply.Add(xmltree.New("traceroute-success"))
	}
	return reply.Leaf("traceroute-failure", "target not reached")
}

func hopElement(fields []string) *xmltree.Element {
	hop := xmltree.New("hop").Leaf("ttl-value", fields[0])
	last, index := "", 0
	var probes []*xmltree.Element
	for i, field := range fields[1:] {
		_, notAddress := netip.ParseAddr(field)
		switch {
		case notAddress == nil:
			last = field
		case field == "*":
			index++
			probes = append(probes, xmltree.New("probe-result").
				Leaf("probe-index", strconv.Itoa(index)).Leaf("probe-failure", "no response"))
		case field == "ms":
			ms, _ := strconv.ParseFloat(fields[i], 64) // the field before this one
			index++
			probes = append(probes, xmltree.New("probe-result").
				Leaf("probe-index", strconv.Itoa(index)).
				Add(xmltree.New("probe-success")).
				Leaf("ip-address", last).Leaf("host-name", last).Leaf("rtt", strconv.Itoa(int(ms*1000+0.5))))
		}
	}
	return hop.LeafIf("last-ip-address", last).LeafIf("last-host-name", last).Add(probes...)
}

func tracerouteText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "traceroute to %s (%s), %s hops max, %s byte packets\n", reply.Value("target-host"),
		reply.Value("target-ip"), reply.Value("max-hop-index"), reply.Value("packet-size"))
	for _, hop := range reply.All("hop") {
		hopText(&b, hop)
	}
	return b.String()
}

// hopText is the line of a hop: its addresses, and the time of each probe.
func hopText(b *strings.Builder, hop *xmltree.Element) {
	fmt.Fprintf(b, "%2s ", hop.Value("ttl-value"))
	last := ""
	for _, p := range hop.All("probe-result") {
		if p.Has("probe-failure") {
			b.WriteString(" *")
			continue
		}
		if ip := p.Value("ip-address"); ip != last {
			fmt.Fprintf(b, " %s (%s)", ip, ip)
			last = ip
		}
		fmt.Fprintf(b, "  %s ms", milliseconds(p.Value("rtt")))
	}
	b.WriteByte('\n')
}

// A LiveTraceroute asks for one hop after another, so that each can be seen
// when it is known.
type LiveTraceroute struct {
	router *Router
	tracing
	next    int // the hop to ask for
	reached bool
}

// LiveTraceroute prepares what a traceroute RPC asks for.
func (r *Router) LiveTraceroute(rpc *xmltree.Element) (*LiveTraceroute, error) {
	t, err := readTracing(rpc)
	if err != nil {
		return nil, err
	}
	views, err := r.asked(rpc, false)
	if err != nil {
		return nil, err
	}
	return &LiveTraceroute{router: views[0], tracing: t, next: 1}, nil
}

// Heading is the first line.
func (l *LiveTraceroute) Heading() string {
	return tracerouteText(nil, tracerouteResults(l.host, l.maxHops, ""))
}

// Done reports whether the host has answered, or no more hops are allowed.
func (l *LiveTraceroute) Done() bool { return l.reached || l.next > l.maxHops }

// Next asks for the next hop and returns its line.
func (l *LiveTraceroute) Next(ctx context.Context) (string, error) {
	ttl := strconv.Itoa(l.next)
	output, err := l.router.Sensor.Exec(ctx, l.command("-f", ttl, "-m", ttl)...)
	if err != nil {
		return "", err
	}
	l.next++
	reply := tracerouteResults(l.host, l.maxHops, string(output))
	l.reached = reply.Has("traceroute-success")
	hop := reply.Child("hop")
	if hop == nil {
		return "", &Refusal{Message: strings.TrimSpace(string(output))}
	}
	var b strings.Builder
	hopText(&b, hop)
	return b.String(), nil
}
