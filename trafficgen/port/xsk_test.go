package port_test

import (
	"errors"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen/port"
)

func express(t *testing.T, p port.Port) port.Sender {
	t.Helper()
	s, err := p.(port.Express).Express()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// Frames sent by AF_XDP cross in order, many times its rings, and without
// allocating anything.
func TestExpressFramesCrossInOrder(t *testing.T) {
	_, _, a, b := ends(t, port.Settings{RingBytes: 16 << 20})
	got := collect(t, b)
	s := express(t, a)
	total := 0
	for _, size := range []int{64, 1518} {
		frames := signed(t, 250, size)
		for range 30 {
			n, err := s.Send(frames)
			if err != nil || n != len(frames) {
				t.Fatalf("%d sent, %v", n, err)
			}
			total += n
			got(total)
		}
	}
	for i, sig := range got(total) {
		if int(sig.Seq) != i%250 {
			t.Fatalf("frame %d has sequence %d", i, sig.Seq)
		}
	}
	frames := signed(t, 64, 64)
	if n := testing.AllocsPerRun(100, func() { _, _ = s.Send(frames) }); n > 0.5 { // what else the process does is counted too
		t.Errorf("%v allocations a batch", n)
	}
	if n := s.Refused(); n != 0 {
		t.Errorf("%d refused", n)
	}
}

// What could not be sent while the link was down, on whichever side, is not
// sent later, and frames flow again when it is up.
func TestExpressLinkDown(t *testing.T) {
	nsA, nsB, a, b := ends(t, port.Settings{})
	got := collect(t, b)
	s := express(t, a)
	want := 0
	send := func(first, n int) error {
		frames := signed(t, first+n, 64)[first:]
		_, err := s.Send(frames)
		return err
	}
	for round, cut := range []func(string){
		func(state string) { nsA.Run(t, "ip link set eth1 "+state) },
		func(state string) { nsB.Run(t, "ip link set eth2 "+state) },
	} {
		if err := send(0, 3); err != nil {
			t.Fatal(round, err, s.Refused())
		}
		want += 3
		got(want)
		cut("down")
		for range 40 { // more than the ring
			if err := send(100, 64); !errors.Is(err, port.ErrLinkDown) {
				t.Fatalf("round %d: %v, want %v", round, err, port.ErrLinkDown)
			}
		}
		cut("up")
		if err := send(3, 3); err != nil {
			t.Fatal(round, err, s.Refused())
		}
		want += 3
		for i, sig := range got(want) {
			if int(sig.Seq) != i%6 {
				t.Fatalf("round %d: frame %d has sequence %d", round, i, sig.Seq)
			}
		}
	}
}

func TestExpressRefusals(t *testing.T) {
	nsA, _, a, _ := ends(t, port.Settings{})
	s := express(t, a)
	if _, err := s.Send([][]byte{make([]byte, 5000)}); err == nil {
		t.Error("a frame of 5000 bytes was taken")
	}
	if _, err := a.(port.Express).Express(); err == nil {
		t.Error("two senders share a queue")
	}
	nsA.Run(t, "ip link del eth1")
	if _, err := s.Send(signed(t, 1, 64)); err == nil || errors.Is(err, port.ErrLinkDown) {
		t.Errorf("after the device is gone: %v", err)
	}
}
