package intent

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// term translates a term to rules of its filter's chain.
func (f *firewall) term(fl filter, t *config.Node) []string {
	matches := f.c.filterMatches(t.Child("from"), fl.v6)
	actions := f.actions(fl, t)
	for _, condition := range t.Child("from").All() {
		if !condition.Acted() {
			f.c.unacted(t, "without its condition "+condition.Name()+" the term would take other packets")
			return nil
		}
	}
	action := actions[0]
	if len(actions) > 1 {
		// The matches are tried once for all actions.
		chain := fl.object("term", t.Key())
		f.out.Chains = append(f.out.Chains, junosemu.FirewallChain{Name: chain, Rules: actions})
		action = "jump " + chain
	}
	var rules []string
	for _, match := range matches {
		if rule := strings.TrimSpace(match + " " + action); rule != "" {
			rules = append(rules, rule)
		}
	}
	return rules
}

// actions are the rules for the packets of a term: one, or several where some
// packets take another way than the rest. As in Junos, a term that says neither
// what becomes of a packet nor that the next term is tried accepts it.
func (f *firewall) actions(fl filter, t *config.Node) []string {
	then := t.Child("then")
	var rules, rule []string
	end := func() {
		if len(rule) > 0 {
			rules, rule = append(rules, strings.Join(rule, " ")), nil
		}
	}
	if name := then.Value("count"); name != "" {
		rule = append(rule, "counter name "+f.counter(fl, name))
	}
	if then.Has("log") {
		rule = append(rule, f.log(fl, then))
	}
	if name := then.Value("policer"); name != "" {
		if excess := f.police(fl, t, name); excess != "" {
			end()
			rules = append(rules, excess)
		}
	}
	rule = append(rule, f.mark(then, fl.v6)...)
	switch {
	case then.Has("discard"):
		rule = append(rule, "drop")
	case then.Value("reject", "message-type") == tcpReset:
		end()
		rules = append(rules, "meta l4proto 6 reject with tcp reset")
		rule = append(rule, f.reject(then, "", fl.v6))
	case then.Has("reject"):
		rule = append(rule, f.reject(then, then.Value("reject", "message-type"), fl.v6))
	case then.Has("next"):
	default:
		rule = append(rule, "accept")
	}
	end()
	if rules == nil {
		return []string{""}
	}
	return rules
}

// log has the term's packets noted, with what becomes of them.
func (f *firewall) log(fl filter, then *config.Node) string {
	f.out.Logs = true
	action := "A"
	switch {
	case then.Has("discard"):
		action = "D"
	case then.Has("reject"):
		action = "R"
	}
	// In nftables' strings nothing can stand for a quotation mark.
	name := strings.ReplaceAll(fl.node.Key()+fl.label, `"`, "'")
	return fmt.Sprintf(`log prefix "%s %s" group %d`, action, name, junosemu.FirewallLogGroup)
}

// counter is the counter of that name in a filter.
func (f *firewall) counter(fl filter, name string) string {
	object := fl.object("count", name)
	if !f.known[object] {
		f.known[object] = true
		f.out.Counters = append(f.out.Counters, object)
		fl.shown.Counters = append(fl.shown.Counters, junosemu.FilterCounter{Name: name + fl.label, Object: object})
	}
	return object
}

// mark sets the field of the IP header that a term wants set.
func (f *firewall) mark(then *config.Node, v6 bool) []string {
	statement, field := "dscp", "ip dscp set"
	if v6 {
		statement, field = "traffic-class", "ip6 dscp set"
	}
	value := then.Value(statement)
	if value == "" {
		return nil
	}
	s, ok := fieldValue(value, dscpValues, 63)
	if !ok || s.low != s.high {
		f.c.fail(then, statement, fmt.Sprintf("invalid value '%s'", value))
		return nil
	}
	return []string{fmt.Sprintf("%s %d", field, s.low)}
}

// What is sent back for a packet that is rejected, in nftables' words.
var (
	rejections = map[string]string{
		"": "icmp admin-prohibited", "administratively-prohibited": "icmp admin-prohibited",
		"host-prohibited": "icmp host-prohibited", "host-unreachable": "icmp host-unreachable",
		"network-prohibited": "icmp net-prohibited", "network-unreachable": "icmp net-unreachable",
		"port-unreachable": "icmp port-unreachable", "protocol-unreachable": "icmp prot-unreachable",
	}
	rejections6 = map[string]string{
		"": "icmpv6 admin-prohibited", "administratively-prohibited": "icmpv6 admin-prohibited",
		"address-unreachable": "icmpv6 addr-unreachable", "port-unreachable": "icmpv6 port-unreachable",
		"no-route": "icmpv6 no-route", "network-unreachable": "icmpv6 no-route",
	}
)

// tcpReset is the message type that answers TCP with a reset, and everything
// else as usual.
const tcpReset = "tcp-reset"

func (f *firewall) reject(then *config.Node, message string, v6 bool) string {
	kinds := rejections
	if v6 {
		kinds = rejections6
	}
	kind, ok := kinds[message]
	if !ok {
		f.c.fail(then, "reject", fmt.Sprintf("invalid value '%s'", message))
	}
	return "reject with " + kind
}

// police makes the rule that discards what is beyond a policer's rate;
// empty if there is none.
func (f *firewall) police(fl filter, t *config.Node, name string) string {
	then := t.Child("then")
	n := f.c.root.Lookup("firewall", "policer", name)
	if n == nil {
		f.c.fail(then, "policer", fmt.Sprintf("Referenced policer '%s' is not defined", name))
		return ""
	}
	if !n.Has("then", "discard") {
		f.c.unacted(then.Child("policer"), "a policer that does not discard changes nothing here")
		return ""
	}
	bits, bitsOK := rate(n.Value("if-exceeding", "bandwidth-limit"))
	burst, burstOK := rate(n.Value("if-exceeding", "burst-size-limit"))
	if !bitsOK || !burstOK {
		f.c.fail(n, "if-exceeding", "bandwidth-limit and burst-size-limit must be configured")
		return ""
	}
	f.c.warn(n.Lookup("if-exceeding", "burst-size-limit"), "the kernel lets a second's worth of the bandwidth pass on top of the burst")
	// Each term has a policer to itself, unless the policer is one for the filter.
	shown, parts := name+"-"+t.Key()+fl.label, []string{name, t.Key()}
	if n.Has("filter-specific") {
		shown, parts = name+fl.label, []string{name}
	}
	limit, counter := fl.object("police", parts...), fl.object("policed", parts...)
	if !f.known[limit] {
		f.known[limit] = true
		f.out.Policers = append(f.out.Policers, junosemu.FirewallPolicer{Name: limit, Rate: max(bits/8, 1), Burst: burst})
		f.out.Counters = append(f.out.Counters, counter)
		fl.shown.Policers = append(fl.shown.Policers, junosemu.FilterCounter{Name: shown, Object: counter})
	}
	return "limit name " + limit + " counter name " + counter + " drop"
}
