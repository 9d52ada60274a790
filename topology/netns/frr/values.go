package frr

import "strings"

// valued lists, by kind of context, the statements of which FRR holds one at a
// time: sending a new value replaces the old one, and a "no" in between would
// only flap what depends on it. In a pattern "*" is any word that tells two
// statements apart (a neighbor's address), "_" any word of the value that stands
// before a word that does; whatever follows the pattern is value.
// Statements that FRR refuses to overwrite (ip ospf area, for one) are missing
// on purpose: they are removed first. So are flags, which have no value.
var valued = map[string][]string{
	"": {
		"ip router-id", "ipv6 router-id", "router-id",
		"ip prefix-list * seq *", "ipv6 prefix-list * seq *",
		"bgp route-map delay-timer", "zebra route-map delay-timer",
		"ip protocol *", "ipv6 protocol *",
	},
	"interface": {
		"description", "bandwidth",
		"ip ospf cost", "ip ospf hello-interval", "ip ospf dead-interval", "ip ospf network", "ip ospf priority",
		"ip ospf retransmit-interval", "ip ospf transmit-delay", "ip ospf authentication-key",
		"ipv6 ospf6 cost", "ipv6 ospf6 hello-interval", "ipv6 ospf6 dead-interval", "ipv6 ospf6 network", "ipv6 ospf6 priority",
		"ipv6 ospf6 retransmit-interval", "ipv6 ospf6 transmit-delay",
		"isis circuit-type", "isis metric", "isis hello-interval", "isis hello-multiplier", "isis priority", "isis csnp-interval", "isis psnp-interval",
		"vrrp * priority", "vrrp * advertisement-interval",
	},
	"router ospf": {
		"ospf router-id", "timers throttle spf", "timers throttle lsa all", "timers lsa min-arrival",
		"auto-cost reference-bandwidth", "default-metric", "maximum-paths", "distance", "redistribute *", "default-information originate",
	},
	"router ospf6": {
		"ospf6 router-id", "timers throttle spf", "timers lsa min-arrival",
		"auto-cost reference-bandwidth", "maximum-paths", "distance", "redistribute *", "default-information originate",
	},
	"router isis": {
		"is-type", "metric-style", "lsp-timers", "spf-interval", "lsp-mtu", "hostname",
	},
	"router bgp": {
		"bgp router-id", "bgp cluster-id", "bgp confederation identifier", "bgp default local-preference", "timers bgp",
		"bgp graceful-restart restart-time", "bgp graceful-restart stalepath-time",
		"neighbor * timers connect", "neighbor * timers", "neighbor * remote-as", "neighbor * description", "neighbor * update-source",
		"neighbor * ebgp-multihop", "neighbor * ttl-security hops", "neighbor * local-as", "neighbor * password", "neighbor * advertisement-interval",
		"neighbor * bfd profile", "neighbor * bfd",
	},
	"address-family": {
		"neighbor * route-map _ in", "neighbor * route-map _ out", "neighbor * prefix-list _ in", "neighbor * prefix-list _ out",
		"neighbor * filter-list _ in", "neighbor * filter-list _ out",
		"neighbor * weight", "neighbor * allowas-in", "neighbor * default-originate",
		"redistribute *", "network *", "distance bgp", "maximum-paths ibgp", "maximum-paths",
	},
	"route-map": {
		"description", "call", "on-match",
		"match ip address prefix-list", "match ip address prefix-len", "match ip address", "match ipv6 address prefix-list", "match ipv6 address prefix-len", "match ipv6 address",
		"match ip next-hop prefix-list", "match ip next-hop address", "match community", "match large-community", "match as-path", "match interface",
		"match local-preference", "match metric", "match tag", "match origin", "match peer", "match source-protocol", "match route-type",
		"set local-preference", "set metric", "set metric-type", "set tag", "set weight", "set origin", "set community", "set large-community", "set comm-list",
		"set as-path prepend", "set as-path exclude", "set ip next-hop", "set ipv6 next-hop global", "set ipv6 next-hop", "set distance", "set src",
	},
	"peer": {
		"detect-multiplier", "receive-interval", "transmit-interval", "echo transmit-interval", "echo receive-interval", "minimum-ttl", "profile",
	},
	"profile": {
		"detect-multiplier", "receive-interval", "transmit-interval", "echo transmit-interval", "echo receive-interval", "minimum-ttl",
	},
}

// valueKey is what two statements of a context have in common when the later
// replaces the earlier; empty when both can stand.
func valueKey(context, text string) string {
	words := strings.Fields(text)
	if context == "" && isRoute(&line{text: text}) {
		return routeKey(words)
	}
	for _, pattern := range valued[contextKind(context)] {
		if key, ok := matchPattern(strings.Fields(pattern), words); ok {
			return key
		}
	}
	return ""
}

// matchPattern reports whether words begin as the pattern does, and returns the
// words that are not value. A statement without a value does not match.
func matchPattern(pattern, words []string) (string, bool) {
	if len(words) < len(pattern) {
		return "", false
	}
	var key []string
	for i, p := range pattern {
		switch {
		case p == "_":
		case p == "*" || p == words[i]:
			key = append(key, words[i])
		default:
			return "", false
		}
	}
	return strings.Join(key, " "), true
}

// contextKind is the key of valued for a context's opening statement.
func contextKind(context string) string {
	words := strings.Fields(context)
	switch {
	case len(words) == 0:
		return ""
	case words[0] == "router" && len(words) > 1:
		return "router " + words[1]
	}
	return words[0]
}
