package trafficgen_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// clockwork is a generator that sends a frame a second, and whose run ends
// with its context or, at once, with an error.
type clockwork struct{ err error }

func (c clockwork) Run(ctx context.Context, s []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	if c.err != nil {
		return nil, c.err
	}
	time.Sleep(3 * time.Second) // to get ready
	begin := time.Now()
	for n := uint64(0); ; n++ {
		observe([]trafficgen.Stats{{Stream: s[0].Name, Sent: n, Started: begin}})
		select {
		case <-ctx.Done():
			time.Sleep(time.Second) // to drain
			return []trafficgen.Stats{{Stream: s[0].Name, Sent: n, Received: n}}, nil
		case <-time.After(time.Second):
		}
	}
}

// A running stream's observations are its series, for whoever asks.
func TestSampled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, err := trafficgen.Start(t.Context(), clockwork{}, []trafficgen.Stream{{Name: "a"}})
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(3500 * time.Millisecond)
		st := r.Sampled()[0]
		if n := len(st.Series); n != 3 || st.Series[2].Sent != 3 || st.Series[2].Offset-st.Series[1].Offset != time.Second {
			t.Errorf("%+v, want a sample of each second in which something was sent", st.Series)
		}
		if len(r.Stats()[0].Series) != 0 {
			t.Error("the counters carry the series without being asked to")
		}
		if _, err := r.Stop(); err != nil {
			t.Error(err)
		}
	})
}

func TestStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		begin := time.Now()
		r, err := trafficgen.Start(t.Context(), clockwork{}, []trafficgen.Stream{{Name: "a"}})
		if err != nil || time.Since(begin) != 3*time.Second {
			t.Fatalf("started after %v, %v", time.Since(begin), err)
		}
		time.Sleep(2500 * time.Millisecond)
		if st := r.Stats(); len(st) != 1 || st[0].Sent != 2 || st[0].Received != 0 {
			t.Errorf("live %+v", st)
		}
		for range 2 { // stopping twice is stopping once
			st, err := r.Stop()
			if err != nil || st[0].Received != 2 || r.Stats()[0].Received != 2 {
				t.Errorf("final %+v, %v", st, err)
			}
		}
		<-r.Done()
	})
	want := errors.New("no gateway")
	if _, err := trafficgen.Start(t.Context(), clockwork{want}, []trafficgen.Stream{{}}); !errors.Is(err, want) {
		t.Errorf("%v, want %v", err, want)
	}
}

func TestCleanFor(t *testing.T) {
	at := func(s int) time.Time { return time.Unix(int64(1000+s), 0) }
	st := trafficgen.Stats{CleanSince: at(10), CountedTo: at(15)}
	for fault, want := range map[int]time.Duration{0: 5 * time.Second, 12: 3 * time.Second, 20: 0} {
		if got := st.CleanFor(at(fault)); got != want {
			t.Errorf("after a fault at %d s: clean for %v, want %v", fault, got, want)
		}
	}
}
