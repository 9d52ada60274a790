package intent

import (
	"fmt"
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A matcher turns the conditions of a filter's term to matches of nftables. All
// conditions must hold. Where one of two fields may fulfil a condition, there
// are several matches of which at most one holds for a packet, so that no packet
// is counted twice.
type matcher struct {
	c       *compiler
	from    *config.Node
	v6      bool
	matches []string // empty: no packet fulfils the term
}

// matches are the matches of a term.
func (c *compiler) filterMatches(from *config.Node, v6 bool) []string {
	m := &matcher{c: c, from: from, v6: v6, matches: []string{""}}
	m.addresses()
	m.protocols()
	m.ports()
	m.icmp()
	m.tcp()
	m.packet()
	m.interfaces()
	return m.matches
}

// and adds a condition to every match.
func (m *matcher) and(condition string) { m.split(condition) }

// split makes of every match one for each condition; only one of them may hold.
func (m *matcher) split(conditions ...string) {
	var out []string
	for _, match := range m.matches {
		for _, c := range conditions {
			out = append(out, strings.TrimSpace(match+" "+c))
		}
	}
	m.matches = out
}

// ip is the address family in nftables' words.
func (m *matcher) ip() string {
	if m.v6 {
		return "ip6"
	}
	return "ip"
}

// addresses adds the conditions on addresses. A list of addresses and a prefix
// list of one field are one list.
func (m *matcher) addresses() {
	source, destination := m.ip()+" saddr", m.ip()+" daddr"
	for _, field := range []struct {
		prefix string
		names  []string
	}{{"source-", []string{source}}, {"destination-", []string{destination}}, {"", []string{source, destination}}} {
		list, given := m.list(field.prefix)
		if !given {
			continue
		}
		ranges := matched(list)
		switch {
		case everything(ranges):
		case len(ranges) == 0:
			m.matches = nil
		default:
			m.either(field.names, rangeSet(ranges))
		}
	}
}

// either asks that one of the fields is in a set.
func (m *matcher) either(fields []string, set string) {
	if len(fields) == 1 {
		m.and(fields[0] + " " + set)
		return
	}
	m.split(fields[0]+" "+set, fields[0]+" != "+set+" "+fields[1]+" "+set)
}

// list reads the addresses and prefix lists of one field, "source-",
// "destination-" or "" for both.
func (m *matcher) list(field string) (list []listed, given bool) {
	for _, a := range m.from.Children(field + "address") {
		given = true
		p, err := netip.ParsePrefix(a.Key())
		if err != nil || p.Addr().Is6() != m.v6 {
			m.c.fail(m.from, field+"address "+a.Key(), "invalid address '"+a.Key()+"' for this family")
			continue
		}
		list = append(list, listed{p.Masked(), a.Has("except")})
	}
	for _, l := range m.from.Children(field + "prefix-list") {
		given = true
		defined := m.c.root.Lookup("policy-options", "prefix-list", l.Key())
		if defined == nil {
			m.c.fail(m.from, field+"prefix-list "+l.Key(), fmt.Sprintf("Referenced prefix-list '%s' is not defined", l.Key()))
		}
		for _, item := range defined.Children("prefix-list-item") {
			p, err := netip.ParsePrefix(item.Key())
			if err == nil && p.Addr().Is6() == m.v6 {
				list = append(list, listed{p.Masked(), l.Has("except")})
			}
		}
	}
	return list, given
}

// numbers adds the condition of a statement, and of its "-except" sister, on a
// numeric field.
func (m *matcher) numbers(statement, field string, names map[string]uint32, max uint32) {
	if spans := m.spans(statement, names, max); len(spans) > 0 {
		m.and(field + " " + spanSet(spans))
	}
	if spans := m.spans(statement+"-except", names, max); len(spans) > 0 {
		m.and(field + " != " + spanSet(spans))
	}
}

// spans reads the values of a statement.
func (m *matcher) spans(statement string, names map[string]uint32, max uint32) (spans []span) {
	for _, v := range m.from.Values(statement) {
		s, ok := fieldValue(v, names, max)
		if !ok {
			m.c.fail(m.from, statement, fmt.Sprintf("invalid value '%s'", v))
			continue
		}
		spans = append(spans, s)
	}
	return spans
}

func (m *matcher) protocols() {
	m.numbers("protocol", "meta l4proto", protocolNumbers, 255)
	m.numbers("payload-protocol", "meta l4proto", protocolNumbers, 255)
	m.numbers("next-header", "ip6 nexthdr", protocolNumbers, 255)
}

// withPorts are the protocols whose headers begin with ports: TCP, UDP, DCCP, SCTP.
const withPorts = "meta l4proto { 6, 17, 33, 132 }"

func (m *matcher) ports() {
	const source, destination = "th sport", "th dport"
	any := false
	for _, s := range []string{"port", "source-port", "destination-port"} {
		any = any || m.from.Has(s) || m.from.Has(s+"-except")
	}
	if !any {
		return
	}
	m.and(withPorts)
	m.numbers("source-port", source, portNumbers, 65535)
	m.numbers("destination-port", destination, portNumbers, 65535)
	if spans := m.spans("port", portNumbers, 65535); len(spans) > 0 {
		m.either([]string{source, destination}, spanSet(spans))
	}
	if spans := m.spans("port-except", portNumbers, 65535); len(spans) > 0 {
		m.and(source + " != " + spanSet(spans) + " " + destination + " != " + spanSet(spans))
	}
}

func (m *matcher) icmp() {
	protocol, types, codes := "icmp", icmpTypes, icmpCodes
	if m.v6 {
		protocol, types, codes = "icmpv6", icmp6Types, icmp6Codes
	}
	m.numbers("icmp-type", protocol+" type", types, 255)
	m.numbers("icmp-code", protocol+" code", codes, 255)
}

func (m *matcher) tcp() {
	expressions := m.from.Values("tcp-flags")
	if m.from.Has("tcp-established") {
		expressions = append(expressions[:len(expressions):len(expressions)], "ack | rst")
	}
	if m.from.Has("tcp-initial") {
		expressions = append(expressions[:len(expressions):len(expressions)], "syn & !ack")
	}
	for _, e := range expressions {
		condition, err := tcpFlags(e)
		switch {
		case err != nil:
			m.c.fail(m.from, "tcp-flags", err.Error())
		case condition == "":
			m.matches = nil
		default:
			m.and(condition)
		}
	}
}

// The parts of the field of RFC 791 that holds flags and offset.
const (
	fragmentOffset = "ip frag-off & 0x1fff"
	moreFragments  = "ip frag-off & 0x2000"
)

func (m *matcher) packet() {
	if m.from.Has("is-fragment") {
		m.and(fragmentOffset + " != 0")
	}
	if m.from.Has("first-fragment") {
		m.and(fragmentOffset + " == 0 " + moreFragments + " != 0")
	}
	m.numbers("fragment-offset", fragmentOffset, nil, 0x1fff)
	m.numbers("ttl", "ip ttl", nil, 255)
	m.numbers("hop-limit", "ip6 hoplimit", nil, 255)
	m.numbers("dscp", "ip dscp", dscpValues, 63)
	m.numbers("traffic-class", "ip6 dscp", dscpValues, 63)
	m.numbers("packet-length", "meta length", nil, 65535)
	m.precedence("precedence", "ip dscp ")
	m.precedence("precedence-except", "ip dscp != ")
}

// precedence is the upper three of the six bits of the DSCP.
func (m *matcher) precedence(statement, match string) {
	spans := m.spans(statement, precedenceValues, 7)
	for i := range spans {
		spans[i] = span{spans[i].low << 3, spans[i].high<<3 | 7}
	}
	if len(spans) > 0 {
		m.and(match + spanSet(spans))
	}
}

// interfaces adds the interfaces that a packet may have come in by.
func (m *matcher) interfaces() {
	var devices []string
	given := m.from.Children("interface")
	for _, i := range given {
		if u, ok := m.c.find(i.Key()); ok {
			for _, d := range m.c.devices(u) {
				devices = append(devices, fmt.Sprintf("%q", d))
			}
		}
	}
	switch {
	case len(given) == 0:
	case len(devices) == 0:
		m.matches = nil
	default:
		m.and("iifname { " + strings.Join(devices, ", ") + " }")
	}
}
