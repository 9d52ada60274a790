package junosemu

import (
	"net/netip"
	"slices"
)

// An AggregateIntent is an aggregate or generated route. It is active while
// some active, more specific route contributes to it.
type AggregateIntent struct {
	Prefix     netip.Prefix
	Preference int // 1 to 254
	Metric     int
	Reject     bool // packets are answered with an ICMP message, else dropped silently
	// Generate gives the route the next hops of its primary contributor, which
	// must have some, in place of Reject.
	Generate bool
	// Contributors decide which routes contribute: the first that matches. A
	// route that none matches does.
	Contributors []ContributorRule
}

// A ContributorRule accepts or rejects routes that have one of the protocols
// and one of the prefixes; either list may be empty, which is any.
type ContributorRule struct {
	Accept    bool
	Protocols []string // as in Contributor
	Prefixes  []PrefixRule
}

// A PrefixRule matches routes inside of Prefix with lengths from Low to High.
// Of the rules whose prefix contains a route, only the longest are asked.
type PrefixRule struct {
	Prefix    netip.Prefix
	Low, High int
	Action    string // "accept" or "reject" in place of what the rule says; usually empty
}

// A Contributor is an active route.
type Contributor struct {
	Prefix   netip.Prefix
	Protocol string // direct, static, ospf, isis, bgp, aggregate
	NextHops bool   // it has a gateway
}

// Takes tells whether a route contributes.
func (a AggregateIntent) Takes(c Contributor) bool {
	if c.Prefix.Bits() <= a.Prefix.Bits() || !a.Prefix.Contains(c.Prefix.Addr()) || a.Generate && !c.NextHops {
		return false
	}
	for _, r := range a.Contributors {
		if accept, matches := r.judge(c); matches {
			return accept
		}
	}
	return true
}

func (r ContributorRule) judge(c Contributor) (accept, matches bool) {
	if len(r.Protocols) > 0 && !slices.Contains(r.Protocols, c.Protocol) {
		return false, false
	}
	if len(r.Prefixes) == 0 {
		return r.Accept, true
	}
	longest := -1
	for _, p := range r.Prefixes {
		if p.covers(c.Prefix) {
			longest = max(longest, p.Prefix.Bits())
		}
	}
	for _, p := range r.Prefixes {
		if p.Prefix.Bits() == longest && p.covers(c.Prefix) && c.Prefix.Bits() >= p.Low && c.Prefix.Bits() <= p.High {
			return p.Action == "accept" || p.Action == "" && r.Accept, true
		}
	}
	return false, false
}

func (p PrefixRule) covers(c netip.Prefix) bool {
	return p.Prefix.Bits() <= c.Bits() && p.Prefix.Contains(c.Addr())
}
