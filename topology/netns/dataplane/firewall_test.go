package dataplane

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// A chain of routers is r1 - r2 - r3, of which r2 has the filters.
type chain struct {
	testing.TB
	r1, r2, r3 *frrtest.Node
}

// middle is r2's configuration without filters.
const middle = `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.12.2/24
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8:12::2/64
set interfaces ge-0/0/1 unit 0 family inet address 10.0.23.2/24
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8:23::2/64
set interfaces lo0 unit 0 family inet address 10.255.0.2/32
`

func newChain(t *testing.T) *chain {
	t.Helper()
	c := &chain{TB: t, r1: boot(t, "r1"), r2: boot(t, "r2"), r3: boot(t, "r3")}
	frrtest.Connect(t, c.r1, c.r2, "eth1", nil, nil)
	frrtest.Connect(t, c.r3, c.r2, "eth2", nil, nil)
	commit(t, c.r1, `
set interfaces ge-0/0/0 unit 0 family inet address 10.0.12.1/24
set interfaces ge-0/0/0 unit 0 family inet6 address 2001:db8:12::1/64
set routing-options static route 0.0.0.0/0 next-hop 10.0.12.2
set routing-options rib inet6.0 static route ::/0 next-hop 2001:db8:12::2
`)
	commit(t, c.r3, `
set interfaces ge-0/0/1 unit 0 family inet address 10.0.23.3/24
set interfaces ge-0/0/1 unit 0 family inet6 address 2001:db8:23::3/64
set routing-options static route 0.0.0.0/0 next-hop 10.0.23.2
set routing-options rib inet6.0 static route ::/0 next-hop 2001:db8:23::2
`)
	commit(t, c.r2, middle)
	for _, node := range []*frrtest.Node{c.r1, c.r2, c.r3} {
		node.Call(t, "Plane.Listen", 22, nil)
		node.Call(t, "Plane.Listen", 80, nil)
	}
	reaches(t, c.r1, "10.0.23.3")
	reaches(t, c.r1, "2001:db8:23::3")
	return c
}

func commit(t testing.TB, node *frrtest.Node, text string) {
	t.Helper()
	var outcome Outcome
	node.Call(t, "Plane.Commit", Junos{identity(node.Name), text}, &outcome)
	if outcome.Err != "" {
		t.Fatalf("%s: %s", node.Name, outcome.Err)
	}
}

// filters commits r2's filters.
func (c *chain) filters(text string) {
	c.Helper()
	commit(c, c.r2, middle+text)
}

// ping sends five pings at once and returns how many were answered, and the output.
func (c *chain) ping(from *frrtest.Node, arguments ...string) (answered int, output string) {
	c.Helper()
	from.Call(c, "Plane.Exec", append([]string{"ping", "-c5", "-i0.01", "-W1"}, arguments...), &output)
	_, rest, ok := strings.Cut(output, "packets transmitted, ")
	if _, err := fmt.Sscan(rest, &answered); !ok || err != nil {
		c.Fatalf("ping: %s", output)
	}
	return answered, output
}

func (c *chain) wantPing(from *frrtest.Node, to string, want int) (output string) {
	c.Helper()
	got, output := c.ping(from, to)
	if got != want {
		c.Errorf("%s pings %s: %d of 5 answered, want %d\n%s", from.Name, to, got, want, output)
	}
	return output
}

func (c *chain) wantDial(from *frrtest.Node, address, want string) {
	c.Helper()
	var heard string
	from.Call(c, "Plane.Dial", address, &heard)
	if heard != want {
		c.Errorf("%s connects to %s: %q, want %q", from.Name, address, heard, want)
	}
}

