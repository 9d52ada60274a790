package port_test

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// ends opens both ends of a veth pair whose kernels have 10.0.0.1 and 10.0.0.2.
func ends(t *testing.T, s port.Settings) (nsA, nsB *porttest.Namespace, a, b port.Port) {
	t.Helper()
	nsA, nsB = porttest.New(t), porttest.New(t)
	porttest.Veth(t, nsA, "eth1", nsB, "eth2")
	nsA.Run(t, "ip addr add 10.0.0.1/24 dev eth1\nip addr add 2001:db8::1/64 dev eth1 nodad")
	nsB.Run(t, "ip addr add 10.0.0.2/24 dev eth2\nip addr add 2001:db8::2/64 dev eth2 nodad")
	return nsA, nsB, open(t, nsA, "eth1", s), open(t, nsB, "eth2", s)
}

func open(t *testing.T, ns *porttest.Namespace, device string, s port.Settings) port.Port {
	t.Helper()
	p, err := port.Open(trafficgen.PortID{Node: "n", Device: device, NetNS: ns.Path}, s)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(); err != nil {
			t.Error(err)
		}
	})
	return p
}

// signed is n frames of one stream, sequences from 0.
func signed(t *testing.T, n, size int) [][]byte {
	t.Helper()
	deck, err := frame.New(trafficgen.Stream{Name: "s", Size: size, Src: netip.MustParseAddr("10.9.0.1"), Dst: netip.MustParseAddr("10.9.0.2")},
		[]byte{2, 0, 0, 0, 0, 1}, []byte{2, 0, 0, 0, 0, 2}, frame.ID{Run: 1, Stream: 1})
	if err != nil {
		t.Fatal(err)
	}
	frames := make([][]byte, n)
	for i := range frames {
		frames[i] = deck.Card(0).Copy(make([]byte, size), uint32(i), time.Now().UnixNano())
	}
	return frames
}

// collect receives on p in the background; the function it returns waits until
// n signed frames have come and gives them.
func collect(t *testing.T, p port.Port) func(n int) []frame.Signature {
	var mu sync.Mutex
	var got []frame.Signature
	grown := make(chan struct{}, 1)
	done := make(chan error, 1)
	go func() {
		done <- p.Receive(func(batch []port.Arrival) {
			mu.Lock()
			defer mu.Unlock()
			for _, a := range batch {
				sig, v := frame.Parse(a.Frame)
				if v != frame.Whole {
					continue
				}
				if d := a.At - sig.Sent; d < 0 || d > int64(time.Minute) {
					t.Errorf("frame %d arrived %v after it was sent", sig.Seq, time.Duration(d))
				}
				got = append(got, sig)
			}
			select {
			case grown <- struct{}{}:
			default:
			}
		})
	}()
	t.Cleanup(func() {
		_ = p.Close()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return func(n int) []frame.Signature {
		t.Helper()
		for deadline := time.After(time.Minute); ; {
			mu.Lock()
			if len(got) >= n {
				defer mu.Unlock()
				return got
			}
			mu.Unlock()
			select {
			case <-grown:
			case <-deadline:
				t.Fatalf("%d frames arrived in a minute, want %d", len(got), n)
			}
		}
	}
}

// Frames of both ends of the size range cross in order, many times the ring,
// and a port does not see what it sent itself.
func TestFramesCrossInOrder(t *testing.T) {
	for _, size := range []int{64, 1518} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			_, _, a, b := ends(t, port.Settings{RingBytes: 4 << 20})
			fromA, fromB := collect(t, b), collect(t, a)
			total := 0
			for range 60 {
				frames := signed(t, 250, size)
				n, err := a.Send(frames)
				if err != nil || n != len(frames) {
					t.Fatalf("%d sent, %v", n, err)
				}
				total += n
				fromA(total) // the ring holds fewer than all of them
			}
			for i, sig := range fromA(total) {
				if int(sig.Seq) != i%250 {
					t.Fatalf("frame %d has sequence %d", i, sig.Seq)
				}
			}
			if drops, err := b.Dropped(); drops != 0 || err != nil {
				t.Errorf("%d dropped, %v", drops, err)
			}
			if got := fromB(0); len(got) != 0 {
				t.Errorf("the sender received %d of its own frames", len(got))
			}
		})
	}
}

