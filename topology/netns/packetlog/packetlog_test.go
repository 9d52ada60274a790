package packetlog

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"
)

var (
	ping4 = []byte{0x45, 0, 0, 84, 0, 0, 0x40, 0, 64, 1, 0, 0, 10, 0, 0, 1, 10, 0, 0, 2, 8, 0, 0, 0}
	tcp6  = append(append([]byte{0x60, 0, 0, 0, 0, 20, 6, 64},
		append(netip.MustParseAddr("2001:db8::1").AsSlice(), netip.MustParseAddr("2001:db8::2").AsSlice()...)...), 0x30, 0x39, 0, 22)
)

func TestPackets(t *testing.T) {
	now := time.Now()
	for _, test := range []struct {
		packet              []byte
		protocol            uint8
		length              int
		source, destination string
	}{
		{ping4, 1, 84, "10.0.0.1:0", "10.0.0.2:0"},
		{tcp6, 6, 60, "[2001:db8::1]:12345", "[2001:db8::2]:22"},
		{tcp6[:42], 6, 60, "[2001:db8::1]:0", "[2001:db8::2]:0"}, // the ports are cut off
	} {
		message := append(attribute(attrPrefix, []byte("A f\x00")), attribute(attrPayload, test.packet)...)
		message = append(message, attribute(attrIn, binary.BigEndian.AppendUint32(nil, 7))...)
		e, err := parseMessage(message, now)
		if err != nil {
			t.Fatal(err)
		}
		want := Entry{Time: now, Prefix: "A f", In: 7, Protocol: test.protocol, Length: test.length,
			Source: netip.MustParseAddrPort(test.source), Destination: netip.MustParseAddrPort(test.destination)}
		if e != want {
			t.Errorf("got  %+v\nwant %+v", e, want)
		}
	}
	for _, broken := range [][]byte{nil, {1}, attribute(attrPayload, nil), attribute(attrPayload, ping4[:19]), {200, 0, 9, 0, 1}} {
		if e, err := parseMessage(broken, now); err == nil {
			t.Errorf("%v: %+v", broken, e)
		}
	}
}

func TestTheOldestGoFirst(t *testing.T) {
	l := New(1)
	for i := range capacity + 3 {
		l.add(Entry{Length: i})
	}
	if all := l.Entries(); len(all) != capacity || all[0].Length != capacity+2 || all[capacity-1].Length != 3 {
		t.Errorf("%d entries, from %+v to %+v", len(all), all[0], all[len(all)-1])
	}
	l.Clear()
	if len(l.Entries()) != 0 {
		t.Error("not cleared")
	}
}

func FuzzMessages(f *testing.F) {
	f.Add(append(attribute(attrPrefix, []byte("A f\x00")), attribute(attrPayload, tcp6)...))
	f.Fuzz(func(t *testing.T, b []byte) {
		New(1).read(b)
		if e, err := parseMessage(b, time.Time{}); err == nil && !e.Source.Addr().IsValid() {
			t.Errorf("%+v", e)
		}
	})
}
