package engine_test

import (
	"context"
	"net/netip"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// lab is two hosts and a Linux router between them:
//
//	a:eth1 10.0.1.2 --- 10.0.1.1 router 10.0.2.1 --- 10.0.2.2 eth1:b
type lab struct {
	a, router, b *porttest.Namespace
}

func newLab(t testing.TB) lab {
	l := lab{porttest.New(t), porttest.New(t), porttest.New(t)}
	porttest.Veth(t, l.a, "eth1", l.router, "left")
	porttest.Veth(t, l.b, "eth1", l.router, "right")
	l.router.Run(t, `
		sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1
		ip addr add 10.0.1.1/24 dev left
		ip addr add 10.0.2.1/24 dev right
		ip addr add 2001:db8:1::1/64 dev left nodad
		ip addr add 2001:db8:2::1/64 dev right nodad`)
	return l
}

// emulated are ports whose hosts the generator plays.
func (l lab) emulated() (from, to trafficgen.PortID) {
	return trafficgen.PortID{Node: "a", Device: "eth1", NetNS: l.a.Path,
			Address: netip.MustParsePrefix("10.0.1.2/24"), Gateway: netip.MustParseAddr("10.0.1.1"),
			Address6: netip.MustParsePrefix("2001:db8:1::2/64"), Gateway6: netip.MustParseAddr("2001:db8:1::1")},
		trafficgen.PortID{Node: "b", Device: "eth1", NetNS: l.b.Path,
			Address: netip.MustParsePrefix("10.0.2.2/24"), Gateway: netip.MustParseAddr("10.0.2.1"),
			Address6: netip.MustParsePrefix("2001:db8:2::2/64"), Gateway6: netip.MustParseAddr("2001:db8:2::1")}
}

// kernels are ports whose hosts are the kernel's.
func (l lab) kernels(t testing.TB) (from, to trafficgen.PortID) {
	l.a.Run(t, `
		ip addr add 10.0.1.2/24 dev eth1
		ip route add default via 10.0.1.1
		ip addr add 2001:db8:1::2/64 dev eth1 nodad
		ip route add default via 2001:db8:1::1`)
	l.b.Run(t, `
		ip addr add 10.0.2.2/24 dev eth1
		ip route add default via 10.0.2.1
		ip addr add 2001:db8:2::2/64 dev eth1 nodad
		ip route add default via 2001:db8:2::1`)
	return trafficgen.PortID{Node: "a", Device: "eth1", NetNS: l.a.Path}, trafficgen.PortID{Node: "b", Device: "eth1", NetNS: l.b.Path}
}

// engines are those for kernel ports, and how a stream says that they ran.
var engines = []struct {
	options engine.Options
	name    string
}{
	{engine.Options{Sends: engine.Live}, "live+bpf"},
	{engine.Options{Sends: engine.AFXDP}, "af-xdp+bpf"},
	{engine.Options{Sends: engine.SendMmsg}, "sendmmsg+bpf"},
	{engine.Options{Sends: engine.SendMmsg, Userspace: true}, "sendmmsg+tpacket-v3"},
}

// conform runs a test with every engine that there is for kernel ports. They
// are to differ in nothing but their speed.
func conform(t *testing.T, test func(t *testing.T, o engine.Options)) {
	for _, e := range engines {
		t.Run(e.name, func(t *testing.T) {
			if !e.options.Userspace {
				needBPF(t)
			}
			test(t, e.options)
		})
	}
}

// named is how a stream is to say that it was sent and counted, on a pair
// whose ends are both ports of the generator or anywhere else.
func named(o engine.Options, ends bool) string {
	if o.Sends == engine.Live && ends {
		return "live+xdp"
	}
	for _, e := range engines {
		if e.options.Sends == o.Sends && e.options.Userspace == o.Userspace {
			return e.name
		}
	}
	return "sendmmsg+bpf"
}

// needBPF skips a test where the kernel does not let this process count in it,
// or fails it when CI is true.
func needBPF(t *testing.T) {
	t.Helper()
	table, err := tally.New(1, nil)
	if err == nil {
		err = table.Close()
	}
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: %v", err)
	}
	if err != nil {
		t.Skipf("SKIPPED, NOT TESTED: %v", err)
	}
}

