package intent

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// A span is numbers from low to high, both included.
type span struct{ low, high uint32 }

// merge sorts spans and joins those that touch: nftables refuses sets whose
// elements overlap.
func merge(spans []span) []span {
	spans = slices.Clone(spans)
	slices.SortFunc(spans, func(a, b span) int { return cmp.Compare(a.low, b.low) })
	var out []span
	for _, s := range spans {
		if last := len(out) - 1; last >= 0 && s.low <= out[last].high+1 {
			out[last].high = max(out[last].high, s.high)
			continue
		}
		out = append(out, s)
	}
	return out
}

// spanSet is numbers in nftables' words: { 22, 1024-65535 }.
func spanSet(spans []span) string {
	var words []string
	for _, s := range merge(spans) {
		word := strconv.FormatUint(uint64(s.low), 10)
		if s.high > s.low {
			word += "-" + strconv.FormatUint(uint64(s.high), 10)
		}
		words = append(words, word)
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

// A listed is a prefix of a match condition.
type listed struct {
	prefix netip.Prefix
	except bool
}

// An addressRange is addresses from first to last, both included.
type addressRange struct{ first, last netip.Addr }

// matched are the addresses that a list of prefixes matches, as disjoint ranges
// in order. Of the prefixes that hold an address the longest decides, as in
// Junos; an address that none holds does not match. All are of one family.
func matched(list []listed) []addressRange {
	list = slices.Clone(list)
	slices.SortStableFunc(list, func(a, b listed) int {
		return cmp.Or(a.prefix.Addr().Compare(b.prefix.Addr()), a.prefix.Bits()-b.prefix.Bits())
	})
	var s sweep
	for _, l := range list {
		s.closeBefore(l.prefix.Addr())
		if len(s.open) > 0 && s.at.Less(l.prefix.Addr()) {
			s.emit(l.prefix.Addr().Prev())
		}
		s.at = l.prefix.Addr()
		s.open = append(s.open, l)
	}
	s.closeBefore(netip.Addr{})
	return s.out
}

// A sweep goes through the addresses from the lowest to the highest.
type sweep struct {
	open []listed   // prefixes that hold the address at, the longest last
	at   netip.Addr // the first address not yet decided
	out  []addressRange
}

// closeBefore leaves the prefixes that end before an address; all of them if it
// is the zero address.
func (s *sweep) closeBefore(a netip.Addr) {
	for len(s.open) > 0 {
		end := lastAddress(s.open[len(s.open)-1].prefix)
		if a.IsValid() && !end.Less(a) {
			return
		}
		if s.at.IsValid() && !end.Less(s.at) {
			s.emit(end)
			s.at = end.Next() // not valid after the very last address
		}
		s.open = s.open[:len(s.open)-1]
	}
}

// emit decides the addresses up to one by the longest open prefix.
func (s *sweep) emit(to netip.Addr) {
	if s.open[len(s.open)-1].except {
		return
	}
	if n := len(s.out); n > 0 && s.out[n-1].last.Next() == s.at {
		s.out[n-1].last = to
		return
	}
	s.out = append(s.out, addressRange{s.at, to})
}

// lastAddress is the highest address of a prefix.
func lastAddress(p netip.Prefix) netip.Addr {
	b := p.Addr().AsSlice()
	for bit := p.Bits(); bit < len(b)*8; bit++ {
		b[bit/8] |= 0x80 >> (bit % 8)
	}
	a, _ := netip.AddrFromSlice(b)
	return a
}

// rangeSet is addresses in nftables' words.
func rangeSet(ranges []addressRange) string {
	words := make([]string, len(ranges))
	for i, r := range ranges {
		words[i] = r.first.String()
		if r.last != r.first {
			words[i] += "-" + r.last.String()
		}
	}
	return "{ " + strings.Join(words, ", ") + " }"
}

// everything reports whether the ranges are all addresses there are.
func everything(ranges []addressRange) bool {
	return len(ranges) == 1 && !ranges[0].first.Prev().IsValid() && !ranges[0].last.Next().IsValid()
}
