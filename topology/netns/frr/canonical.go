package frr

import (
	"cmp"
	"slices"
	"strings"
)

// canonical is a configuration without what FRR says or leaves out by itself,
// so that what is wanted can be held against what "show running-config" prints.
func canonical(daemon string, config *line) *line {
	c := config.clone()
	if daemon == bgpd && c.child(policyDelay) == nil {
		c.remove(func(l *line) bool { return l.has("bgp", "route-map", "delay-timer") })
		c.add(policyDelay)
	}
	if daemon == zebra {
		c.remove(func(l *line) bool { return l.text == noNexthopObjects })
	}
	avoidPipes(c)
	joinLSPTimers(c)
	spellOutBFD(c)
	simplify(c)
	return c
}

// printed is a canonical configuration without the values that FRR holds but
// does not print.
func printed(config *line) *line {
	c := config.clone()
	for _, router := range c.children {
		if !router.has("router", "bgp") {
			continue
		}
		router.rename(printedBFD)
	}
	return c
}

// printedBFD leaves out the multiplier and intervals of a neighbor's BFD.
func printedBFD(l *line) string {
	words := l.words()
	if isNeighborBFD(l) && len(words) == 6 {
		return strings.Join(words[:3], " ")
	}
	return l.text
}

// recall puts the values that FRR does not print back into what it printed,
// from the configuration that it was last given.
func recall(running, given *line) *line {
	for _, router := range running.children {
		source := given.child(router.text)
		if source == nil {
			continue
		}
		full := map[string]string{}
		for _, g := range source.children {
			full[printedBFD(g)] = g.text
		}
		router.rename(func(l *line) string { return cmp.Or(full[l.text], l.text) })
	}
	return running
}

// avoidPipes writes a bar and a space in another way: in a command, a daemon
// takes these for a pipe to a filter. In a regular expression "[ ]" is the same
// as the space; a description loses it.
func avoidPipes(l *line) {
	for _, c := range l.children {
		avoidPipes(c)
	}
	l.rename(func(c *line) string {
		switch {
		case !strings.Contains(c.text, "| "):
			return c.text
		case listName(c.text) != "":
			return strings.ReplaceAll(c.text, "| ", "|[ ]")
		}
		return strings.ReplaceAll(c.text, "| ", "|")
	})
}

// spellOutBFD adds what a neighbor's BFD profile implies, as bgpd prints both.
func spellOutBFD(config *line) {
	for _, router := range config.children {
		if !router.has("router", "bgp") {
			continue
		}
		for _, l := range slices.Clone(router.children) {
			if words := l.words(); isNeighborBFD(l) && len(words) > 3 && words[3] == "profile" {
				router.add(strings.Join(words[:3], " "))
			}
		}
	}
}

// joinLSPTimers writes isisd's three LSP timers as the one statement that it
// prints for them. The defaults are isisd's.
func joinLSPTimers(config *line) {
	for _, router := range config.children {
		if !router.has("router", "isis") {
			continue
		}
		values := []struct{ statement, word, value string }{
			{"lsp-gen-interval", "gen-interval", "30"},
			{"lsp-refresh-interval", "refresh-interval", "900"},
			{"max-lsp-lifetime", "max-lifetime", "1200"},
		}
		found, joined := false, "lsp-timers"
		for _, v := range values {
			router.remove(func(l *line) bool {
				words := l.words()
				if len(words) != 2 || words[0] != v.statement {
					return false
				}
				v.value, found = words[1], true
				return true
			})
			joined += " " + v.word + " " + v.value
		}
		if found {
			router.add(joined)
		}
	}
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
		"isis hello-interval 3", "isis hello-multiplier 10", "isis metric 10", "isis circuit-type level-1-2", "isis priority 64",
		"isis csnp-interval 10", "isis psnp-interval 2",
	},
	"router ospf":  {"timers throttle spf 0 50 5000", "timers lsa min-arrival 1000", "auto-cost reference-bandwidth 100000"},
	"router ospf6": {"timers throttle spf 0 50 5000", "timers lsa min-arrival 1000", "auto-cost reference-bandwidth 100000"},
	"router isis":  {"lsp-timers gen-interval 30 refresh-interval 900 max-lifetime 1200", "is-type level-1-2", "metric-style wide"},
	"peer":         bfdDefaults,
	"profile":      bfdDefaults,
	"router bgp":   {"bgp ebgp-requires-policy", "bgp default ipv4-unicast", "bgp network import-check", "bgp default local-preference 100"},
	"address-family": {
		"neighbor * send-community", "neighbor * send-community both", "neighbor * send-community all",
		"neighbor * send-community extended", "neighbor * send-community large", "maximum-paths 1", "maximum-paths ibgp 1",
	},
}

var bfdDefaults = []string{"detect-multiplier 3", "receive-interval 300", "transmit-interval 300", "echo transmit-interval 50", "echo receive-interval 50"}

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
