package frr

import (
	"testing"
	"time"
)

// BenchmarkFirstConfiguration is a router of the ring: three daemons started
// and five configured.
func BenchmarkFirstConfiguration(b *testing.B) {
	var total time.Duration
	for b.Loop() {
		b.StopTimer()
		node := boot(b, "r1")
		b.StartTimer()
		total += apply(b, node, ring("1", "2"))
		node.Stop()
	}
	report(b, total)
}

// BenchmarkOneLine changes one line of one daemon; all five are read and checked.
func BenchmarkOneLine(b *testing.B) {
	node := boot(b, "r1")
	variants := []map[string]string{ring("1", "2"), with(ring("1", "2"), "bgpd", "local-preference 200", "local-preference 300")}
	apply(b, node, variants[1])
	var total time.Duration
	for i := 0; b.Loop(); i++ {
		total += apply(b, node, variants[i%2])
	}
	report(b, total)
}

// BenchmarkNothing applies what runs already.
func BenchmarkNothing(b *testing.B) {
	node := boot(b, "r1")
	apply(b, node, ring("1", "2"))
	var total time.Duration
	for b.Loop() {
		total += apply(b, node, ring("1", "2"))
	}
	report(b, total)
}

// report gives the time inside the node, without the test's own call.
func report(b *testing.B, total time.Duration) {
	b.ReportMetric(float64(total.Microseconds())/1000/float64(b.N), "ms/apply")
}
