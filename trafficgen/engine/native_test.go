package engine_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/link"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// Both ends of a veth pair are ports of the generator: streams of several
// rates, sizes and families in both directions, one of them of many flows.
func TestBothDirections(t *testing.T) { conform(t, bothDirections) }

func bothDirections(t *testing.T, o engine.Options) {
	from, to := pair(t)
	streams := []trafficgen.Stream{
		{Name: "small", From: from, To: to, Size: 64, Rate: 4000, Duration: time.Second},
		{Name: "as fast", From: from, To: to, Size: 300, Rate: 4000, Duration: time.Second},
		{Name: "slower", From: from, To: to, Size: 1518, Rate: 333, Duration: time.Second, Flows: 70},
		{Name: "back", From: to, To: from, Size: 700, Rate: 2500, Duration: time.Second},
		{Name: "mix", From: from, To: to, Sizes: trafficgen.SimpleIMIX(), Rate: 1200, Duration: time.Second},
		{Name: "bursts", From: to, To: from, Size: 64, Rate: 100_000, Frames: 1000, Burst: trafficgen.Burst{Frames: 10, Gap: 10 * time.Millisecond}},
	}
	all, err := engine.New(o).Run(t.Context(), streams, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range all {
		clean(t, st, []uint64{4000, 4000, 333, 2500, 1200, 1000}[i])
		if want := named(o, true); st.Engine != want {
			t.Errorf("%s: sent and counted by %s, want %s", st.Stream, st.Engine, want)
		}
		if off := (st.Duration - time.Second).Abs(); len(st.Faults) == 0 && off > 12*time.Millisecond+st.Uncertainty {
			t.Errorf("%s: sent for %v ± %v", st.Stream, st.Duration, st.Uncertainty)
		}
	}
}

// A run that is stopped at any moment has counted every frame that left.
func TestStoppedAtAnyMoment(t *testing.T) { conform(t, stoppedAtAnyMoment) }

func stoppedAtAnyMoment(t *testing.T, o engine.Options) {
	from, to := pair(t)
	rng := rand.New(rand.NewPCG(1, 1))
	sent := uint64(0)
	for range 6 {
		ctx, cancel := context.WithCancel(t.Context())
		var begun sync.Once
		observe := func([]trafficgen.Stats) {
			begun.Do(func() { time.AfterFunc(time.Duration(rng.IntN(100))*time.Millisecond, cancel) })
		}
		all, err := engine.New(o).Run(ctx, []trafficgen.Stream{
			{Name: "a", From: from, To: to, Size: 64, Rate: 30_000}, {Name: "b", From: to, To: from, Size: 64, Rate: 20_000}}, observe)
		cancel()
		if err != nil {
			t.Fatal(err)
		}
		for _, st := range all {
			if st.Received != st.Sent || st.Lost+st.Duplicate+st.Reordered+st.Corrupted+st.Misrouted != 0 {
				t.Errorf("%s: %+v, want no harm", st.Stream, st)
			}
			sent += st.Sent
		}
	}
	if sent == 0 {
		t.Error("nothing was ever sent")
	}
	for _, id := range []trafficgen.PortID{from, to} {
		if programOn(t, id) {
			t.Errorf("%s still has a program", id.Node)
		}
	}
}

// A device that goes away while frames are sent ends the run, with what was
// counted until then.
func TestDeviceGone(t *testing.T) { conform(t, deviceGone) }

func deviceGone(t *testing.T, o engine.Options) {
	from, to := pair(t)
	ns := porttest.At(t, from.NetNS)
	var cut sync.Once
	all, err := engine.New(o).Run(t.Context(), []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 64, Rate: 2000}}, func(st []trafficgen.Stats) {
		if st[0].Received > 100 {
			cut.Do(func() { ns.Run(t, "ip link del eth1") })
		}
	})
	if err == nil || !strings.Contains(err.Error(), "a:eth1: the device is gone") {
		t.Errorf("error %v", err)
	}
	if len(all) != 1 || all[0].Received <= 100 || all[0].Sent < all[0].Received {
		t.Errorf("%+v", all)
	}
}

