package tally

import (
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// mixed is frames of several lengths and flows.
func mixed(t testing.TB) *frame.Deck {
	t.Helper()
	s := trafficgen.Stream{Name: "s", Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"),
		Sizes: []int{64, 64, 570, 64, 1518, 77}, Flows: 5}
	deck, err := frame.New(s, net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: run, Stream: 3})
	if err != nil {
		t.Fatal(err)
	}
	return deck
}

// Of frames of several lengths each must be whole for its own, and one of
// another length passes.
func TestMixedLengths(t *testing.T) { kinds(t, mixedLengths) }

func mixedLengths(t *testing.T, v variant) {
	deck := mixed(t)
	table, e := begun(t, v, deck, 1<<40)
	for i := range deck.Len() {
		whole := deck.Card(i).Copy(make([]byte, 1518), uint32(i), time.Now().UnixNano())
		if !counted(t, table, whole) {
			t.Errorf("the frame of %d bytes was let pass", len(whole))
		}
		for at := 14; at < len(whole); at += 3 {
			b := append([]byte(nil), whole...)
			b[at] ^= 0x10
			if sig, verdict := frame.Parse(b); counted(t, table, b) && (verdict != frame.Whole || sig.Stream != 3) {
				t.Errorf("byte %d of %d is wrong, yet it was counted", at, len(whole))
			}
		}
	}
	if counted(t, table, deckOf(t, false, 100, 3).Card(0).Copy(make([]byte, 100), 0, 0)) {
		t.Error("a length that the stream does not have was counted")
	}
	if got := e.Counters().Received; got != uint64(deck.Len()) {
		t.Errorf("%d received, want %d", got, deck.Len())
	}
}

// A stream counts at the port that it is to arrive at, and passes elsewhere.
func TestPortsCountTheirOwn(t *testing.T) { kinds(t, portsCountTheirOwn) }

func portsCountTheirOwn(t *testing.T, v variant) {
	deck := deckOf(t, false, 64, 3)
	table := load(t, v, Spec{Stream: 3, Port: 1, Span: 64, Half: half, Buckets: buckets})
	if !table.Entry(3).Begin(deck) {
		t.Fatal("the stream is refused")
	}
	table.Entry(3).Sent.Store(10)
	if counted(t, table, deck.Card(0).Copy(make([]byte, 100), 0, 0)) {
		t.Error("the program of port 0 counted a stream of port 1")
	}
}
