package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A protocolStatistic is a counter of "show system statistics": its element,
// the words after its value, and the kernel's name of it (RFC 4293, RFC 4022,
// RFC 4113 and proc(5)).
type protocolStatistic struct{ element, words, kernel string }

// statistics are the counters of each protocol that the kernel counts as Junos
// does. The others of Junos are left out.
var statistics = []struct {
	protocol string
	counters []protocolStatistic
}{
	{"tcp", []protocolStatistic{
		{"packets-sent", "packets sent", "TcpOutSegs"},
		{"sent-data-packets-retransmitted", "data packets retransmitted", "TcpRetransSegs"},
		{"packets-received", "packets received", "TcpInSegs"},
		{"received-discarded-for-bad-checksum", "discarded for bad checksums", "TcpInCsumErrors"},
		{"connection-requests", "connection requests", "TcpActiveOpens"},
		{"connection-accepts", "connection accepts", "TcpPassiveOpens"},
		{"bad-connection-attempts", "bad connection attempts", "TcpAttemptFails"},
		{"listen-queue-overflows", "listen queue overflows", "TcpExtListenOverflows"},
	}},
	{"udp", []protocolStatistic{
		{"datagrams-with-bad-checksum", "with bad checksum", "UdpInCsumErrors"},
		{"datagrams-dropped-due-to-no-socket", "dropped due to no socket", "UdpNoPorts"},
		{"datagrams-dropped-due-to-full-socket-buffers", "dropped due to full socket buffers", "UdpRcvbufErrors"},
		{"datagrams-delivered", "delivered", "UdpInDatagrams"},
		{"datagrams-output", "datagrams output", "UdpOutDatagrams"},
	}},
	{"ip", []protocolStatistic{
		{"packets-received", "total packets received", "IpInReceives"},
		{"fragments-received", "fragments received", "IpReasmReqds"},
		{"fragments-dropped-after-timeout", "fragments dropped after timeout", "IpReasmTimeout"},
		{"packets-reassembled-ok", "packets reassembled ok", "IpReasmOKs"},
		{"packets-for-this-host", "packets for this host", "IpInDelivers"},
		{"packets-for-unknown-or-unsupported-protocol", "packets for unknown/unsupported protocol", "IpInUnknownProtos"},
		{"packets-forwarded", "packets forwarded", "IpForwDatagrams"},
		{"packets-not-forwardable", "packets not forwardable", "IpInAddrErrors"},
		{"packets-sent-from-this-host", "packets sent from this host", "IpOutRequests"},
		{"output-packets-discarded-due-to-no-route", "output packets discarded due to no route", "IpOutNoRoutes"},
		{"output-datagrams-fragmented", "output datagrams fragmented", "IpFragOKs"},
		{"fragments-created", "fragments created", "IpFragCreates"},
		{"datagrams-that-can-not-be-fragmented", "datagrams that can't be fragmented", "IpFragFails"},
	}},
	{"icmp", []protocolStatistic{
		{"messages-with-bad-checksum", "messages with bad checksum", "IcmpInCsumErrors"},
		{"message-responses-generated", "message responses generated", "IcmpOutEchoReps"},
	}},
	{"arp", nil},
	{"ip6", []protocolStatistic{
		{"total-packets-received", "total packets received", "Ip6InReceives"},
		{"ip6-fragments-received", "fragments received", "Ip6ReasmReqds"},
		{"ip6-fragments-dropped-after-timeout", "fragments dropped after timeout", "Ip6ReasmTimeout"},
		{"ip6-packets-reassembled-ok", "packets reassembled ok", "Ip6ReasmOKs"},
		{"ip6-packets-for-this-host", "packets for this host", "Ip6InDelivers"},
		{"ip6-packets-forwarded", "packets forwarded", "Ip6OutForwDatagrams"},
		{"ip6-packets-not-forwardable", "packets not forwardable", "Ip6InNoRoutes"},
		{"ip6-packets-sent-from-this-host", "packets sent from this host", "Ip6OutRequests"},
		{"ip6-output-packets-discarded-due-to-no-route", "output packets discarded due to no route", "Ip6OutNoRoutes"},
		{"ip6-output-datagrams-fragmented", "output datagrams fragmented", "Ip6FragOKs"},
		{"ip6-fragments-created", "fragments created", "Ip6FragCreates"},
		{"ip6-datagrams-that-can-not-be-fragmented", "datagrams that can't be fragmented", "Ip6FragFails"},
	}},
	{"icmp6", []protocolStatistic{
		{"bad-checksums", "bad checksums", "Icmp6InCsumErrors"},
		{"icmp6-message-responses-generated", "message responses generated", "Icmp6OutEchoReplies"},
	}},
	{"mpls", nil},
}

// systemStatistics answers get-statistics-information: the counters of the
// protocols named, or of all.
func (r *Router) systemStatistics(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	out, err := r.Sensor.Exec(ctx, "cat", "/proc/net/snmp", "/proc/net/netstat", "/proc/net/snmp6")
	if err != nil {
		return nil, fmt.Errorf("/proc/net/snmp: %w", err)
	}
	kernel := kernelCounters(string(out))
	reply := xmltree.New("statistics")
	for _, s := range statistics {
		if len(rpc.Children) > 0 && !rpc.Has(s.protocol) {
			continue
		}
		e := xmltree.New(s.protocol)
		for _, c := range s.counters {
			if n, ok := kernel[c.kernel]; ok {
				e.Leaf(c.element, strconv.FormatUint(n, 10))
			}
		}
		reply.Add(e)
	}
	return reply, nil
}

// kernelCounters reads the two forms of /proc/net: a line of names ("Ip:
// Forwarding …") with a line of values below, and a name and a value a line.
// The counter InReceives of Ip is IpInReceives.
func kernelCounters(text string) map[string]uint64 {
	counters := map[string]uint64{}
	var names []string
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		switch {
		case len(fields) == 0:
		case !strings.HasSuffix(fields[0], ":"):
			if n, err := strconv.ParseUint(fields[len(fields)-1], 10, 64); err == nil && len(fields) == 2 {
				counters[fields[0]] = n
			}
		case len(names) != len(fields) || names[0] != fields[0]:
			names = fields
		default:
			for i, value := range fields[1:] {
				if n, err := strconv.ParseUint(value, 10, 64); err == nil {
					counters[strings.TrimSuffix(names[0], ":")+names[i+1]] = n
				}
			}
			names = nil
		}
	}
	return counters
}

func systemStatisticsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, s := range statistics {
		e := reply.Child(s.protocol)
		if e == nil {
			continue
		}
		fmt.Fprintf(&b, "%s:\n", s.protocol)
		for _, c := range s.counters {
			if n := e.Value(c.element); n != "" {
				fmt.Fprintf(&b, "%20s %s\n", n, c.words)
			}
		}
	}
	return b.String()
}
