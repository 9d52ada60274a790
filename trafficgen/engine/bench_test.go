package engine_test

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
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
		engine        engine.Options
		size, streams int
	}{
		{engine.Options{}, 64, 1}, {engine.Options{Userspace: true}, 64, 1},
		{engine.Options{}, 1518, 1}, {engine.Options{Userspace: true}, 1518, 1},
		{engine.Options{}, 64, 1000}, {engine.Options{Userspace: true}, 64, 1000},
	} {
		b.Run(fmt.Sprintf("userspace=%v/size=%d/streams=%d", tc.engine.Userspace, tc.size, tc.streams), func(b *testing.B) {
			from, to := pair(b)
			var streams []trafficgen.Stream
			for i := range tc.streams {
				streams = append(streams, trafficgen.Stream{Name: fmt.Sprint(i), From: from, To: to, Size: tc.size,
					Rate: 5e6 / float64(tc.streams), Duration: time.Second})
			}
			var sent, received uint64
			var took time.Duration
			used := cpu(b)
			for b.Loop() {
				stats, err := engine.New(tc.engine).Run(b.Context(), streams, nil)
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
		})
	}
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

// BenchmarkPacing reports by how much gaps between frames, as the receiving
// kernel stamped them, miss the interval, and the error of the rate.
func BenchmarkPacing(b *testing.B) {
	for _, rate := range []float64{1e3, 1e4, 1e5} {
		b.Run(fmt.Sprintf("fps=%.0f", rate), func(b *testing.B) {
			from, to := pair(b)
			for b.Loop() {
				stats, err := engine.New(engine.Options{}).Run(b.Context(), []trafficgen.Stream{{
					Name: "s", From: from, To: to, Size: 64, Rate: rate, Duration: time.Second}}, nil)
				if err != nil {
					b.Fatal(err)
				}
				st := stats[0]
				b.ReportMetric((st.OfferedFPS/rate-1)*100, "%rate-error")
				b.ReportMetric(float64(st.Uncertainty.Microseconds())-1e6/rate, "µs-worst-lateness")
				b.ReportMetric(float64(st.Latency.P50.Nanoseconds())/1e3, "µs-latency-p50")
				b.ReportMetric(float64(st.Latency.P99.Nanoseconds())/1e3, "µs-latency-p99")
				b.ReportMetric(float64(st.Lost), "lost")
				b.ReportMetric(0, "ns/op")
			}
		})
	}
}