// counters are the packets of r2's counters by nftables' names.
func (c *chain) counters() map[string]int {
	c.Helper()
	var out string
	c.r2.Call(c, "Plane.Exec", []string{"nft", "-j", "list", "counters", "table", "inet", junosemu.FirewallTable}, &out)
	var listed struct {
		NFTables []struct {
			Counter struct {
				Name    string
				Packets int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &listed); err != nil {
		c.Fatalf("%v: %s", err, out)
	}
	counters := map[string]int{}
	for _, o := range listed.NFTables {
		if o.Counter.Name != "" {
			counters[o.Counter.Name] = o.Counter.Packets
		}
	}
	return counters
}

func (c *chain) wantCounter(name string, want int) {
	c.Helper()
	if got, ok := c.counters()[name]; !ok || got != want {
		c.Errorf("counter %s: %d (%v), want %d", name, got, ok, want)
	}
}

// What is for the router itself passes lo0's filter, whichever way it came;
// what it forwards does not.
func TestLoopbackFilter(t *testing.T) {
	c := newChain(t)
	c.filters(`
set interfaces lo0 unit 0 family inet filter input protect-re
set policy-options prefix-list managers 10.0.12.0/24
set firewall family inet filter protect-re term ssh from source-prefix-list managers
set firewall family inet filter protect-re term ssh from protocol tcp
set firewall family inet filter protect-re term ssh from destination-port ssh
set firewall family inet filter protect-re term ssh then accept
set firewall family inet filter protect-re term icmp from protocol icmp
set firewall family inet filter protect-re term icmp from icmp-type echo-request
set firewall family inet filter protect-re term icmp then count pings
set firewall family inet filter protect-re term web from destination-port http
set firewall family inet filter protect-re term web then reject tcp-reset
`)
	c.wantDial(c.r1, "10.255.0.2:22", "hello")
	c.wantDial(c.r3, "10.255.0.2:22", "silence")
	c.wantDial(c.r1, "10.255.0.2:80", "refused")
	c.wantDial(c.r1, "[2001:db8:12::2]:80", "hello") // the other family has no filter
	c.wantPing(c.r1, "10.255.0.2", 5)
	c.wantPing(c.r3, "10.0.12.2", 5)
	c.wantPing(c.r2, "10.0.12.1", 0) // the filter has no term for the answers
	c.wantPing(c.r2, "10.255.0.2", 5)
	c.wantCounter("filter.inet.protect-re.count.pings", 10)
	c.wantDial(c.r1, "10.0.23.3:80", "hello") // forwarded
	c.filters("")
	c.wantDial(c.r3, "10.255.0.2:22", "hello")
}

// An interface's input filter sees all that comes in by it, to the router and
// through it.
func TestInputFilter(t *testing.T) {
	c := newChain(t)
	c.filters(`
set interfaces ge-0/0/0 unit 0 family inet filter input edge
set firewall family inet filter edge term count from address 10.0.0.0/8
set firewall family inet filter edge term count from address 10.0.23.0/24 except
set firewall family inet filter edge term count then count ten
set firewall family inet filter edge term count then next term
set firewall family inet filter edge term own from destination-address 10.255.0.2/32
set firewall family inet filter edge term own then reject
set firewall family inet filter edge term ping from protocol icmp
set firewall family inet filter edge term ping then count pings
set firewall family inet filter edge term opened from tcp-established
set firewall family inet filter edge term opened then accept
`)
	if out := c.wantPing(c.r1, "10.255.0.2", 0); !strings.Contains(out, "Packet filtered") {
		t.Errorf("no message of ICMP: %s", out)
	}
	c.wantPing(c.r1, "10.0.23.3", 5)
	c.wantPing(c.r1, "10.0.12.2", 5)
	c.wantPing(c.r1, "2001:db8:23::3", 5)
	c.wantCounter("filter.inet.edge.count.ten", 15)
	c.wantCounter("filter.inet.edge.count.pings", 10)
	c.wantDial(c.r1, "10.0.23.3:80", "silence") // opened from the wrong side
	c.wantDial(c.r3, "10.0.12.1:80", "hello")
	c.wantDial(c.r1, "10.255.0.2:80", "unreachable")
}

// An output filter sees what is forwarded and what the router itself sends. A
// list of filters goes on where one ends, and has counters of its own.
func TestOutputFilterList(t *testing.T) {
	c := newChain(t)
	c.filters(`
set interfaces ge-0/0/1 unit 0 family inet filter output-list [ first second ]
set interfaces ge-0/0/1 unit 0 family inet6 filter output six
set firewall family inet filter first term mine from source-address 10.0.23.2/32
set firewall family inet filter first term mine then count mine
set firewall family inet filter second term pings from icmp-type [ echo-request echo-reply ]
set firewall family inet filter second term pings then count pings
set firewall family inet6 filter six term nd from icmp-type [ neighbor-solicit neighbor-advertisement ]
set firewall family inet6 filter six term nd then accept
set firewall family inet6 filter six term pings from payload-protocol icmp6
set firewall family inet6 filter six term pings from icmp-type echo-request
set firewall family inet6 filter six term pings then count pings
set firewall family inet6 filter six term pings then reject
`)
	c.wantPing(c.r1, "10.0.23.3", 5)
	c.wantPing(c.r2, "10.0.23.3", 5)
	c.wantDial(c.r1, "10.0.23.3:80", "silence")
	c.wantDial(c.r3, "10.0.12.1:80", "silence") // its answers do not come back
	c.wantCounter("filter.inet.first-ge-0_2f0_2f1_2e0-o.count.mine", 5)
	c.wantCounter("filter.inet.second-ge-0_2f0_2f1_2e0-o.count.pings", 5)
	if out := c.wantPing(c.r1, "2001:db8:23::3", 0); !strings.Contains(out, "Administratively prohibited") {
		t.Errorf("no message of ICMPv6: %s", out)
	}
	c.wantCounter("filter.inet6.six.count.pings", 5)
}

// A policer lets its rate and burst pass, and counts what it discards.
func TestPolicer(t *testing.T) {
	c := newChain(t)
	c.filters(`
set interfaces ge-0/0/0 unit 0 family inet filter input slow
set firewall policer kilobyte if-exceeding bandwidth-limit 8k
set firewall policer kilobyte if-exceeding burst-size-limit 2k
set firewall policer kilobyte then discard
set firewall family inet filter slow term pings from protocol icmp
set firewall family inet filter slow term pings then policer kilobyte
set firewall family inet filter slow term pings then count pings
`)
	passed, start := 0, time.Now()
	for range 4 {
		n, _ := c.ping(c.r1, "-s972", "10.0.23.3") // 1,000 bytes each
		passed += n
	}
	took := time.Since(start)
	if limit := 4000 + 1000*int(took/time.Second+1); passed < 2 || passed == 20 || passed*1000 > limit {
		t.Errorf("%d of 20,000 bytes passed a policer of 1,000 a second in %v", passed*1000, took)
	}
	c.wantCounter("filter.inet.slow.count.pings", 20)
	c.wantCounter("filter.inet.slow.policed.kilobyte.pings", 20-passed)
}

const counting = `
set interfaces ge-0/0/0 unit 0 family inet filter input counting
set firewall family inet filter counting term pings from protocol icmp
set firewall family inet filter counting term pings then count pings
set firewall family inet filter counting term rest then accept
`

// A commit that fails leaves the filters, and counters survive commits that are
// about something else.
func TestFiltersThroughCommits(t *testing.T) {
	c := newChain(t)
	c.filters(counting)
	c.wantPing(c.r1, "10.0.23.3", 5)
	before := nftRules(c)
	refused := router("2")
	refused.FRR["ospfd"] += " frobnicate\n"
	var outcome Outcome
	c.r2.Call(t, "Plane.Apply", refused, &outcome)
	if !outcome.Refused {
		t.Fatalf("Apply: %+v", outcome)
	}
	c.wantCounter("filter.inet.counting.count.pings", 0) // of the filters that went and came again

	c.wantPing(c.r1, "10.0.23.3", 5)
	unknown := router("2")
	unknown.Firewall = &junosemu.Firewall{Chains: []junosemu.FirewallChain{{Name: "x.y", Rules: []string{"ip saddr 10.0.0.1 accept", "frobnicate"}}}}
	c.r2.Call(t, "Plane.Apply", unknown, &outcome)
	if want := `nftables refused the firewall filters: "frobnicate": syntax error`; !strings.Contains(outcome.Err, want) {
		t.Errorf("Apply: %q, want %q", outcome.Err, want)
	}
	if after := nftRules(c); after != before {
		t.Errorf("after two refusals:\n%s\nbefore:\n%s", after, before)
	}
	c.filters(counting + "set firewall family inet filter other term x then count x\nset interfaces lo0 unit 0 family inet filter output other\n")
	c.wantCounter("filter.inet.counting.count.pings", 5)
	c.filters(counting)
	c.wantPing(c.r1, "10.0.23.3", 5)
	c.wantCounter("filter.inet.counting.count.pings", 10)
	if _, there := c.counters()["filter.inet.other.count.x"]; there {
		t.Error("the other filter is still there")
	}
}

// nftRules is what the kernel filters, without the counters' values.
func nftRules(c *chain) (out string) {
	c.Helper()
	c.r2.Call(c, "Plane.Exec", []string{"nft", "--stateless", "list", "ruleset"}, &out)
	if !strings.Contains(out, "chain") {
		c.Fatalf("no filters: %s", out)
	}
	return out
}

// A router that was switched off and on again finds its namespace's old filters.
func TestFiltersOfAnEarlierLife(t *testing.T) {
	c := newChain(t)
	c.filters("set interfaces ge-0/0/0 unit 0 family inet filter input none\nset firewall family inet filter none term x then discard\n")
	c.wantPing(c.r1, "10.0.23.3", 0)
	c.r2.Call(t, "Plane.Reboot", identity("r2"), nil)
	commit(t, c.r2, middle)
	frrtest.Eventually(t, func() string {
		if n, out := c.ping(c.r1, "10.0.23.3"); n != 5 {
			return out
		}
		return ""
	})
}

func BenchmarkFilters(b *testing.B) {
	r1 := boot(b, "r1")
	var text strings.Builder
	text.WriteString("set interfaces ge-0/0/0 unit 0 family inet address 10.0.12.1/24\nset interfaces ge-0/0/0 unit 0 family inet filter input big\n")
	for i := range 500 {
		fmt.Fprintf(&text, "set firewall family inet filter big term t%d from source-address 10.%d.%d.0/24\nset firewall family inet filter big term t%d then count c%d\n", i, i/256, i%256, i, i)
	}
	for i := 0; b.Loop(); i++ {
		commit(b, r1, text.String()+fmt.Sprintf("set firewall family inet filter big term last then count n%d\n", i))
	}
}

// What filters log is kept: the headers, and what became of the packet.
func TestFirewallLog(t *testing.T) {
	c := newChain(t)
	c.filters(`
set interfaces ge-0/0/0 unit 0 family inet filter input watch
set interfaces ge-0/0/1 unit 0 family inet6 filter output watch6
set firewall family inet filter watch term web from destination-port http
set firewall family inet filter watch term web then log
set firewall family inet filter watch term web then discard
set firewall family inet filter watch term rest then accept
set firewall family inet6 filter watch6 term pings from icmp-type echo-request
set firewall family inet6 filter watch6 term pings then log
set firewall family inet6 filter watch6 term rest then accept
`)
	c.wantDial(c.r1, "10.0.23.3:80", "silence")
	c.wantPing(c.r1, "10.0.23.3", 5)
	c.wantPing(c.r1, "2001:db8:23::3", 5)
	frrtest.Eventually(t, func() string {
		var entries []junosemu.FirewallLogEntry
		c.r2.Call(t, "Plane.Logged", struct{}{}, &entries)
		said := map[string]int{}
		for _, e := range entries {
			said[fmt.Sprintf("%s %s %s %d: %s to %s", e.Filter, e.Action, e.Device, e.Protocol, e.Source.Addr(), e.Destination)]++
		}
		web, pings := said["watch D eth1 6: 10.0.12.1 to 10.0.23.3:80"], said["watch6 A eth1 58: 2001:db8:12::1 to [2001:db8:23::3]:0"]
		if web < 1 || pings != 5 || len(said) != 2 {
			return fmt.Sprint(said)
		}
		return ""
	})
}
