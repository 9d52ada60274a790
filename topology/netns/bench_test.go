package netns

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/clabfile"
)

// BenchmarkRing deploys and destroys the ring of four routers, two hosts and two
// generator ports.
func BenchmarkRing(b *testing.B) {
	topo, err := clabfile.Load("../../labs/ring/ring.clab.yml")
	if err != nil {
		b.Fatal(err)
	}
	backend, err := New(Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	var up, down time.Duration
	for b.Loop() {
		began := time.Now()
		if _, err := backend.Deploy(b.Context(), topo); err != nil {
			b.Fatal(err)
		}
		deployed := time.Now()
		if err := backend.Destroy(b.Context(), topo.Name); err != nil {
			b.Fatal(err)
		}
		up += deployed.Sub(began)
		down += time.Since(deployed)
	}
	b.ReportMetric(float64(up.Milliseconds())/float64(b.N), "ms/deploy")
	b.ReportMetric(float64(down.Milliseconds())/float64(b.N), "ms/destroy")
}
