package oper

import (
	"maps"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// A zeroing remembers what the counters of devices were when they were cleared.
// Its zero value has none cleared.
type zeroing struct {
	mu   sync.Mutex
	from map[string]junosemu.LinkState
	at   map[string]time.Time // when, by device
}

// forget has the counters of devices start from what they are now.
func (z *zeroing) forget(devices map[string]junosemu.LinkState, now time.Time) {
	z.mu.Lock()
	defer z.mu.Unlock()
	if z.from == nil {
		z.from, z.at = map[string]junosemu.LinkState{}, map[string]time.Time{}
	}
	maps.Copy(z.from, devices)
	for device := range devices {
		z.at[device] = now
	}
}

// last is when the counters of a device were cleared; the zero time if never.
func (z *zeroing) last(device string) time.Time {
	z.mu.Lock()
	defer z.mu.Unlock()
	return z.at[device]
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
