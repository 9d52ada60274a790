package procedure_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/internal/aim"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// BenchmarkThroughputOfAShaper searches the rate of the kernel's token bucket
// filter ten times, and reports by how much the results miss it and differ.
// Searches that the machine was too busy for say so, and do not count.
func BenchmarkThroughputOfAShaper(b *testing.B) {
	porttest.Need(b, "tc")
	// tbf counts a frame without its FCS.
	const size, truth, highest, queue, repeats = 512, 2000, 4300, 10, 10
	p := newPath(b)
	p.router.Run(b, fmt.Sprintf("tc qdisc add dev right root tbf rate %dbit burst 2540 limit %d", truth*(size-4)*8, queue*(size-4)))
	var found []float64
	limited := 0
	for b.Loop() {
		for range repeats {
			r, err := Run(b.Context(), engine.New(engine.Options{}), Throughput, Options{
				Streams: p.stream(highest), Sizes: []int{size}, Trial: 2 * time.Second, Rest: 50 * time.Millisecond, Resolution: 0.005})
			if err != nil {
				b.Fatal(err)
			}
			if r.TesterLimited() {
				limited++
				continue
			}
			found = append(found, r.Rows[0].Throughput.FPS)
		}
	}
	if len(found) == 0 {
		b.Fatal("the tester was the limit of every search")
	}
	least, most, worst := found[0], found[0], 0.0
	for _, fps := range found {
		least, most = min(least, fps), max(most, fps)
		worst = max(worst, max(fps-truth, truth-fps)/truth)
	}
	b.ReportMetric(float64(limited), "limited-by-the-tester")
	b.ReportMetric(0, "ns/op")
	what := fmt.Sprintf("throughput of a shaper, %d searches: ", len(found))
	aim.AtMost(what+"worst error", 100*worst, 1.5, "%")
	aim.AtMost(what+"spread", 100*(most-least)/truth, 2, "%")
}