// programOn says whether a port's device has an XDP program.
func programOn(t *testing.T, id trafficgen.PortID) bool {
	t.Helper()
	return strings.Contains(porttest.At(t, id.NetNS).Run(t, "ip -d link show dev "+id.Device), "xdp")
}

// Live frames are chosen above the rate where they pay, and not below.
func TestTheRateChoosesTheEngine(t *testing.T) {
	needBPF(t)
	for _, tc := range []struct {
		rate float64
		want string
	}{{1000, "sendmmsg+bpf"}, {200_000, "live+xdp"}} {
		from, to := pair(t)
		all, err := engine.New(engine.Options{}).Run(t.Context(), []trafficgen.Stream{
			{Name: "s", From: from, To: to, Size: 64, Rate: tc.rate, Duration: time.Second / 2}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if st := all[0]; st.Engine != tc.want || st.Lost != 0 || st.Received != st.Sent {
			t.Errorf("at %.0f fps: %+v, want %s and no loss", tc.rate, st, tc.want)
		}
	}
}

// Where the other end has a program already, which may go at any time, there
// are no live frames; the program stays, and others send.
func TestOccupiedPeer(t *testing.T) {
	needBPF(t)
	l := newLab(t)
	from, to := l.emulated()
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{Type: ebpf.XDP, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 2), asm.Return()}})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	for _, flags := range []link.XDPAttachFlags{link.XDPDriverMode, link.XDPGenericMode} {
		var theirs link.Link
		if err := l.router.Do(func() (err error) {
			theirs, err = link.AttachXDP(link.XDPOptions{Program: program, Interface: l.router.Index(t, "left"), Flags: flags})
			return err
		}); err != nil {
			t.Fatal(err)
		}
		stream := trafficgen.Stream{Name: "s", From: from, To: to, Size: 64, Rate: 60_000, Frames: 500}
		if _, err := engine.New(engine.Options{Sends: engine.Live}).Run(t.Context(), []trafficgen.Stream{stream}, nil); err == nil ||
			!strings.Contains(err.Error(), "a:eth1: live frames need a program at the other end of the veth pair: another program is there") {
			t.Errorf("%v", err)
		}
		all, err := engine.New(engine.Options{}).Run(t.Context(), []trafficgen.Stream{stream}, nil)
		if err != nil || all[0].Engine != "af-xdp+bpf" {
			t.Errorf("%+v, %v", all, err)
		}
		if !strings.Contains(l.router.Run(t, "ip link show dev left"), "xdp") {
			t.Error("the program that was there before is gone")
		}
		theirs.Close()
	}
}

// What live frames cannot do is refused by name where they are asked for, and
// done by another engine where they are not.
func TestLiveIsRefusedByName(t *testing.T) {
	needBPF(t)
	from, to := pair(t)
	many := func(n int) (s []trafficgen.Stream) {
		for i := range n {
			s = append(s, trafficgen.Stream{Name: fmt.Sprint(i), From: from, To: to, Size: 64, Rate: 1000 + float64(i), Duration: 100 * time.Millisecond})
		}
		return s
	}
	for _, tc := range []struct {
		name    string
		options engine.Options
		streams []trafficgen.Stream
		want    string
	}{
		{"rates", engine.Options{}, many(65), "live frames: the port's streams have 65 different rates or counts (64 at most)"},
		{"not counted", engine.Options{Userspace: true}, many(1), "live frames need the kernel to count them"},
		{"unknown", engine.Options{Sends: "pigeons"}, many(1), `no engine is called "pigeons": there is ` + strings.Join(engine.Engines, ", ")},
	} {
		t.Run(tc.name, func(t *testing.T) {
			o := tc.options
			if o.Sends == "" {
				o.Sends = engine.Live
			}
			_, err := engine.New(o).Run(t.Context(), tc.streams, nil)
			if err == nil || !strings.Contains(err.Error(), tc.want) {
				t.Errorf("error %v, want %q", err, tc.want)
			}
			if tc.options.Sends != "" {
				return
			}
			all, err := engine.New(tc.options).Run(t.Context(), tc.streams, nil)
			if err != nil || slices.ContainsFunc(all, func(s trafficgen.Stats) bool { return s.Received != s.Sent }) {
				t.Errorf("%+v, %v", all, err)
			}
		})
	}
}