func run(t testing.TB, o engine.Options, s ...trafficgen.Stream) []trafficgen.Stats {
	t.Helper()
	all, err := engine.New(o).Run(t.Context(), s, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, st := range all {
		if want := named(o, false); st.Engine != want {
			t.Errorf("%s: sent and counted by %s, want %s", st.Stream, st.Engine, want)
		}
	}
	return all
}

// clean checks that every frame arrived once, in order, within reason, and
// that all left that were to. On a machine that is too busy fewer may leave,
// but then the generator must say so.
func clean(t *testing.T, st trafficgen.Stats, sent uint64) {
	t.Helper()
	if st.Sent != sent {
		if len(st.Faults) == 0 || st.Sent > sent {
			t.Errorf("%s: %d frames left, want %d", st.Stream, st.Sent, sent)
		}
		t.Logf("%s: this machine is too busy: %v", st.Stream, st.Faults)
	}
	if st.Received != st.Sent || st.Lost+st.Duplicate+st.Reordered+st.Corrupted+st.Misrouted != 0 {
		t.Errorf("%s: %+v, want no harm", st.Stream, st)
	}
	if l := st.Latency; l.Min <= 0 || l.Min > l.P50 || l.P50 > l.P99 || l.P99 > l.Max || l.Min > 5*time.Millisecond {
		t.Errorf("%s: implausible latency %+v", st.Stream, l)
	}
}

func TestThroughARouter(t *testing.T) { conform(t, throughARouter) }

func throughARouter(t *testing.T, o engine.Options) {
	v6 := netip.MustParseAddr("2001:db8:2::2")
	streams := func(from, to trafficgen.PortID) []trafficgen.Stream {
		return []trafficgen.Stream{
			{Name: "v4", From: from, To: to, Size: 64, Rate: 1000, Duration: time.Second},
			{Name: "v6", From: from, To: to, Dst: v6, Size: 512, Rate: 500, Duration: time.Second},
			{Name: "back", From: to, To: from, Size: 1518, Rate: 200, Duration: time.Second, DstPort: 7, Flows: 50},
		}
	}
	t.Run("emulated", func(t *testing.T) {
		l := newLab(t)
		for i, st := range run(t, o, streams(l.emulated())...) {
			clean(t, st, []uint64{1000, 500, 200}[i])
		}
	})
	t.Run("kernel", func(t *testing.T) {
		l := newLab(t)
		for i, st := range run(t, o, streams(l.kernels(t))...) {
			clean(t, st, []uint64{1000, 500, 200}[i])
		}
		out := l.b.Run(t, "cat /proc/self/net/snmp")
		if regexp.MustCompile(`(?m)^Icmp: \d+`).FindString(out) == "" {
			t.Fatal("no ICMP counters:", out)
		}
		if n := icmpUnreachables(t, out); n != 0 {
			t.Errorf("the receiver's kernel sent %d ICMP destination unreachable messages", n)
		}
	})
}

// icmpUnreachables is OutDestUnreachs of /proc/net/snmp.
func icmpUnreachables(t *testing.T, snmp string) int {
	t.Helper()
	m := regexp.MustCompile(`(?m)^Icmp: (.*OutDestUnreachs.*)\nIcmp: (.*)$`).FindStringSubmatch(snmp)
	if m == nil {
		t.Fatal("no OutDestUnreachs in", snmp)
	}
	for i, name := range regexp.MustCompile(`\S+`).FindAllString(m[1], -1) {
		if name == "OutDestUnreachs" {
			n, err := strconv.Atoi(regexp.MustCompile(`\S+`).FindAllString(m[2], -1)[i])
			if err != nil {
				t.Fatal(err)
			}
			return n
		}
	}
	return -1
}

// Loss equals what nftables says that it dropped, of UDP and of TCP.
func TestLossIsExact(t *testing.T) { conform(t, lossIsExact) }

func lossIsExact(t *testing.T, o engine.Options) {
	porttest.Need(t, "nft")
	l := newLab(t)
	from, to := l.emulated()
	l.router.Run(t, `
		nft add table ip t
		nft add counter ip t datagrams
		nft add counter ip t segments
		nft add chain ip t f { type filter hook forward priority 0 ; }`)
	// Learning frames, which have the top bit of the stream set, pass.
	l.router.Run(t, "nft add rule ip t f ip dscp 46 @th,96,1 0 numgen inc mod 7 == 3 counter name datagrams drop")
	l.router.Run(t, "nft add rule ip t f ip protocol tcp @th,192,1 0 numgen inc mod 5 == 1 counter name segments drop")
	tcp := []trafficgen.Layer{layer("eth"), layer("ip"), layer("tcp")}
	st := run(t, o,
		trafficgen.Stream{Name: "datagrams", From: from, To: to, Size: 128, Rate: 2000, Duration: 2 * time.Second, DSCP: 46},
		trafficgen.Stream{Name: "segments", From: from, To: to, Size: 256, Rate: 1000, Duration: 2 * time.Second, Layers: tcp},
		trafficgen.Stream{Name: "other", From: from, To: to, Size: 128, Rate: 500, Duration: 2 * time.Second})
	for _, lossy := range st[:2] {
		out := l.router.Run(t, "nft list counter ip t "+lossy.Stream)
		m := regexp.MustCompile(`packets (\d+)`).FindStringSubmatch(out)
		if m == nil {
			t.Fatal("no counter:", out)
		}
		dropped, _ := strconv.ParseUint(m[1], 10, 64)
		if lossy.Received+lossy.Lost != lossy.Sent || lossy.Lost == 0 || lossy.Lost != dropped {
			t.Errorf("%s: sent %d, received %d, lost %d; nftables dropped %d", lossy.Stream, lossy.Sent, lossy.Received, lossy.Lost, dropped)
		}
		for _, o := range lossy.Outages {
			if o.Frames != 1 {
				t.Errorf("%s: an outage of %d frames where single ones were dropped", lossy.Stream, o.Frames)
			}
		}
	}
	clean(t, st[2], 1000)
}

// A link that is down for a known time is an outage of that length.
func TestOutageIsTheLinksDownTime(t *testing.T) { conform(t, outageIsTheLinksDownTime) }

func outageIsTheLinksDownTime(t *testing.T, o engine.Options) {
	for _, cut := range []string{"right", "left"} { // the far link; the sender's own
		t.Run(cut, func(t *testing.T) {
			var down, up span
			st := calmly(t, func() (st trafficgen.Stats) {
				st, down, up = cutLink(t, o, cut)
				return st
			})
			margin := st.Uncertainty + 2*time.Millisecond // and the router's own time to notice
			least, most := up.from.Sub(down.to)-margin, up.to.Sub(down.from)+margin
			got := st.MaxOutage()
			t.Logf("outage %v ± %v; down for %v to %v", got, st.Uncertainty, least, most)
			if got < least || got > most+neighborRetry {
				t.Errorf("outage %v is not within %v to %v", got, least, most)
			}
			if at := st.Outages[0].Start; at.Before(down.from.Add(-margin)) || at.After(down.to.Add(margin)) {
				t.Errorf("the outage began at %v, the link went down between %v and %v", at, down.from, down.to)
			}
		})
	}
}

// A span is when something happened: between these times.
type span struct{ from, to time.Time }

// cutLink sends a stream and has one of the router's links be down for a while.
func cutLink(t *testing.T, o engine.Options, cut string) (st trafficgen.Stats, down, up span) {
	t.Helper()
	l := newLab(t)
	from, to := l.emulated()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	set := func(state string) (s span) {
		s.from = time.Now()
		l.router.Run(t, "ip link set "+cut+" "+state)
		s.to = time.Now()
		return s
	}
	phase := 0
	observe := func(st []trafficgen.Stats) {
		switch s := st[0]; {
		case phase == 0 && s.Received > 300:
			down = set("down")
			phase++
		case phase == 1 && s.MaxOutage() > 250*time.Millisecond:
			up = set("up")
			phase++
		case phase == 2 && s.CleanFor(up.to) > 100*time.Millisecond:
			cancel()
		}
	}
	all, err := engine.New(o).Run(ctx, []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 128, Rate: 1000}}, observe)
	if err != nil {
		t.Fatal(err)
	}
	if len(all[0].Outages) == 0 || phase != 2 {
		t.Fatalf("no outage: %+v", all[0])
	}
	return all[0], down, up
}

// calmly makes a measurement again, a few times, when the generator was at
// fault or put it in doubt, in want of a processor perhaps.
func calmly(t *testing.T, measure func() trafficgen.Stats) trafficgen.Stats {
	t.Helper()
	const times = 10
	for range times {
		st := measure()
		stood := st.StoodBeside()
		if excuses := append(st.Faults, st.Doubts()...); len(excuses) == 0 && (stood == 0 || len(st.Outages) == 0) {
			return st
		}
		t.Logf("this machine is too busy: faults %v, it stood still for %v beside losses", st.Faults, stood)
	}
	t.Fatalf("the generator was at fault %d times in a row", times)
	return trafficgen.Stats{}
}

// neighborRetry is how long the router may need to find the receiver again.
const neighborRetry = 50 * time.Millisecond