// Frames that a full ring cannot take are counted, every one.
func TestRingDropsAreCounted(t *testing.T) {
	nsA, nsB := porttest.New(t), porttest.New(t)
	for _, ns := range []*porttest.Namespace{nsA, nsB} { // nothing but our frames on the wire
		ns.Run(t, "sysctl -q net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1")
	}
	porttest.Veth(t, nsA, "eth1", nsB, "eth2")
	a, b := open(t, nsA, "eth1", port.Settings{}), open(t, nsB, "eth2", port.Settings{RingBytes: 1 << 20})
	const sent = 5000
	if n, err := a.Send(signed(t, sent, 1518)); n != sent || err != nil {
		t.Fatal(n, err)
	}
	drops, err := b.Dropped()
	if err != nil || drops == 0 || drops >= sent {
		t.Fatalf("%d dropped of %d in a ring of 1 MiB, %v", drops, sent, err)
	}
	got := collect(t, b)(sent - int(drops))
	again, _ := b.Dropped()
	if len(got)+int(drops) != sent || again != drops {
		t.Errorf("%d received and %d, then %d dropped of %d", len(got), drops, again, sent)
	}
}

// A link that goes down is ErrLinkDown, on whichever side it was cut, and
// frames flow again when it is up.
func TestLinkDown(t *testing.T) {
	for _, own := range []bool{true, false} {
		t.Run(fmt.Sprintf("own=%v", own), func(t *testing.T) {
			nsA, nsB, a, b := ends(t, port.Settings{})
			got := collect(t, b)
			set := func(state string) {
				if own {
					nsA.Run(t, "ip link set eth1 "+state)
				} else {
					nsB.Run(t, "ip link set eth2 "+state)
				}
			}
			frames := signed(t, 3, 64)
			if _, err := a.Send(frames); err != nil {
				t.Fatal(err)
			}
			got(3)
			set("down")
			if n, err := a.Send(frames); !errors.Is(err, port.ErrLinkDown) || n != 0 || !strings.Contains(err.Error(), "n:eth1") {
				t.Fatalf("%d sent, %v; want %v", n, err, port.ErrLinkDown)
			}
			set("up")
			if n, err := a.Send(frames); n != 3 || err != nil {
				t.Fatal(n, err)
			}
			got(6)
		})
	}
}

func TestDeviceGone(t *testing.T) {
	nsA, _, a, _ := ends(t, port.Settings{})
	nsA.Run(t, "ip link del eth1")
	if _, err := a.Send(signed(t, 1, 64)); err == nil || errors.Is(err, port.ErrLinkDown) || !strings.Contains(err.Error(), "the device is gone") {
		t.Errorf("%v", err)
	}
}

func TestFrameBeyondTheMTU(t *testing.T) {
	_, _, a, _ := ends(t, port.Settings{})
	n, err := a.Send(append(signed(t, 2, 64), signed(t, 1, 1600)...))
	if n != 2 || err == nil || !strings.Contains(err.Error(), "a frame of 1596 bytes does not fit the MTU of 1500") {
		t.Errorf("%d sent, %v", n, err)
	}
}

// A veth pair is a link of 10 Gb/s, by its own word.
func TestSpeed(t *testing.T) {
	_, _, a, _ := ends(t, port.Settings{})
	if got := a.Link().Speed; got != 10_000_000_000 {
		t.Errorf("%d bits a second", got)
	}
}

func TestOpenRefusals(t *testing.T) {
	ns := porttest.New(t)
	for _, tc := range []struct {
		id   trafficgen.PortID
		want string
	}{
		{trafficgen.PortID{Node: "n", Device: "eth9", NetNS: ns.Path}, `n:eth9: device "eth9": Link not found (there is lo`},
		{trafficgen.PortID{Node: "n", Device: "lo", NetNS: "/nonexistent"}, "n:lo: network namespace: open /nonexistent"},
		{trafficgen.PortID{Node: "n", Device: "lo", NetNS: "/proc/self/status"}, "entering network namespace"},
	} {
		_, err := port.Open(tc.id, port.Settings{})
		if err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("error %v, want %q", err, tc.want)
		}
	}
}

