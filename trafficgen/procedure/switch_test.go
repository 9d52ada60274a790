package procedure_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A memorySwitch forwards the frames of a Wire between three ports and learns
// the sources of so many addresses.
type memorySwitch struct {
	room  int
	table map[string]string // port by address
}

func (s *memorySwitch) carry(from string, frame []byte) []port.Delivery {
	src := string(frame[6:12])
	if _, known := s.table[src]; known || len(s.table) < s.room {
		s.table[src] = from
	}
	if to, known := s.table[string(frame[:6])]; known {
		return []port.Delivery{{To: to}}
	}
	var flood []port.Delivery
	for _, to := range []string{"g1:eth1", "g2:eth1", "g3:eth1"} {
		if to != from {
			flood = append(flood, port.Delivery{To: to})
		}
	}
	return flood
}

// The engine's frames teach a switch, and flooding is seen at the monitor. The
// switch does not forget, so that one lesson is all that it can be given.
func TestAddressesOnTheWire(t *testing.T) {
	for _, tc := range []struct{ room, taught, want int }{{300, 300, 300}, {299, 300, 0}} {
		synctest.Test(t, func(t *testing.T) {
			s := &memorySwitch{room: tc.room, table: map[string]string{}}
			w := &port.Wire{Carry: s.carry}
			gen := engine.New(engine.Options{Open: w.Open, Sleep: func(until time.Time) { time.Sleep(time.Until(until)) }})
			r := measure(t, gen, AddressCaching, Options{Streams: stream(1000), Monitor: g3, Addresses: tc.taught, Rest: -1, MaxTrials: 1, Attempts: 1})
			row := r.Rows[0]
			if row.Addresses.Addresses != tc.want || row.TesterLimited != "" || row.Trials[0].Sent != 300 {
				t.Errorf("room for %d: %+v %+v", tc.room, row.Addresses, row.Trials)
			}
			if flooded := tc.taught - tc.room; row.Trials[0].Lost != uint64(flooded) {
				t.Errorf("%d flooded, want %d", row.Trials[0].Lost, flooded)
			}
		})
	}
}

// The kernel's bridge learns all addresses while it may, and none when it may
// not.
func TestAddressesOfAKernelBridge(t *testing.T) {
	porttest.Need(t, "bridge")
	sw := porttest.New(t)
	sw.Run(t, `
		ip link add br0 type bridge
		ip link set br0 up`)
	var ports []trafficgen.PortID
	for i, id := range []trafficgen.PortID{g1, g2, g3} {
		host := porttest.New(t)
		device := []string{"p1", "p2", "p3"}[i]
		porttest.Veth(t, host, "eth1", sw, device)
		sw.Run(t, "ip link set "+device+" master br0")
		id.NetNS = host.Path
		ports = append(ports, id)
	}
	o := Options{Monitor: ports[2], Addresses: 500, Rest: -1, MaxTrials: 3,
		Streams: []trafficgen.Stream{{Name: "s", From: ports[0], To: ports[1], Rate: 1000}}}
	gen := engine.New(engine.Options{})
	row := measure(t, gen, AddressCaching, o).Rows[0]
	if row.Addresses.Addresses != 500 || !row.Addresses.Unbounded {
		t.Errorf("%+v, want all of 500: %q %+v", row.Addresses, row.TesterLimited, row.Trials)
	}
	sw.Run(t, `
		bridge link set dev p2 learning off
		ip link set br0 type bridge fdb_flush`)
	o.Addresses = 4
	if row = measure(t, gen, AddressCaching, o).Rows[0]; row.Addresses.Addresses != 0 || row.TesterLimited != "" {
		t.Errorf("%+v, want none: %q %+v", row.Addresses, row.TesterLimited, row.Trials)
	}
}
