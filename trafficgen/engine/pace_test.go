package engine

import (
	"runtime"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// All quiet transmitters of a run together spin for no more than their share
// of the processors, and none returns from a sleep earlier than it is to.
func TestPacersSpinTheirShare(t *testing.T) {
	for _, tc := range []struct {
		rate    float64
		threads int
	}{{1, 1}, {1000, 1}, {1000, 4}, {1000, 50}, {5000, 1}, {5000, 8}} {
		done := make(chan struct{})
		go func() {
			defer close(done)
			runtime.LockOSThread() // its thread ends with it
			p := newPacer([]*slot{{flow: &flow{stream: trafficgen.Stream{Rate: tc.rate}}}}, tc.threads)
			if share := p.early.Seconds() * tc.rate * float64(tc.threads); share > spinShare*float64(runtime.NumCPU()) || p.early > spinQuiet {
				t.Errorf("%+v: %v early, %.3f of a processor", tc, p.early, share)
			}
			for range 20 {
				until := time.Now().Add(300 * time.Microsecond)
				p.sleep(until)
				if now := time.Now(); now.Before(until.Add(-p.early)) {
					t.Errorf("%+v: it woke up %v before the time, which is more than %v", tc, until.Sub(now), p.early)
				}
			}
		}()
		<-done
	}
}
