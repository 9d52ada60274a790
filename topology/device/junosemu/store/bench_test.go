package store

import (
	"context"
	"fmt"
	"os"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// BenchmarkCommit commits one changed line of a ring router: load, validate,
// compile, a data plane that costs nothing, disk.
func BenchmarkCommit(b *testing.B) {
	text, err := os.ReadFile("../../../../labs/ring/configs/r1.cfg")
	if err != nil {
		b.Fatal(err)
	}
	s, err := Open(context.Background(), Options{Dir: b.TempDir(), Identity: identity, Dataplane: &fakeDataplane{}, Startup: string(text)})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	x := s.Session(Who{User: "admin"})
	n := 0
	for b.Loop() {
		n++
		if _, err := x.Load(config.FormatSet, config.Merge, fmt.Sprintf("set system host-name r%d", n)); err != nil {
			b.Fatal(err)
		}
		if _, err := x.Commit(context.Background(), CommitOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}
