package intent

import (
	"errors"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// rulesOf compiles one term of a filter f and returns the filter's rules.
func rulesOf(t *testing.T, family, commands string) []string {
	t.Helper()
	var text strings.Builder
	for line := range strings.Lines(strings.TrimSpace(commands)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "set ") {
			line = "set firewall family " + family + " filter f term t " + line
		}
		text.WriteString(line + "\n")
	}
	want := mustCompile(t, text.String())
	for _, c := range want.Firewall.Chains {
		if c.Name == "filter."+family+".f" {
			return c.Rules
		}
	}
	t.Fatalf("no chain in %+v", want.Firewall)
	return nil
}

func TestFilterTerms(t *testing.T) {
	for _, test := range []struct {
		name, family, commands string
		want                   []string
	}{
		{"nothing said", "inet", "then count c", []string{"counter name filter.inet.f.count.c accept"}},
		{"next term", "inet", "then next term\nthen count c", []string{"counter name filter.inet.f.count.c"}},
		{"discard", "inet", "from protocol [ tcp udp 47 ]\nthen discard", []string{"meta l4proto { 6, 17, 47 } drop"}},
		{"both addresses", "inet", "from source-address 10.0.0.0/8\nfrom destination-address 192.0.2.1\nthen reject",
			[]string{"ip saddr { 10.0.0.0-10.255.255.255 } ip daddr { 192.0.2.1 } reject with icmp admin-prohibited"}},
		{"either address", "inet", "from address 10.0.0.0/31\nthen accept", []string{
			"ip saddr { 10.0.0.0-10.0.0.1 } accept", "ip saddr != { 10.0.0.0-10.0.0.1 } ip daddr { 10.0.0.0-10.0.0.1 } accept"}},
		{"any address", "inet", "from source-address 0.0.0.0/0\nthen accept", []string{"accept"}},
		{"only exceptions", "inet", "from source-address 10.0.0.0/8 except\nthen accept", nil},
		{"prefix list and its exception", "inet", `
			set policy-options prefix-list nets 10.0.0.0/8
			set policy-options prefix-list nets 2001:db8::/32
			set policy-options prefix-list one 10.0.0.0/9
			from source-prefix-list nets
			from source-prefix-list one except
			then accept`, []string{"ip saddr { 10.128.0.0-10.255.255.255 } accept"}},
		{"prefix list of the other family", "inet6", `
			set policy-options prefix-list nets 10.0.0.0/8
			from source-prefix-list nets
			then accept`, nil},
		{"ports", "inet", "from destination-port [ ssh 8000-8080 8081 ]\nfrom source-port-except 1-1023\nthen accept",
			[]string{"meta l4proto { 6, 17, 33, 132 } th sport != { 1-1023 } th dport { 22, 8000-8081 } accept"}},
		{"ICMP", "inet", "from icmp-type unreachable\nfrom icmp-code fragmentation-needed\nthen accept",
			[]string{"icmp type { 3 } icmp code { 4 } accept"}},
		{"ICMPv6", "inet6", "from next-header icmp6\nfrom icmp-type packet-too-big\nfrom hop-limit 255\nthen traffic-class cs6\nthen accept",
			[]string{"ip6 nexthdr { 58 } icmpv6 type { 2 } ip6 hoplimit { 255 } ip6 dscp set 48 accept"}},
		{"flags", "inet", `from tcp-flags "syn & !ack"` + "\nthen discard", []string{"meta l4proto 6 tcp flags & 0x12 == { 2 } drop"}},
		{"impossible flags", "inet", `from tcp-flags "syn & !syn"` + "\nthen discard", nil},
		{"the header", "inet", "from precedence net-control\nfrom ttl-except 2-255\nfrom packet-length 0-99\nthen accept",
			[]string{"ip ttl != { 2-255 } meta length { 0-99 } ip dscp { 56-63 } accept"}},
		{"fragments", "inet", "from first-fragment\nthen discard", []string{"ip frag-off & 0x1fff == 0 ip frag-off & 0x2000 != 0 drop"}},
		{"interface", "inet", "set interfaces ge-0/0/1 unit 0 family inet\nfrom interface ge-0/0/1.0\nfrom interface ge-0/0/9.0\nthen accept",
			[]string{`iifname { "eth2" } accept`}},
		{"a condition that is not acted on", "inet", "from ip-options any\nthen accept", nil},
		{"log", "inet", "then log\nthen count c\nthen discard", []string{`counter name filter.inet.f.count.c log prefix "D f" group 1 drop`}},
		{"two ways", "inet", "then reject tcp-reset\nthen count c", []string{"jump filter.inet.f.term.t"}},
		{"several terms", "inet", "from protocol tcp\nset firewall family inet filter f term u then discard",
			[]string{"meta l4proto { 6 } accept", "drop"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, rulesOf(t, test.family, test.commands)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFiltersAreBound looks at what interfaces make of filters.
func TestFiltersAreBound(t *testing.T) {
	want := mustCompile(t, `
set interfaces ge-0/0/0 unit 0 family inet filter input shared
set interfaces ge-0/0/0 unit 0 family inet filter output-list [ shared own ]
set interfaces ge-0/0/1 unit 0 family inet filter input own
set interfaces ge-0/0/1 unit 0 family inet filter output own
set interfaces lo0 unit 0 family inet6 filter input six
set firewall filter shared term t then policer p
set firewall family inet filter own interface-specific
set firewall family inet filter own term t then count c
set firewall family inet6 filter six term t then accept
set firewall policer p filter-specific
set firewall policer p if-exceeding bandwidth-limit 8m
set firewall policer p if-exceeding burst-size-limit 64k
set firewall policer p then discard
`).Firewall
	var names []string
	for _, f := range want.Filters {
		for _, c := range append(f.Counters, f.Policers...) {
			names = append(names, f.Name+": "+c.Name)
		}
	}
	if diff := cmp.Diff([]string{
		"shared: p", "ge-0/0/0.0-o: c-ge-0/0/0.0-o", "ge-0/0/0.0-o: p-ge-0/0/0.0-o",
		"own-ge-0/0/1.0-i: c-ge-0/0/1.0-i", "own-ge-0/0/1.0-o: c-ge-0/0/1.0-o",
	}, names); diff != "" {
		t.Error(diff)
	}
	base := map[string][]string{}
	for _, c := range want.Chains {
		if c.Hook != "" {
			base[c.Hook] = c.Rules
		}
	}
	outgoing := []string{
		`oifname "eth1" meta nfproto ipv4 jump filter.inet.shared-ge-0_2f0_2f0_2e0-o`,
		`oifname "eth1" meta nfproto ipv4 jump filter.inet.own-ge-0_2f0_2f0_2e0-o`,
		`oifname "eth1" meta nfproto ipv4 drop`,
		`oifname "eth2" meta nfproto ipv4 jump filter.inet.own-ge-0_2f0_2f1_2e0-o`,
		`oifname "eth2" meta nfproto ipv4 drop`,
	}
	if diff := cmp.Diff(map[string][]string{
		"prerouting": {
			`iifname "eth1" meta nfproto ipv4 jump filter.inet.shared`, `iifname "eth1" meta nfproto ipv4 drop`,
			`iifname "eth2" meta nfproto ipv4 jump filter.inet.own-ge-0_2f0_2f1_2e0-i`, `iifname "eth2" meta nfproto ipv4 drop`,
		},
		"input":  {`iifname != "lo" meta nfproto ipv6 jump filter.inet6.six`, `iifname != "lo" meta nfproto ipv6 drop`},
		"output": outgoing, "forward": outgoing,
	}, base); diff != "" {
		t.Error(diff)
	}
	if p := want.Policers[0]; p != (junosemu.FirewallPolicer{Name: "filter.inet.shared.police.p", Rate: 1_000_000, Burst: 64_000}) {
		t.Errorf("policer: %+v", p)
	}
}

func TestRefusedFilters(t *testing.T) {
	const at = "[edit firewall family inet filter f term t "
	for _, test := range []struct{ commands, path, element, message string }{
		{"set interfaces ge-0/0/0 unit 0 family inet filter input nowhere",
			"[edit interfaces ge-0/0/0 unit 0 family inet]", "filter", "Referenced filter 'nowhere' is not defined"},
		{"set interfaces ge-0/0/0 unit 0 family inet6 filter input f",
			"[edit interfaces ge-0/0/0 unit 0 family inet6]", "filter", "Referenced filter 'f' is not defined"},
		{"set firewall family inet filter f term t then policer p", at + "then]", "policer", "Referenced policer 'p' is not defined"},
		{"set firewall family inet filter f term t from source-prefix-list p", at + "from]", "source-prefix-list p", "Referenced prefix-list 'p' is not defined"},
		{"set firewall family inet filter f term t from source-address 2001:db8::/32", at + "from]", "source-address 2001:db8::/32", "invalid address '2001:db8::/32' for this family"},
		{"set firewall family inet filter f term t from destination-port nowhere", at + "from]", "destination-port", "invalid value 'nowhere'"},
		{"set firewall family inet filter f term t from destination-port 65536", at + "from]", "destination-port", "invalid value '65536'"},
		{"set firewall family inet filter f term t from ttl 9-3", at + "from]", "ttl", "invalid value '9-3'"},
		{`set firewall family inet filter f term t from tcp-flags "syn &"`, at + "from]", "tcp-flags", `invalid tcp-flags expression 'syn &': no flag ""`},
		{"set firewall family inet filter f term t then reject rudely", at + "then]", "reject", "invalid value 'rudely'"},
		{"set firewall family inet filter f term t then dscp 64", at + "then]", "dscp", "invalid value '64'"},
		{"set firewall family inet filter f interface-specific\nset firewall family inet filter f term t from port x", at + "from]", "port", "invalid value 'x'"},
		{"set firewall policer p then discard\nset firewall family inet filter f term t then policer p",
			"[edit firewall policer p]", "if-exceeding", "bandwidth-limit and burst-size-limit must be configured"},
	} {
		_, _, err := compileText(t, "set firewall family inet filter f term t then accept\n"+test.commands)
		var errs config.ValidationErrors
		if !errors.As(err, &errs) || !slices.Contains(errs, config.ValidationError{Path: test.path, Element: test.element, Message: test.message}) {
			t.Errorf("%s: %+v", test.commands, err)
		}
	}
}

func TestFilterWarnings(t *testing.T) {
	_, warnings, err := compileText(t, `
set firewall family inet filter f term a from ip-options any
set firewall family inet filter f term b then syslog
set firewall family inet filter f term c then policer p
set firewall policer p if-exceeding bandwidth-limit 1m
set firewall policer p if-exceeding burst-size-limit 15k
set firewall policer p then loss-priority high
`)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, w := range warnings {
		got = append(got, w.Path)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{
		"firewall family inet filter f term a", "firewall family inet filter f term a from ip-options",
		"firewall family inet filter f term b then syslog", "firewall family inet filter f term c then policer",
		"firewall policer p then loss-priority",
	}, got); diff != "" {
		t.Error(diff)
	}
}

// TestLongestPrefixDecides compares ranges with a search through the list.
func TestLongestPrefixDecides(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		var list []listed
		for range random.IntN(8) {
			a := netip.AddrFrom4([4]byte{255, 255, 255, byte(random.IntN(256))})
			p, _ := a.Prefix(24 + random.IntN(9))
			if !slices.ContainsFunc(list, func(l listed) bool { return l.prefix == p }) {
				list = append(list, listed{p, random.IntN(2) == 0})
			}
		}
		ranges := matched(list)
		for i := range 256 {
			a := netip.AddrFrom4([4]byte{255, 255, 255, byte(i)})
			want, longest := false, -1
			for _, l := range list {
				if l.prefix.Contains(a) && l.prefix.Bits() > longest {
					want, longest = !l.except, l.prefix.Bits()
				}
			}
			got := slices.ContainsFunc(ranges, func(r addressRange) bool { return !a.Less(r.first) && !r.last.Less(a) })
			if got != want {
				t.Fatalf("%v: %v in %v: %v, want %v", list, a, ranges, got, want)
			}
		}
		for i := 1; i < len(ranges); i++ {
			if !ranges[i-1].last.Next().Less(ranges[i].first) {
				t.Fatalf("%v: ranges touch: %v", list, ranges)
			}
		}
	}
}

func TestTCPFlags(t *testing.T) {
	for expression, want := range map[string]string{
		"syn":                   "0x02 == { 2 }",
		"(syn | fin) & !ack":    "0x13 == { 1-3 }",
		"!(ack | rst)":          "0x14 == { 0 }",
		"0x12":                  "0x12 == { 18 }",
		"ack+push,urgent":       "0x38 == { 24, 32, 40, 48, 56 }",
		"syn & (!ack | urgent)": "0x32 == { 2, 34, 50 }",
	} {
		got, err := tcpFlags(expression)
		if err != nil || got != "meta l4proto 6 tcp flags & "+want {
			t.Errorf("%s: %q, %v; want %q", expression, got, err, want)
		}
	}
	for _, wrong := range []string{"", "sin", "syn ack", "(syn", "syn)", "0x40", "!", strings.Repeat("(", 1000)} {
		if got, err := tcpFlags(wrong); err == nil {
			t.Errorf("%s: %q, want an error", wrong, got)
		}
	}
}

// FuzzTCPFlags: whatever is written, there is a short answer and no panic.
func FuzzTCPFlags(f *testing.F) {
	for _, seed := range []string{"syn & !ack", "(ack|rst)", "!!!0x3f", "((("} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, expression string) {
		if match, err := tcpFlags(expression); err == nil && len(match) > 200 {
			t.Errorf("%q: %s", expression, match)
		}
	})
}
