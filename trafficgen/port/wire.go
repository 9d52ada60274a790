package port

import (
	"container/heap"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Wire joins ports in memory, for tests. It uses only time.Now and timers, so
// it runs under testing/synctest.
type Wire struct {
	// Carry decides what becomes of a frame that a port sends: where copies of
	// it arrive, and when. No delivery is loss, two are a duplicate, a late one
	// reorders. It may change the frame. It is called under a lock. Nil carries
	// everything at once to every other port.
	Carry func(from string, frame []byte) []Delivery
	// Speed is what its ports say of theirs, in bits per second.
	Speed uint64

	mu    sync.Mutex
	ports map[string]*memory
	sent  uint64
}

// A Delivery is one arrival of a frame.
type Delivery struct {
	To    string // port's name, node:device
	After time.Duration
}

// Open returns the wire's port of that name, made on first use; after it was
// closed, a new one.
func (w *Wire) Open(id trafficgen.PortID, _ Settings) (Port, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := Name(id)
	if p := w.ports[name]; p != nil {
		return nil, fmt.Errorf("%s is open already", name)
	}
	if w.ports == nil {
		w.ports = map[string]*memory{}
	}
	p := &memory{wire: w, name: name, mac: emulatedMAC(trafficgen.PortID{Node: id.Node, Device: id.Device}),
		wake: make(chan struct{}, 1), closed: make(chan struct{})}
	w.ports[name] = p
	return p, nil
}

func (w *Wire) carry(from *memory, b []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b = append([]byte(nil), b...)
	var to []Delivery
	if w.Carry != nil {
		to = w.Carry(from.name, b)
	} else {
		for name := range w.ports {
			if name != from.name {
				to = append(to, Delivery{To: name})
			}
		}
	}
	now := time.Now()
	for _, d := range to {
		w.sent++
		if p := w.ports[d.To]; p != nil {
			p.deliver(inFlight{at: now.Add(d.After), order: w.sent, frame: b})
		}
	}
}

// memory is a port of a Wire.
type memory struct {
	wire   *Wire
	name   string
	mac    net.HardwareAddr
	wake   chan struct{}
	closed chan struct{}
	once   sync.Once

	mu    sync.Mutex
	queue flight
}

func (m *memory) Link() Link {
	return Link{Name: m.name, MAC: m.mac, MTU: 9216, Speed: m.wire.Speed, Sends: "memory", Receives: "memory"}
}

func (m *memory) Send(frames [][]byte) (int, error) {
	for _, f := range frames {
		m.wire.carry(m, f)
	}
	return len(frames), nil
}

func (m *memory) deliver(f inFlight) {
	m.mu.Lock()
	heap.Push(&m.queue, f)
	m.mu.Unlock()
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

func (m *memory) Receive(handle func([]Arrival)) error {
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		batch, wait := m.due(time.Now())
		if len(batch) > 0 {
			handle(batch)
			continue
		}
		timer.Reset(wait)
		select {
		case <-m.wake:
		case <-timer.C:
		case <-m.closed:
			return nil
		}
	}
}

// due takes the frames that have arrived by now, or says when the next will.
func (m *memory) due(now time.Time) ([]Arrival, time.Duration) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var batch []Arrival
	for len(m.queue) > 0 {
		if wait := m.queue[0].at.Sub(now); wait > 0 {
			return batch, wait
		}
		f := heap.Pop(&m.queue).(inFlight)
		batch = append(batch, Arrival{Frame: f.frame, At: f.at.UnixNano()})
	}
	return batch, time.Hour
}

func (m *memory) Dropped() (uint64, error) { return 0, nil }

func (m *memory) Close() error {
	m.once.Do(func() {
		close(m.closed)
		m.wire.mu.Lock()
		delete(m.wire.ports, m.name)
		m.wire.mu.Unlock()
	})
	return nil
}

// inFlight is a frame on its way, flight a heap of them by arrival.
type inFlight struct {
	at    time.Time
	order uint64
	frame []byte
}

type flight []inFlight

func (f flight) Len() int { return len(f) }
func (f flight) Less(i, j int) bool {
	if f[i].at.Equal(f[j].at) {
		return f[i].order < f[j].order
	}
	return f[i].at.Before(f[j].at)
}
func (f flight) Swap(i, j int) { f[i], f[j] = f[j], f[i] }
func (f *flight) Push(x any)   { *f = append(*f, x.(inFlight)) }
func (f *flight) Pop() any {
	old := *f
	x := old[len(old)-1]
	*f = old[:len(old)-1]
	return x
}
