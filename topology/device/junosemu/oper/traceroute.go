package oper

import (
	"context"
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// traceroute performs the traceroute RPC with the traceroute program: UDP
// probes, names never resolved.
func (r *Router) traceroute(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	host, err := target(rpc, "host")
	if err != nil {
		return nil, err
	}
	hops, err := number(rpc, "ttl", 30, 1, 255)
	if err != nil {
		return nil, err
	}
	wait, err := number(rpc, "wait", 1, 1, 86400)
	if err != nil {
		return nil, err
	}
	argv := []string{"traceroute", "-n", "-m", strconv.Itoa(hops), "-w", strconv.Itoa(wait)}
	if rpc.Value("source") != "" {
		source, err := target(rpc, "source")
		if err != nil {
			return nil, err
		}
		argv = append(argv, "-s", source)
	}
	output, err := r.Sensor.Exec(ctx, append(argv, host)...)
	if err != nil {
		return nil, err
	}
	return tracerouteResults(host, hops, string(output)), nil
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
				Leaf("ip-address", last).Leaf("rtt", strconv.Itoa(int(ms*1000+0.5))))
		}
	}
	return hop.LeafIf("last-ip-address", last).LeafIf("last-host-name", last).Add(probes...)
}

func tracerouteText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "traceroute to %s (%s), %s hops max, %s byte packets\n", reply.Value("target-host"),
		reply.Value("target-ip"), reply.Value("max-hop-index"), reply.Value("packet-size"))
	for _, hop := range reply.All("hop") {
		fmt.Fprintf(&b, "%2s ", hop.Value("ttl-value"))
		last := ""
		for _, p := range hop.All("probe-result") {
			if p.Has("probe-failure") {
				b.WriteString(" *")
				continue
			}
			if ip := p.Value("ip-address"); ip != last {
				fmt.Fprintf(&b, " %s (%s)", ip, ip)
				last = ip
			}
			fmt.Fprintf(&b, "  %s ms", milliseconds(p.Value("rtt")))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
