package engine

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// A faultyDevice forwards nothing for a while, and at most so many frames a
// second, beyond which it drops what its queue has no room for.
type faultyDevice struct {
	start    time.Time // of the first frame
	from, to time.Duration
	rate     float64
	queue    float64 // frames

	level    float64
	at       time.Time
	cut      uint64 // frames lost while it forwarded nothing
	overload uint64 // frames that its queue had no room for
}

func (d *faultyDevice) carry(frame.Signature, []byte) []port.Delivery {
	now := time.Now()
	if d.start.IsZero() {
		d.start, d.at = now, now
	}
	d.level = max(0, d.level-now.Sub(d.at).Seconds()*d.rate)
	d.at = now
	if since := now.Sub(d.start); since >= d.from && since < d.to {
		d.cut++
		return nil
	}
	if d.level+1 > d.queue {
		d.overload++
		return nil
	}
	d.level++
	return arrive(0)
}

// Whatever the transmitter's stalls do to a real outage, and make a device drop
// that keeps up with the stream as it should have come: what the device lost for
// certain is no more than it did, and the outage lies within its range.
func TestDoubtHoldsTheTruth(t *testing.T) {
	const (
		seed  = 3
		rate  = 1000
		took  = 2 * time.Second
		tries = 80
	)
	r := rand.New(rand.NewPCG(seed, seed))
	inDoubt, hidden := 0, 0
	for i := range tries {
		synctest.Test(t, func(t *testing.T) {
			begin := time.Duration(r.Int64N(int64(took)))
			d := &faultyDevice{rate: 1.02 * rate, queue: 1 + float64(r.IntN(20)), from: begin, to: begin + time.Duration(r.Int64N(int64(took/8)))}
			stalls := map[int]time.Duration{}
			for range 1 + r.IntN(2) {
				at := begin + time.Duration((r.Float64()-0.7)*float64(took/4)) // near the outage
				stalls[int(at.Seconds()*rate)] = time.Duration(12+r.IntN(300)) * time.Millisecond
			}
			st := sentWith(t, d, stalls)
			if len(st.Faults) > 0 { // it did not catch up before the end: an error, whatever was counted
				return
			}
			if d.cut+d.overload != st.Lost {
				t.Fatalf("%d lost, counted %d", d.cut+d.overload, st.Lost)
			}
			cut := max(0, min(d.to, st.Duration)-d.from)
			least, most := st.OutageRange()
			if least > cut+st.Precision || cut > most+st.Precision {
				t.Errorf("try %d: an outage of %v after %v was measured as %v, %v to %v\nstalls %+v\noutages %+v", i, cut, d.from, st.MaxOutage(), least, most, st.Stalls, st.Outages)
			}
			if st.LeastLost() > d.cut {
				t.Errorf("try %d: %d frames lost for certain of %d, yet the device lost %d: %d are the stalls' doing\n%+v\n%+v", i, st.LeastLost(), st.Lost, d.cut, d.overload, st.Stalls, st.Outages)
			}
			if st.LeastLost() < st.Lost {
				inDoubt++
			}
			if cut > st.MaxOutage()+st.Precision {
				hidden++
			}
		})
	}
	if inDoubt < tries/4 || hidden < tries/20 {
		t.Errorf("of %d tries %d were in doubt, and in %d a stall hid part of the outage", tries, inDoubt, hidden)
	}
}

// sentWith runs a stream through the device, with stalls before some frames.
func sentWith(t *testing.T, d *faultyDevice, stalls map[int]time.Duration) trafficgen.Stats {
	t.Helper()
	sent := 0
	w := &port.Wire{Carry: fates(func(sig frame.Signature, b []byte) []port.Delivery {
		sent++
		return d.carry(sig, b)
	})}
	e := New(Options{Open: w.Open, Sleep: func(until time.Time) {
		until = until.Add(stalls[sent])
		delete(stalls, sent)
		fakeSleep(until)
	}})
	all, err := e.Run(t.Context(), []trafficgen.Stream{{Name: "s", From: g1, To: g2, Size: 64, Rate: 1000, Duration: 2 * time.Second}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return all[0]
}