func TestNextHopIsTheKernels(t *testing.T) {
	nsA, _, a, _ := ends(t, port.Settings{})
	nsA.Run(t, `
		ip addr add 10.0.0.7/24 dev eth1
		ip route add 10.5.0.0/16 via 10.0.0.2 src 10.0.0.7
		ip route add 10.7.0.0/16 via inet6 2001:db8::2
		ip -6 route add 2001:db8:5::/48 via 2001:db8::2
		ip link add other type veth peer name unused
		ip addr add 10.6.0.1/24 dev other
		ip link set other up
		ip link set unused up`)
	addr := netip.MustParseAddr
	for _, tc := range []struct{ dst, src, source, next, err string }{
		{dst: "10.0.0.2", source: "10.0.0.1", next: "10.0.0.2"},
		{dst: "10.5.1.1", source: "10.0.0.7", next: "10.0.0.2"},
		{dst: "10.5.1.1", src: "10.0.0.1", source: "10.0.0.1", next: "10.0.0.2"},
		{dst: "10.7.1.1", source: "10.0.0.1", next: "2001:db8::2"},
		{dst: "2001:db8:5::9", source: "2001:db8::1", next: "2001:db8::2"},
		{dst: "192.0.2.1", err: "n:eth1: no route to 192.0.2.1"},
		{dst: "10.6.0.9", err: "n:eth1: the route to 10.6.0.9 does not leave by this device"},
	} {
		var src netip.Addr
		if tc.src != "" {
			src = addr(tc.src)
		}
		hop, err := a.(port.Stack).NextHop(addr(tc.dst), src)
		if tc.err != "" {
			if err == nil || !strings.Contains(err.Error(), tc.err) {
				t.Errorf("%s: error %v, want %q", tc.dst, err, tc.err)
			}
			continue
		}
		if want := (port.Hop{Source: addr(tc.source), Next: addr(tc.next)}); err != nil || hop != want {
			t.Errorf("%s from %q: %v, %v; want %v", tc.dst, tc.src, hop, err, want)
		}
	}
}

// A kernel asks for an emulated host by ARP and neighbor discovery and gets
// the host's own hardware address, for as long as the port is open.
func TestEmulatedHostAnswers(t *testing.T) {
	nsA, nsB := porttest.New(t), porttest.New(t)
	porttest.Veth(t, nsA, "eth1", nsB, "eth2")
	nsB.Run(t, "ip addr add 10.0.0.2/24 dev eth2\nip addr add 2001:db8::2/64 dev eth2 nodad")
	id := trafficgen.PortID{Node: "g", Device: "eth1", NetNS: nsA.Path,
		Address: netip.MustParsePrefix("10.0.0.5/24"), Address6: netip.MustParsePrefix("2001:db8::5/64")}
	p := open(t, nsA, "eth1", port.Settings{})
	h := port.NewHost(id, p)
	h.Answer(netip.MustParseAddr("10.0.0.6"))
	h.Answer(netip.MustParseAddr("192.0.2.6")) // not on the link: not answered
	go func() {
		_ = p.Receive(func(batch []port.Arrival) {
			for _, a := range batch {
				h.Handle(a.Frame)
			}
		})
	}()
	if h.MAC().String() == p.Link().MAC.String() {
		t.Error("the emulated host has the device's own hardware address")
	}
	for _, next := range []string{"10.0.0.2", "2001:db8::2"} {
		mac, err := h.Resolve(t.Context(), netip.MustParseAddr(next))
		if err != nil || !strings.Contains(nsB.Run(t, "ip link show eth2"), mac.String()) {
			t.Errorf("%s is at %v, %v", next, mac, err)
		}
	}
	for _, addr := range []string{"10.0.0.5", "10.0.0.6", "2001:db8::5"} {
		nsB.Run(t, "ip neigh flush all")
		nsB.Run(t, "ping -n -c 1 -W 3 "+addr)
		if out := nsB.Run(t, "ip neigh show "+addr); !strings.Contains(out, h.MAC().String()) {
			t.Errorf("neighbor entry %q, want %v", out, h.MAC())
		}
	}
}
