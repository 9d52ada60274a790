package report

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

func TestTook(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0 s", 300: "300 ns", 41234: "41.2 µs", 180 * time.Millisecond: "180 ms", 1900 * time.Microsecond: "1.9 ms",
		999600 * time.Microsecond: "1 s", 999600: "1 ms", 59960 * time.Millisecond: "1 min 0 s", 2130 * time.Millisecond: "2.13 s", 104 * time.Second: "1 min 44 s",
		59*time.Minute + 59*time.Second + 700*time.Millisecond: "1 h 0 min", 26 * time.Hour: "26 h 0 min", -1: "–",
	} {
		if got := took(d); got != want {
			t.Errorf("took(%d) = %q, want %q", d, got, want)
		}
	}
}

func TestGrouped(t *testing.T) {
	for n, want := range map[uint64]string{0: "0", 999: "999", 1000: "1 000", 1234567: "1 234 567"} {
		if got := strings.ReplaceAll(grouped(n), "\u202f", " "); got != want {
			t.Errorf("grouped(%d) = %q, want %q", n, got, want)
		}
	}
}

func TestTicks(t *testing.T) {
	for _, c := range []struct {
		lo, hi float64
		want   string
	}{
		{0, 10, "0 2 4 6 8 10"},
		{0, 3.9, "0 1 2 3"},
		{0, 0.5, "0 0.1 0.2 0.3 0.4 0.5"},
		{0, 30000, "0 10k 20k 30k"},
		{0, 6000, "0 2k 4k 6k"},
		{0, 0, "0"},
	} {
		var labels []string
		for _, tk := range (scale{c.lo, c.hi, 0, 100}).ticks(5) {
			labels = append(labels, tk.Label)
			if math.IsNaN(tk.At) || tk.At < 0 || tk.At > 100 {
				t.Errorf("%g to %g: tick %+v is off the axis", c.lo, c.hi, tk)
			}
		}
		if got := strings.Join(labels, " "); got != c.want {
			t.Errorf("%g to %g: ticks %q, want %q", c.lo, c.hi, got, c.want)
		}
	}
}

// A dip of a tenth of a second in an hour is what the chart is for.
func TestThinKeepsTheDip(t *testing.T) {
	var points []ratePoint
	for i := range 36000 {
		points = append(points, ratePoint{from: float64(i) / 10, to: float64(i+1) / 10, sent: 1000, received: 1000})
	}
	points[20001].received = 12
	got := thin(points, maxPoints)
	if len(got) > maxPoints+2 {
		t.Errorf("%d points are left, want about %d", len(got), maxPoints)
	}
	lowest := math.Inf(1)
	for i, p := range got {
		lowest = min(lowest, p.received)
		if i > 0 && p.from <= got[i-1].from {
			t.Fatalf("point %d goes back in time", i)
		}
	}
	if lowest != 12 {
		t.Errorf("the lowest rate left is %g, the dip to 12 disappeared", lowest)
	}
}

func TestRatesOfOddCounters(t *testing.T) {
	s := func(ms int, sent, received uint64) trafficgen.Sample {
		return trafficgen.Sample{Offset: time.Duration(ms) * time.Millisecond, Sent: sent, Received: received}
	}
	got := rates([]trafficgen.Sample{s(0, 0, 0), s(100, 100, 90), s(100, 100, 95), s(200, 50, 95), s(300, 300, 280)})
	if len(got) != 2 || got[0].sent != 1000 || got[0].received != 900 || got[1].from != 0.2 {
		t.Errorf("rates = %+v, want the two stretches in which time and counters grow", got)
	}
	if c := rateChart(&trafficgen.Stats{Series: []trafficgen.Sample{s(0, 0, 0)}}, &results.Attempt{}); c != nil {
		t.Error("a chart of one sample")
	}
}

func TestLimitOf(t *testing.T) {
	for bound, want := range map[string]time.Duration{
		"< 200ms": 200 * time.Millisecond, "<=1.5s": 1500 * time.Millisecond, "= 0": 0, "": 0, "100..200": 0, "200 ms": 200 * time.Millisecond,
	} {
		if got := limitOf(bound); got != want {
			t.Errorf("limitOf(%q) = %s, want %s", bound, got, want)
		}
	}
}

func TestAnchorsAreUnique(t *testing.T) {
	taken := map[string]bool{}
	for _, id := range []string{"POL-001[pref=50]", "POL-001-pref-50", "POL-001(pref=50)", "é", "è", "cases"} {
		a := anchor(id, taken)
		if strings.ContainsAny(a, " []()%") || a == "cases" {
			t.Errorf("anchor of %s is %s", id, a)
		}
	}
	if len(taken) != 6 {
		t.Errorf("six cases, %d anchors: %v", len(taken), taken)
	}
}

func TestCoverageVerdict(t *testing.T) {
	for _, c := range []struct {
		n    results.Counts
		want string
	}{
		{results.Counts{}, "no case"},
		{results.Counts{Cases: 2, Pass: 2}, "met"},
		{results.Counts{Cases: 2, Pass: 1, Fail: 1}, "not met"},
		{results.Counts{Cases: 2, Pass: 1, Skip: 1}, "partly judged"},
		{results.Counts{Cases: 2, Pass: 1, NotRun: 1}, "partly judged"},
		{results.Counts{Cases: 2, Skip: 2}, "not tested"},
		{results.Counts{Cases: 2, Skip: 1, Error: 1}, "not judged"},
		{results.Counts{Cases: 1, NotRun: 1}, "not judged"},
	} {
		if _, got := coverageVerdict(c.n); got != c.want {
			t.Errorf("%+v: %s, want %s", c.n, got, c.want)
		}
	}
}
