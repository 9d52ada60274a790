package engine_test

import (
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// A generator that is stopped while a router forwards nothing, and goes on when
// it forwards again, sees only the first part of the outage. It says so, with
// every engine, while the stream runs and in the end: what it lost is certain,
// and the outage lies within its range.
func TestStoodStill(t *testing.T) {
	porttest.Need(t, "nft")
	conform(t, stoodStill)
}

func stoodStill(t *testing.T, o engine.Options) {
	const tries = 5 // on a machine that is busy with other things
	for try := 1; ; try++ {
		least, most, live, st := stopOnce(t, o)
		stoodOnce := len(st.Stalls) == 1
		if (len(st.Faults) > 0 || !stoodOnce) && try < tries {
			t.Logf("this machine is too busy: faults %q, stalls %+v", st.Faults, st.Stalls)
			continue
		}
		from, to := st.OutageRange()
		t.Logf("an outage of %v to %v: measured as %v, which is %v to %v ± %v; stalls %+v", least, most, st.MaxOutage(), from, to, st.Precision, st.Stalls)
		if len(st.Faults) > 0 || from > most+st.Precision || to+st.Precision < least {
			t.Errorf("faults %q, outages %+v", st.Faults, st.Outages)
		}
		if st.MaxOutage() > least {
			t.Errorf("it was stopped for a part of the outage, and yet has seen all of it")
		}
		if lost := st.Lost - st.LeastLost(); lost > 5 && stoodOnce {
			t.Errorf("%d of %d frames are in doubt, which left before it was stopped", lost, st.Lost)
		}
		if live.LongestStall() < stoppedFor || live.LongestStall() != st.LongestStall() {
			t.Errorf("while it ran it told of a stall of %v, in the end of %v", live.LongestStall(), st.LongestStall())
		}
		return
	}
}

const stoppedFor = 150 * time.Millisecond

// stopOnce has a router drop everything for a while, for the latter part of
// which the generator is stopped. It returns how long that was at least and at
// most, and what was counted: of the last time while the stream ran, and in the
// end.
func stopOnce(t *testing.T, o engine.Options) (least, most time.Duration, live, final trafficgen.Stats) {
	t.Helper()
	l := newLab(t)
	inhabit(t, l.router)
	from, to := l.emulated()
	l.router.Run(t, `
		nft add table ip t
		nft add chain ip t f { type filter hook forward priority 0 ; }`)
	c := spawn(t, "serve")
	c.ask(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 64, Rate: 1000, Duration: 3 * time.Second})
	until := func(so func(s trafficgen.Stats) bool) {
		for {
			if s, final := c.next(t); final {
				t.Fatalf("it ended too early: %+v", s)
			} else if so(s) {
				return
			}
		}
	}
	until(func(s trafficgen.Stats) bool { return s.Received > 100 })
	began := time.Now()
	l.router.Run(t, "nft add rule ip t f drop")
	inForce, received := time.Now(), uint64(0)
	until(func(s trafficgen.Stats) bool {
		before := received
		received = s.Received
		return received == before
	})
	c.signal(t, syscall.SIGSTOP)
	stop := time.Now()
	time.Sleep(stoppedFor / 2) // so long it is stopped, that and
	ending := time.Now()
	l.router.Run(t, "nft flush chain ip t f")
	over := time.Now()
	time.Sleep(time.Until(stop.Add(stoppedFor + 20*time.Millisecond))) // that
	c.signal(t, syscall.SIGCONT)
	for {
		s, last := c.next(t)
		if last {
			return ending.Sub(inForce), over.Sub(began), live, s
		}
		live = s
	}
}

func (c child) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := c.cmd.Process.Signal(s); err != nil {
		t.Fatal(err)
	}
}

// next is the next statistics of the child's one stream, and whether they are
// the last.
func (c child) next(t *testing.T) (s trafficgen.Stats, final bool) {
	t.Helper()
	var m struct {
		Stats []trafficgen.Stats
		Final bool
		Error string
	}
	if err := c.out.Decode(&m); err != nil || m.Error != "" || len(m.Stats) != 1 {
		t.Fatalf("%v, %q, %d streams", err, m.Error, len(m.Stats))
	}
	return m.Stats[0], m.Final
}
