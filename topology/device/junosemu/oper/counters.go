package oper

import (
	"maps"
	"sync"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A zeroing remembers what the counters of devices were when they were cleared.
// Its zero value has none cleared.
type zeroing struct {
	mu   sync.Mutex
	from map[string]junosemu.LinkState
}

// forget has the counters of devices start from what they are.
func (z *zeroing) forget(devices map[string]junosemu.LinkState) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.from == nil {
		z.from = map[string]junosemu.LinkState{}
	}
	maps.Copy(z.from, devices)
}

// since is a device with what its counters counted since they were cleared. A
// device that was made anew meanwhile counts from zero by itself.
func (z *zeroing) since(l junosemu.LinkState) junosemu.LinkState {
	z.mu.Lock()
	defer z.mu.Unlock()
	before, cleared := z.from[l.Device]
	if !cleared || before.Index != l.Index {
		return l
	}
	for _, c := range []struct {
		now  *uint64
		then uint64
	}{
		{&l.RxPackets, before.RxPackets}, {&l.TxPackets, before.TxPackets}, {&l.RxBytes, before.RxBytes}, {&l.TxBytes, before.TxBytes},
		{&l.RxErrors, before.RxErrors}, {&l.TxErrors, before.TxErrors}, {&l.RxDropped, before.RxDropped}, {&l.TxDropped, before.TxDropped},
	} {
		*c.now -= min(c.then, *c.now)
	}
	return l
}
