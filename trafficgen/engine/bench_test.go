package engine_test

import (
	"errors"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/aim"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// pair is two emulated hosts at the ends of one veth pair.
func pair(t testing.TB) (from, to trafficgen.PortID) {
	a, b := porttest.New(t), porttest.New(t)
	porttest.Veth(t, a, "eth1", b, "eth1")
	return trafficgen.PortID{Node: "a", Device: "eth1", NetNS: a.Path, Address: netip.MustParsePrefix("10.0.0.1/24")},
		trafficgen.PortID{Node: "b", Device: "eth1", NetNS: b.Path, Address: netip.MustParsePrefix("10.0.0.2/24")}
}

// BenchmarkRate offers more than a port can send, for a second, and reports
// what left and what of it was counted at the other end of a veth pair.
func BenchmarkRate(b *testing.B) {
	for _, tc := range []struct {
		engine               engine.Options
		size, streams, flows int
	}{
		{engine.Options{Sends: engine.Live}, 64, 1, 1}, {engine.Options{Sends: engine.Live}, 64, 1000, 1}, {engine.Options{Sends: engine.Live}, 64, 1, 10_000},
		{engine.Options{Sends: engine.Live}, 1518, 1, 1},
		{engine.Options{Sends: engine.AFXDP}, 64, 1, 1}, {engine.Options{Sends: engine.AFXDP}, 64, 1, 10_000}, {engine.Options{Sends: engine.AFXDP}, 1518, 1, 1},
		{engine.Options{Sends: engine.SendMmsg}, 64, 1, 1}, {engine.Options{Sends: engine.SendMmsg}, 64, 1, 10_000}, {engine.Options{Sends: engine.SendMmsg}, 1518, 1, 1},
		{engine.Options{Sends: engine.SendMmsg, Userspace: true}, 64, 1, 1}, {engine.Options{Sends: engine.SendMmsg, Userspace: true}, 64, 1, 10_000},
	} {
		b.Run(fmt.Sprintf("%s/userspace=%v/size=%d/streams=%d/flows=%d", tc.engine.Sends, tc.engine.Userspace, tc.size, tc.streams, tc.flows), func(b *testing.B) {
			from, to := pair(b)
			var streams []trafficgen.Stream
			for i := range tc.streams {
				streams = append(streams, trafficgen.Stream{Name: fmt.Sprint(i), From: from, To: to, Size: tc.size, SrcPort: 10_000, Flows: tc.flows,
					Rate: 2e7 / float64(tc.streams), Duration: time.Second})
			}
			benchmarkStreams(b, tc.engine, streams)
		})
	}
}

// BenchmarkStacks is BenchmarkRate of frames of several layers. The last are
// not counted in the kernel: what their lost frames are lost to is the ring of
// the process that counts them.
func BenchmarkStacks(b *testing.B) {
	for _, stack := range []string{"ip/udp", "vlan/ip/udp", "qinq/vlan/ipv6/tcp", "mpls/ip/udp", "ip/udp/vxlan/eth/ip/udp", "ip/gre/ip/udp", "ipv6/dstopts/udp"} {
		for _, sends := range []string{engine.Live, engine.SendMmsg} {
			b.Run(sends+"/"+strings.ReplaceAll(stack, "/", "-"), func(b *testing.B) {
				from, to := back2back(b)
				s := trafficgen.Stream{Name: stack, From: from, To: to, Size: 128, Rate: 2e7, Duration: time.Second, Layers: []trafficgen.Layer{layer("eth")}}
				for kind := range strings.SplitSeq(stack, "/") {
					s.Layers = append(s.Layers, layer(kind))
				}
				benchmarkStreams(b, engine.Options{Sends: sends}, []trafficgen.Stream{s})
			})
		}
	}
}

func benchmarkStreams(b *testing.B, o engine.Options, streams []trafficgen.Stream) {
	var sent, received uint64
	var took time.Duration
	used := cpu(b)
	for b.Loop() {
		stats, err := engine.New(o).Run(b.Context(), streams, nil)
		if err != nil {
			b.Fatal(err)
		}
		longest := time.Duration(0)
		for _, st := range stats {
			sent += st.Sent
			received += st.Received
			longest = max(longest, st.Duration)
		}
		took += longest
	}
	b.ReportMetric(float64(sent)/took.Seconds()/1e6, "Mpps")
	b.ReportMetric(float64(cpu(b)-used)/float64(sent), "cpu-ns/frame")
	b.ReportMetric(float64(sent-received), "lost")
	b.ReportMetric(0, "ns/op")
}

// cpu is the processor time that this process has used, of which most of the
// kernel's work for its frames is a part.
func cpu(b *testing.B) time.Duration {
	b.Helper()
	var u unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkQuiet reports what a quiet stream costs.
func BenchmarkQuiet(b *testing.B) {
	for _, o := range []engine.Options{{}, {Userspace: true}} {
		b.Run(fmt.Sprintf("userspace=%v", o.Userspace), func(b *testing.B) {
			from, to := pair(b)
			used, sent := cpu(b), uint64(0)
			for b.Loop() {
				stats, err := engine.New(o).Run(b.Context(), []trafficgen.Stream{{
					Name: "s", From: from, To: to, Size: 128, Rate: 1000, Duration: 2 * time.Second}}, nil)
				if err != nil {
					b.Fatal(err)
				}
				sent += stats[0].Sent
			}
			b.ReportMetric(float64(cpu(b)-used)/float64(sent)/1e3, "cpu-µs/frame")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// BenchmarkPacing reports by how much gaps between frames miss the interval,
// and the error of the rate: medians of several rounds. A witness at the other
// end of the sender's wire takes the times: its kernel stamps each frame as it
// arrives. What is behind it drops the frames.
func BenchmarkPacing(b *testing.B) {
	for _, name := range engine.Engines {
		for _, rate := range []float64{1e3, 1e4, 1e5} {
			b.Run(fmt.Sprintf("%s/fps=%.0f", name, rate), func(b *testing.B) {
				const rounds = 5
				var wrong, p50, p99, worst []float64
				for b.Loop() {
					for range rounds {
						st, gaps := paced(b, name, rate)
						wrong = append(wrong, math.Abs(st.OfferedFPS/rate-1)*100)
						p50, p99 = append(p50, gaps[len(gaps)/2]), append(p99, gaps[len(gaps)*99/100])
						worst = append(worst, float64(st.Uncertainty.Microseconds())-1e6/rate)
					}
				}
				b.ReportMetric(aim.Median(wrong), "%rate-error")
				b.ReportMetric(aim.Median(p50), "µs-gap-p50")
				b.ReportMetric(aim.Median(p99), "µs-gap-p99")
				b.ReportMetric(aim.Median(worst), "µs-worst-lateness")
				b.ReportMetric(0, "ns/op")
				what := fmt.Sprintf("%s at %.0f fps: ", name, rate)
				if rate < 1e5 {
					aim.AtMost(what+"error of the rate", aim.Median(wrong), 0.1, "%")
					aim.AtMost(what+"error of a gap, p50", aim.Median(p50), 5, "µs")
				} else {
					aim.AtMost(what+"error of a gap, p99", aim.Median(p99), 30, "µs")
				}
			})
		}
	}
}

// paced sends a stream for a second and returns, in ascending order and in
// microseconds, by how much the gaps at the witness missed the interval.
func paced(b *testing.B, name string, rate float64) (trafficgen.Stats, []float64) {
	l := newLab(b)
	l.router.Run(b, "sysctl -q net.ipv4.ip_forward=0")
	from, to := l.emulated()
	witness, err := port.Open(trafficgen.PortID{Device: "left", NetNS: l.router.Path}, port.Settings{RingBytes: 64 << 20})
	if err != nil {
		b.Fatal(err)
	}
	var at []int64
	done := make(chan error, 1)
	go func() {
		done <- witness.Receive(func(batch []port.Arrival) {
			for _, a := range batch {
				if sig, v := frame.Parse(a.Frame); v == frame.Whole && !sig.Learning {
					at = append(at, a.At)
				}
			}
		})
	}()
	all, err := engine.New(engine.Options{Sends: name, Learning: -1}).Run(b.Context(), []trafficgen.Stream{{
		Name: "s", From: from, To: to, Size: 64, Rate: rate, Duration: time.Second}}, nil)
	if err != nil {
		b.Fatal(err)
	}
	if err := errors.Join(witness.Close(), <-done); err != nil {
		b.Fatal(err)
	}
	if uint64(len(at)) != all[0].Sent {
		b.Fatalf("the witness saw %d of %d frames", len(at), all[0].Sent)
	}
	var gaps []float64
	for i := 1; i < len(at); i++ {
		gaps = append(gaps, math.Abs(float64(at[i]-at[i-1])-1e9/rate)/1e3)
	}
	slices.Sort(gaps)
	return all[0], gaps
}
