package lldp

import (
	"bytes"
	"cmp"
	"slices"
	"time"
)

// A Neighbor is a system that was heard on a port.
type Neighbor struct {
	Frame
	Device string    // the port, by its kernel device
	Heard  time.Time // last
	Until  time.Time // when it is forgotten
}

// maxNeighbors is how many neighbors a port may have; more are not noted, so
// that nobody can fill the memory.
const maxNeighbors = 64

// A table is who was heard, on all ports.
type table struct {
	neighbors []*Neighbor
	ageouts   map[string]int // by device: neighbors that fell silent
}

// note takes a frame in. It reports whether that is a neighbor nobody knew.
func (t *table) note(device string, f *Frame, now time.Time) (isNew bool) {
	same := func(n *Neighbor) bool {
		return n.Device == device && equal(n.Chassis, f.Chassis) && equal(n.Port, f.Port)
	}
	if f.TTL == 0 {
		t.neighbors = slices.DeleteFunc(t.neighbors, same)
		return false
	}
	n := &Neighbor{Frame: *f, Device: device, Heard: now, Until: now.Add(time.Duration(f.TTL) * time.Second)}
	if i := slices.IndexFunc(t.neighbors, same); i >= 0 {
		t.neighbors[i] = n
		return false
	}
	if len(t.of(device)) >= maxNeighbors {
		return false
	}
	t.neighbors = append(t.neighbors, n)
	return true
}

func equal(a, b ID) bool { return a.Subtype == b.Subtype && bytes.Equal(a.Value, b.Value) }

// of are the neighbors on a port.
func (t *table) of(device string) (list []*Neighbor) {
	for _, n := range t.neighbors {
		if n.Device == device {
			list = append(list, n)
		}
	}
	return list
}

// expire forgets who has not been heard in time.
func (t *table) expire(now time.Time) {
	t.neighbors = slices.DeleteFunc(t.neighbors, func(n *Neighbor) bool {
		if n.Until.After(now) {
			return false
		}
		if t.ageouts == nil {
			t.ageouts = map[string]int{}
		}
		t.ageouts[n.Device]++
		return true
	})
}

// forget drops the neighbors on a port, or on all if there is no name.
func (t *table) forget(device string) {
	t.neighbors = slices.DeleteFunc(t.neighbors, func(n *Neighbor) bool { return device == "" || n.Device == device })
}

// list are the neighbors in the order of their ports.
func (t *table) list() []Neighbor {
	all := make([]Neighbor, len(t.neighbors))
	for i, n := range t.neighbors {
		all[i] = *n
	}
	slices.SortStableFunc(all, func(a, b Neighbor) int {
		return cmp.Or(cmp.Compare(len(a.Device), len(b.Device)), cmp.Compare(a.Device, b.Device), bytes.Compare(a.Chassis.Value, b.Chassis.Value))
	})
	return all
}
