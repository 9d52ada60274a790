package procedure_test

import (
	"context"
	"fmt"
	"net/netip"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A path is two emulated hosts with a Linux router between them.
//
//	a:eth1 10.0.1.2 --- 10.0.1.1 router 10.0.2.1 --- 10.0.2.2 eth1:b
type path struct {
	a, router, b *porttest.Namespace
	from, to     trafficgen.PortID
}

func newPath(t testing.TB) path {
	p := path{a: porttest.New(t), router: porttest.New(t), b: porttest.New(t)}
	porttest.Veth(t, p.a, "eth1", p.router, "left")
	porttest.Veth(t, p.b, "eth1", p.router, "right")
	p.router.Run(t, `
		sysctl -q net.ipv4.ip_forward=1
		ip addr add 10.0.1.1/24 dev left
		ip addr add 10.0.2.1/24 dev right`)
	p.from = trafficgen.PortID{Node: "a", Device: "eth1", NetNS: p.a.Path,
		Address: netip.MustParsePrefix("10.0.1.2/24"), Gateway: netip.MustParseAddr("10.0.1.1")}
	p.to = trafficgen.PortID{Node: "b", Device: "eth1", NetNS: p.b.Path,
		Address: netip.MustParsePrefix("10.0.2.2/24"), Gateway: netip.MustParseAddr("10.0.2.1")}
	return p
}

func (p path) stream(fps float64) []trafficgen.Stream {
	return []trafficgen.Stream{{Name: "s", From: p.from, To: p.to, Rate: fps}}
}

// police has the router drop what is more than a rate of counted frames.
func (p path) police(t *testing.T, fps, burst int) {
	porttest.Need(t, "nft")
	p.router.Run(t, `
		nft add table ip t
		nft add chain ip t f { type filter hook forward priority 0 ; }`)
	p.router.Run(t, fmt.Sprintf("nft add rule ip t f @th,96,1 0 limit rate over %d/second burst %d packets drop", fps, burst))
}

// The search finds a policer's rate. A machine that is too busy to offer it
// says so instead.
func TestThroughputOfAPolicer(t *testing.T) {
	p := newPath(t)
	const truth = 1500
	p.police(t, truth, 20)
	r := measure(t, engine.New(engine.Options{}), Throughput, Options{Streams: p.stream(4000), Sizes: []int{64}, Trial: time.Second})
	row := r.Rows[0]
	t.Logf("%.0f fps after %d trials, tester limited: %q", row.Throughput.FPS, len(row.Trials), row.TesterLimited)
	// The burst lets 20 frames more pass in a trial.
	if row.Throughput.FPS > (truth+20)*1.015 || row.Throughput.FPS < truth*0.985 && row.TesterLimited == "" {
		t.Errorf("%.0f fps, want %d", row.Throughput.FPS, truth)
		for _, tr := range row.Trials {
			t.Logf("%+v", tr)
		}
	}
}

// The search finds the rate of the kernel's token bucket filter for each frame
// size, and back-to-back what its queue holds.
func TestShaperOfTheKernel(t *testing.T) {
	porttest.Need(t, "tc")
	p := newPath(t)
	// tbf counts a frame without its FCS: 508 bytes, a token of 4,064 bits. Its
	// queue is a FIFO of 50 frames.
	const size, truth, queue = 512, 1000, 50
	p.router.Run(t, fmt.Sprintf("tc qdisc add dev right root tbf rate %dbit burst 2540 limit %d", truth*(size-4)*8, queue*(size-4)))
	gen := engine.New(engine.Options{})
	r := measure(t, gen, Throughput, Options{Streams: p.stream(2000), Sizes: []int{size}, Trial: time.Second, Resolution: 0.02})
	row := r.Rows[0]
	t.Logf("throughput %.1f fps in %d trials, tester limited: %q", row.Throughput.FPS, len(row.Trials), row.TesterLimited)
	// 5 frames of burst and 50 of queue go beyond the rate in a trial of 1 s.
	if row.Throughput.FPS > (truth+55)*1.02 || row.Throughput.FPS < truth*0.98 && row.TesterLimited == "" {
		t.Errorf("%.1f fps, want %d", row.Throughput.FPS, truth)
	}
	r = measure(t, gen, BackToBack, Options{Streams: p.stream(2000), Sizes: []int{size}, Trial: 200 * time.Millisecond, Repeats: 2, Rest: 100 * time.Millisecond,
		Rates: map[int]float64{size: truth}})
	b := r.Rows[0].BackToBack
	t.Logf("bursts %v, buffer %v, tester limited: %q", b.Bursts, b.CorrectedBuffer, r.Rows[0].TesterLimited)
	held := b.CorrectedBuffer.Seconds() * 2000
	if r.Rows[0].TesterLimited == "" && (held < queue*0.9 || held > (queue+6)*1.1) {
		t.Errorf("a buffer of %.1f frames, want %d and a burst of 5", held, queue)
	}
}

// A link that is down for a while is measured to a frame interval, and what
// else the tester's pace adds to its uncertainty.
func TestResetOfAKernelRouter(t *testing.T) {
	p := newPath(t)
	const outage = 400 * time.Millisecond
	var down, up time.Time
	r := measure(t, engine.New(engine.Options{}), Reset, Options{
		Streams: p.stream(500), Rates: map[int]float64{64: 500}, Within: 10 * time.Second,
		Reset: func(context.Context) error {
			down = time.Now()
			p.router.Run(t, "sysctl -q net.ipv4.ip_forward=0")
			time.Sleep(outage) // the outage itself
			p.router.Run(t, "sysctl -q net.ipv4.ip_forward=1")
			up = time.Now()
			return nil
		}})
	rec := r.Rows[0].Recovery
	if !rec.Recovered() || len(rec.Runs) != 1 {
		t.Fatalf("%+v %s", rec, r.Rows[0].TesterLimited)
	}
	run := rec.Runs[0]
	slack := run.Uncertainty + 2*time.Millisecond
	if run.Time < outage-slack || run.Time > up.Sub(down)+slack || run.From.Before(down.Add(-slack)) || run.To.After(up.Add(slack)) {
		t.Errorf("reset in %v ± %v from %v to %v, want %v to %v", run.Time, run.Uncertainty, run.From, run.To, outage, up.Sub(down))
	}
	if diff := (run.LossDerived - run.Time).Abs(); diff > slack {
		t.Errorf("by loss %v, by time %v", run.LossDerived, run.Time)
	}
}
