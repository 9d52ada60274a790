package frr

import (
	"slices"
	"strings"
)

// canonical is a configuration without what FRR says or leaves out by itself,
// so that what is wanted can be held against what "show running-config" prints.
func canonical(daemon string, config *line) *line {
	c := config.clone()
	if daemon == bgpd && c.child(policyDelay) == nil {
		c.remove(func(l *line) bool { return l.has("bgp", "route-map", "delay-timer") })
		c.children = append([]*line{{text: policyDelay}}, c.children...)
	}
	simplify(c)
	return c
}

// policyDelay makes bgpd re-evaluate routes one second after a policy changed.
// Its default is five, and 0 means never.
const policyDelay = "bgp route-map delay-timer 1"

// simplify drops defaults and contexts that say nothing, innermost first.
func simplify(l *line) {
	for _, c := range l.children {
		if l.has("router", "bgp") && c.has("address-family", "ipv4", "unicast") && l.child("no bgp default ipv4-unicast") == nil {
			c.remove(func(n *line) bool { return isActivate(n) })
		}
		simplify(c)
	}
	l.remove(func(c *line) bool {
		return (isEmptied(c) && len(c.children) == 0) || isDefault(l.text, c.text)
	})
}

func isActivate(l *line) bool {
	words := l.words()
	return len(words) == 3 && words[0] == "neighbor" && words[2] == "activate"
}

// defaults lists, by kind of context, statements that FRR takes but does not
// print, because they are its defaults. "*" is any word.
var defaults = map[string][]string{
	"": {"ip forwarding", "ipv6 forwarding", "no ip forwarding", "no ipv6 forwarding"},
	"interface": {
		"ip ospf hello-interval 10", "ip ospf dead-interval 40", "ip ospf priority 1", "ip ospf retransmit-interval 5", "ip ospf transmit-delay 1",
		"ipv6 ospf6 hello-interval 10", "ipv6 ospf6 dead-interval 40", "ipv6 ospf6 priority 1", "ipv6 ospf6 retransmit-interval 5", "ipv6 ospf6 transmit-delay 1",
		"ipv6 ospf6 instance-id 0",
	},
	"router ospf":  {"timers throttle spf 0 50 5000", "timers lsa min-arrival 1000", "auto-cost reference-bandwidth 100000"},
	"router ospf6": {"timers throttle spf 0 50 5000", "timers lsa min-arrival 1000", "auto-cost reference-bandwidth 100000"},
	"router bgp":   {"bgp ebgp-requires-policy", "bgp default ipv4-unicast", "bgp network import-check", "bgp default local-preference 100"},
	"address-family": {
		"neighbor * send-community", "neighbor * send-community both", "neighbor * send-community all",
		"neighbor * send-community extended", "neighbor * send-community large", "maximum-paths 1", "maximum-paths ibgp 1",
	},
}

// isDefault reports whether a statement is in defaults.
func isDefault(context, text string) bool {
	words := strings.Fields(text)
	return slices.ContainsFunc(defaults[contextKind(context)], func(d string) bool {
		pattern := strings.Fields(d)
		if len(pattern) != len(words) {
			return false
		}
		_, ok := matchPattern(pattern, words)
		return ok
	})
}
