package engine

import (
	"context"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// TestOneWay has one engine send to an address that a listener, which knows
// nothing of the stream, answers for: the sender knows what it sent, the
// listener what came.
func TestOneWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &port.Wire{Carry: fates(func(sig frame.Signature, b []byte) []port.Delivery {
			switch seq := sig.Seq; {
			case seq < 130, seq >= 990: // before the first and after the last: unknown
				return nil
			case seq >= 200 && seq < 250:
				return nil
			case seq == 400:
				return arrive(2*time.Millisecond, 3*time.Millisecond)
			case seq == 500:
				return arrive(5 * time.Millisecond)
			case seq == 600:
				b[len(b)-1] ^= 1
			}
			return arrive(2 * time.Millisecond)
		})}
		ctx, stop := context.WithCancel(t.Context())
		heard := make(chan []trafficgen.Stats, 1)
		live := 0
		go func() {
			st, err := Listen(ctx, Options{Open: w.Open}, []trafficgen.PortID{g2}, func(st []trafficgen.Stats) { live = len(st) })
			if err != nil {
				t.Error(err)
			}
			heard <- st
		}()
		synctest.Wait() // it answers for its address from now on
		sent, err := onWire(w).Run(t.Context(), []trafficgen.Stream{
			{Name: "away", From: g1, Dst: g2.Address.Addr(), Size: 128, Rate: 1000, Duration: time.Second},
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := sent[0]; !s.Elsewhere || s.Sent != 1000 || s.Lost != 0 || s.Outages != nil || len(s.Faults) > 0 {
			t.Errorf("sender: %+v", s)
		}
		stop()
		st := <-heard
		if len(st) != 1 || live != 1 {
			t.Fatalf("%d streams heard, %d of them live", len(st), live)
		}
		h := st[0]
		// Sequences 130 to 989; 50 lost and one damaged, which is lost too.
		if h.Sent != 860 || h.Received != 809 || h.Lost != 51 || h.Duplicate != 1 || h.Reordered != 1 || h.Corrupted != 1 {
			t.Errorf("listener: %+v", h)
		}
		if h.FrameBytes != 128 || h.Latency.Min != 2*time.Millisecond || h.Latency.Max != 5*time.Millisecond {
			t.Errorf("listener: %d bytes, %+v", h.FrameBytes, h.Latency)
		}
		if h.OfferedFPS < 999 || h.OfferedFPS > 1001 || !strings.HasSuffix(h.Stream, "/1 at g2:eth1") {
			t.Errorf("listener: %q at %v fps", h.Stream, h.OfferedFPS)
		}
	})
}

func TestElsewhereNeedsAnAddress(t *testing.T) {
	_, err := New(Options{}).Run(t.Context(), []trafficgen.Stream{{Name: "away", From: g1, Size: 64, Rate: 1}}, nil)
	if err == nil || !strings.Contains(err.Error(), "stream away goes elsewhere and needs the address to go to") {
		t.Error(err)
	}
	s := trafficgen.Stream{Dst: netip.MustParseAddr("10.0.0.1")}
	if !s.Elsewhere() {
		t.Error("a stream to nobody here")
	}
}
