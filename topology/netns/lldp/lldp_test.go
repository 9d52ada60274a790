package lldp

import (
	"bytes"
	"net/netip"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// full says everything that can be said.
func full() *Frame {
	return &Frame{
		Chassis: ID{ChassisMAC, []byte{2, 0, 0, 0, 1, 1}}, Port: ID{PortLocallyAssigned, []byte("501")}, TTL: 120,
		PortDescription: "to r2", SystemName: "r1", SystemDescription: "a router",
		Supported: Bridge | Router, Enabled: Router,
		Management: []Management{{netip.MustParseAddr("10.255.0.1"), 501}, {netip.MustParseAddr("2001:db8::1"), 501}},
	}
}

var addresses = cmp.Comparer(func(a, b netip.Addr) bool { return a == b })

// wire is the frame of a lab's bridge, byte by byte from the tables of 802.1AB.
var wire = []byte{
	0x02, 0x07, 4, 2, 0, 0, 0, 1, 1, // chassis: a MAC address
	0x04, 0x05, 5, 'e', 't', 'h', '1', // port: an interface's name
	0x06, 0x02, 0, 120, // time to live
	0x0a, 0x02, 'h', '1', // system name
	0x0e, 0x04, 0, 0x14, 0, 0x10, // capabilities
	0x10, 0x0c, 5, 1, 10, 0, 0, 1, 2, 0, 0, 0, 7, 0, // management address
	0xfe, 0x05, 0, 0x80, 0xc2, 1, 0, // one of an organisation
	0, 0,
}

func TestDecode(t *testing.T) {
	got, err := Decode(wire)
	if err != nil {
		t.Fatal(err)
	}
	want := &Frame{
		Chassis: ID{ChassisMAC, []byte{2, 0, 0, 0, 1, 1}}, Port: ID{PortInterfaceName, []byte("eth1")}, TTL: 120, SystemName: "h1",
		Supported: Bridge | Router, Enabled: Router, Management: []Management{{netip.MustParseAddr("10.0.0.1"), 7}},
	}
	if diff := cmp.Diff(want, got, addresses); diff != "" {
		t.Error(diff)
	}
	if got.Chassis.String() != "02:00:00:00:01:01" || got.Port.String() != "eth1" {
		t.Errorf("IDs: %s, %s", got.Chassis, got.Port)
	}
}

func TestEncodeDecode(t *testing.T) {
	for _, f := range []*Frame{full(), {Chassis: ID{7, []byte("x")}, Port: ID{7, []byte("y")}}} {
		got, err := Decode(f.Encode())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(f, got, addresses); diff != "" {
			t.Error(diff)
		}
	}
	goodbye := full()
	goodbye.TTL = 0
	if got, err := Decode(goodbye.Encode()); err != nil || got.SystemName != "" || got.TTL != 0 {
		t.Errorf("a goodbye: %+v, %v", got, err)
	}
	long := full()
	long.SystemDescription = string(bytes.Repeat([]byte("x"), 2000))
	if got, err := Decode(long.Encode()); err != nil || len(got.SystemDescription) != 255 {
		t.Errorf("a long description: %d bytes, %v", len(got.SystemDescription), err)
	}
}

func TestBrokenFrames(t *testing.T) {
	good := full().Encode()
	for name, b := range map[string][]byte{
		"nothing":          nil,
		"no end":           good[:len(good)-2],
		"cut":              good[:5],
		"port first":       append(append([]byte{}, good[9:]...), good[:9]...),
		"two times":        append(append(append([]byte{}, wire[:20]...), 0x06, 0x02, 0, 9), wire[20:]...),
		"empty chassis ID": {0x02, 0x01, 4, 0x04, 0x02, 7, 'x', 0x06, 0x02, 0, 1, 0, 0},
		"half a time":      {0x02, 0x02, 4, 1, 0x04, 0x02, 7, 'x', 0x06, 0x01, 0, 0, 0},
	} {
		if f, err := Decode(b); err == nil {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func FuzzDecode(f *testing.F) {
	f.Add(wire)
	f.Add(full().Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		frame, err := Decode(b)
		if err != nil {
			return
		}
		// What is understood can be said again, and is understood the same.
		again, err := Decode(frame.Encode())
		if err != nil {
			t.Fatalf("%+v: %v", frame, err)
		}
		if again.Chassis.String() != frame.Chassis.String() || again.Port.String() != frame.Port.String() || again.TTL != frame.TTL {
			t.Errorf("%+v became %+v", frame, again)
		}
	})
}

func TestTable(t *testing.T) {
	start := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	var table table
	short := full()
	short.Port, short.TTL = ID{PortLocallyAssigned, []byte("502")}, 10
	if !table.note("eth1", full(), at(0)) || !table.note("eth2", full(), at(0)) || !table.note("eth1", short, at(0)) {
		t.Error("a new neighbor was taken for an old one")
	}
	if table.note("eth1", short, at(5)) {
		t.Error("an old neighbor was taken for a new one")
	}
	heard := func() (devices []string) {
		for _, n := range table.list() {
			devices = append(devices, n.Device+" "+n.Port.String())
		}
		return devices
	}
	for _, step := range []struct {
		what string
		do   func()
		want []string
	}{
		{"before the time is up", func() { table.expire(at(14)) }, []string{"eth1 501", "eth1 502", "eth2 501"}},
		{"after ten seconds of silence", func() { table.expire(at(15)) }, []string{"eth1 501", "eth2 501"}},
		{"a goodbye", func() { table.note("eth2", &Frame{Chassis: full().Chassis, Port: full().Port}, at(16)) }, []string{"eth1 501"}},
		{"a link that went down", func() { table.forget("eth1") }, nil},
	} {
		step.do()
		if diff := cmp.Diff(step.want, heard()); diff != "" {
			t.Errorf("%s: %s", step.what, diff)
		}
	}
	if table.ageouts["eth1"] != 1 || table.ageouts["eth2"] != 0 {
		t.Errorf("ageouts: %v", table.ageouts)
	}
	for i := range 2 * maxNeighbors {
		f := full()
		f.Port.Value = []byte{byte(i)}
		table.note("eth3", f, at(20))
	}
	if n := len(table.list()); n != maxNeighbors {
		t.Errorf("%d neighbors on one port, want %d at most", n, maxNeighbors)
	}
}
