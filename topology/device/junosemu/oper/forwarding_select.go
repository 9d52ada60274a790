package oper

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/shortprefix"
)

// forwardingFilter is the selection that a request makes: the entries of one
// destination, those within a prefix, those out of an interface.
func forwardingFilter(rpc *xmltree.Element) (func([]forwardingEntry) []forwardingEntry, error) {
	destination, exact, err := wantedPrefix(rpc.Value("destination"))
	if err != nil {
		return nil, err
	}
	within, _, err := wantedPrefix(rpc.Value("matching"))
	if err != nil {
		return nil, err
	}
	unit := rpc.Value("interface-name")
	return func(all []forwardingEntry) []forwardingEntry {
		if destination.IsValid() && !exact {
			destination = longestMatch(all, destination.Addr())
		}
		return slices.DeleteFunc(slices.Clone(all), func(e forwardingEntry) bool {
			switch {
			case rpc.Value("destination") == "default":
				return e.prefix.Bits() > 0
			case rpc.Has("destination") && e.prefix != destination:
				return true
			case within.IsValid() && (e.prefix.Bits() < within.Bits() || !within.Contains(e.prefix.Addr())):
				return true
			}
			return unit != "" && !slices.ContainsFunc(e.hops, func(h forwardingHop) bool { return h.via == unit })
		})
	}, nil
}

// wantedPrefix reads a prefix, or an address, which is not exact: what is meant
// is how packets to it are forwarded. Nothing and "default" are an invalid
// prefix.
func wantedPrefix(text string) (prefix netip.Prefix, exact bool, err error) {
	if text == "" || text == "default" {
		return prefix, false, nil
	}
	if a, err := netip.ParseAddr(text); err == nil {
		return netip.PrefixFrom(a, a.BitLen()), false, nil
	}
	if prefix, err = netip.ParsePrefix(shortprefix.Whole(text)); err != nil {
		return prefix, false, &Refusal{Message: "invalid prefix or address", BadElement: text}
	}
	return prefix.Masked(), true, nil
}

// longestMatch is the prefix of the entry that packets to an address take; an
// invalid one if there is none.
func longestMatch(all []forwardingEntry, to netip.Addr) netip.Prefix {
	var best netip.Prefix
	for _, e := range all {
		if e.prefix.Contains(to) && (!best.IsValid() || e.prefix.Bits() > best.Bits()) {
			best = e.prefix
		}
	}
	return best
}

// forwardingColumn are the widths of the columns of destinations and next hops;
// what is longer has a line of its own.
const forwardingColumn = 18

func forwardingText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, t := range reply.All("route-table") {
		fmt.Fprintf(&b, "Routing table: %s\n%s:\n", t.Value("table-name"), t.Value("address-family"))
		for _, s := range t.All("route-table-summary") {
			fmt.Fprintf(&b, "%10s: %6s routes\n", s.Value("route-table-type"), s.Value("route-count"))
		}
		if entries := t.All("rt-entry"); len(entries) > 0 {
			b.WriteString("Destination        Type RtRef Next hop           Type Index    NhRef Netif\n")
			for _, e := range entries {
				forwardingRow(&b, e)
			}
		}
		b.WriteByte('\n')
	}
	return b.String()
}

// forwardingRow prints an entry. Of its next hops all but the first have lines
// of their own.
func forwardingRow(b *strings.Builder, e *xmltree.Element) {
	head := fmt.Sprintf("%s %-4s %5s ", column(b, 0, e.Value("rt-destination")), e.Value("destination-type"), "")
	for _, h := range e.All("nh") {
		b.WriteString(head)
		to := column(b, len(head), h.Value("to"))
		line := fmt.Sprintf("%s %4s %8s %5s %s", to, h.Value("nh-type"), "", "", h.Value("via"))
		b.WriteString(strings.TrimRight(line, " ") + "\n")
		head = fmt.Sprintf("%30s", "")
	}
}

// column pads a text to the width of its column. A text that is too long ends
// its line, and what follows starts below, indented as far.
func column(b *strings.Builder, indent int, text string) string {
	if len(text) <= forwardingColumn {
		return fmt.Sprintf("%-*s", forwardingColumn, text)
	}
	fmt.Fprintln(b, text)
	return strings.Repeat(" ", indent+forwardingColumn)
}
