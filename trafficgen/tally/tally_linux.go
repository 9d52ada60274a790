// Package tally counts the frames of streams inside the kernel.
//
// A Table is BPF programs and the memory they share with this process. A
// program is put before whatever would hand frames to this process, takes out
// those that are whole, expected and of a stream of the table, and counts them:
// which sequences came, how often, in which order and how late. Everything else
// it lets pass: control traffic, learning frames, frames of other streams,
// damaged ones, and all that it does not understand or has no room for. So a
// count is either the program's or the reader's, never both's.
//
// It reads frames whose payload frame.Card.Payload knows: UDP, TCP or ICMP over
// IPv4 or IPv6, behind VLAN tags, MPLS labels and tunnels, also where a device
// on the way has put them on or taken them off. Streams of other layers are the
// reader's.
//
// It is assembled here; no compiler is needed to build or to run it. It is
// nobody's but this process's: when that ends, however it ends, the kernel
// takes program and memory back.
package tally

import (
	"errors"
	"fmt"
	"math/bits"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
)

// A Spec is a stream that a Table is to count.
type Spec struct {
	Stream uint16 // its number within the run
	Port   uint16 // where it is to arrive; elsewhere its frames pass
	// Span is how many sequences behind the newest a frame may be and still
	// count; a power of two, 64 at least.
	Span uint64
	// Half is the precision of delays: values up to 2<<Half ns have a bucket
	// each, every further doubling has 1<<Half buckets.
	Half uint8
	// Buckets is how many there are: enough for MaxDelay.
	Buckets int
	// Flows is into how many flows the sequences fall: sequence n is of flow n
	// modulo Flows. Of less than 2 none is counted by itself.
	Flows int
	// Spreads is of how many of the flows, from the first on, delays are counted
	// by themselves.
	Spreads int
	// Deep says that the stream's frames need a program that looks into tunnels
	// and behind IPv4 options, as frame.Deep does. The programs of a table without such a stream let them
	// pass, and load faster.
	Deep bool
}

// MaxDelay is the longest delay that buckets tell apart. Longer ones are in
// its bucket.
const MaxDelay = 60 * time.Second

// expected is what a payload is to have behind its signature. The program
// finds it in records and in the map of lengths by the same offsets.
type expected struct {
	length uint64 // of the payload, from the signature on
	rest   uint64 // sum of the 16-bit words behind the signature, in this host's order
	crc    uint64 // the checksum of the padding, as a word in this host's order
}

// record is a stream as the program sees it. The program finds the fields by
// their offsets; each group has cache lines of its own.
type record struct {
	// Set before active is.
	expected   // length 0: of each length what the map of lengths says
	span       uint64
	windowAt   uint64 // index of the stream's first word in the window map
	windowMask uint64 // sequences that the stream's words have room for, less one
	delaysAt   uint64
	half       uint64
	port       uint64
	flows      uint64 // 0 or 1: not counted
	flowsAt    uint64 // index of the stream's first flow
	spreads    uint64 // how many of the flows, from the first on, have a histogram
	spreadsAt  uint64 // index of the first count of those
	active     atomic.Uint64
	_          [2]uint64
	sent       atomic.Uint64 // no sequence from here on exists yet
	settled    atomic.Uint64 // sequences before this have no bit any more
	_          [6]uint64
	Counters   // read and written atomically
	passing    atomic.Uint64
	_          [3]uint64
}

// SentAt is the offset of the counter Entry.Sent in an element of the map that
// Table.Records names, for a transmitter that is itself in the kernel.
const SentAt = unsafe.Offsetof(record{}.sent)

// A Table is the memory of a run and the programs of its ports.
type Table struct {
	run                            uint16
	programs                       []*ebpf.Program
	records, lengths               bpf.Shared
	window, delays, flows, spreads bpf.Shared
	entries                        map[uint16]*Entry
	deep                           bool
}

// New makes the table for streams of a run. The kernel needs to be 6.1 or
// later, and this process to have CAP_BPF and CAP_NET_ADMIN. Where New fails,
// or a program cannot be loaded, the reader must count for itself.
func New(run uint16, specs []Spec) (_ *Table, err error) {
	t := &Table{run: run, entries: map[uint16]*Entry{}}
	defer func() {
		if err != nil {
			_ = t.Close()
		}
	}()
	highest, total := 0, places{}
	for _, s := range specs {
		if s.Span < 64 || bits.OnesCount64(s.Span) != 1 || s.Span > 1<<30 {
			return nil, fmt.Errorf("counting stream %d in the kernel: a span of %d is no power of two within 64 to 2^30", s.Stream, s.Span)
		}
		highest, total = max(highest, int(s.Stream)), total.after(s)
		t.deep = t.deep || s.Deep
	}
	for _, m := range []struct {
		to    *bpf.Shared
		name  string
		size  int
		count int
	}{
		{&t.records, "streams", int(unsafe.Sizeof(record{})), highest + 1},
		{&t.lengths, "lengths", int(unsafe.Sizeof(expected{})), frame.MaxSize},
		{&t.window, "window", 8, max(total.window, 1)},
		{&t.delays, "delays", 8, max(total.delays, 1)},
		{&t.flows, "flows", int(unsafe.Sizeof(Counters{})), max(total.flows, 1)},
		{&t.spreads, "spreads", 8, max(total.spreads/2, 1)},
	} {
		if *m.to, err = bpf.NewShared(m.name, m.size, m.count); err != nil {
			return nil, fmt.Errorf("counting in the kernel: %w", err)
		}
	}
	at := places{}
	for _, s := range specs {
		t.add(s, at)
		at = at.after(s)
	}
	return t, nil
}

// places are where a stream's words of the window, its buckets, its flows and
// the counts of those begin in their maps.
type places struct{ window, delays, flows, spreads int }

// after are the places behind those of a stream.
func (p places) after(s Spec) places {
	return places{p.window + ringWords(s), p.delays + s.Buckets, p.flows + s.Flows, p.spreads + s.Spreads*spreadBuckets}
}

// Filter loads the program of a port that counts as a socket filter, to be
// attached to the packet socket that receives what it lets pass
// (SO_ATTACH_BPF).
func (t *Table) Filter(port uint16) (*ebpf.Program, error) { return t.load(socketFilter, port) }

// Native loads the program of a port that counts before the kernel's stack sees
// a frame, to be attached to a device (XDP). Of a device with a single queue one
// processor at a time takes frames, which makes counting cheaper.
func (t *Table) Native(port uint16, single bool) (*ebpf.Program, error) {
	k := native
	k.alone = single
	return t.load(k, port)
}

// Idle loads a program for a device (XDP) that lets everything pass.
func (t *Table) Idle() (*ebpf.Program, error) {
	return t.keep(ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "idle", Type: native.program, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, native.pass), asm.Return()},
	}))
}

func (t *Table) load(k kind, port uint16) (*ebpf.Program, error) {
	k.deep = t.deep
	return t.keep(ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "tally", Type: k.program, License: "GPL",
		Instructions: assemble(k, t.run, port, leap(), maps{t.records.FD(), t.lengths.FD(), t.window.FD(), t.delays.FD(), t.flows.FD(), t.spreads.FD()}),
	}))
}

// keep is for Close.
func (t *Table) keep(p *ebpf.Program, err error) (*ebpf.Program, error) {
	if err != nil {
		return nil, fmt.Errorf("counting in the kernel: %w", err)
	}
	t.programs = append(t.programs, p)
	return p, nil
}

// ringWords is room for twice the span: what lies behind it may wait to be
// settled while the program goes on.
func ringWords(s Spec) int { return int(2 * s.Span / 64) }

// part are n values from the element at an index on.
func part[T uint32 | uint64 | Counters](s *bpf.Shared, at, n int) []T {
	if n == 0 {
		return nil
	}
	return unsafe.Slice((*T)(s.At(at)), n)
}

func (t *Table) add(s Spec, at places) {
	r := (*record)(t.records.At(int(s.Stream)))
	r.span, r.half, r.port = s.Span, uint64(s.Half), uint64(s.Port)
	r.windowAt, r.windowMask = uint64(at.window), 2*s.Span-1
	r.delaysAt = uint64(at.delays)
	r.flows, r.flowsAt = uint64(s.Flows), uint64(at.flows)
	r.spreads, r.spreadsAt = uint64(s.Spreads), uint64(at.spreads)
	r.Counters.Reset()
	e := &Entry{
		record: r, lengths: &t.lengths,
		Window: part[uint64](&t.window, at.window, ringWords(s)),
		Delays: part[uint64](&t.delays, at.delays, s.Buckets),
		Sent:   &r.sent,
	}
	if s.Flows > 1 {
		e.Flows = part[Counters](&t.flows, at.flows, s.Flows)
		e.Spreads = Spreads{part[uint32](&t.spreads, at.spreads/2, s.Spreads*spreadBuckets), s.Spreads}
	}
	for i := range e.Flows {
		e.Flows[i].Reset()
	}
	t.entries[s.Stream] = e
}

// Records is the descriptor of the map of the streams, by number: see SentAt.
func (t *Table) Records() int { return t.records.FD() }

// Entry is what is shared about a stream, nil if the table has none of that
// number. It must not be used after Close.
func (t *Table) Entry(stream uint16) *Entry { return t.entries[stream] }

// Close releases the programs and the memory. What a program is attached to
// keeps it until it is closed itself.
func (t *Table) Close() error {
	var errs []error
	for _, p := range t.programs {
		errs = append(errs, p.Close())
	}
	for _, s := range []*bpf.Shared{&t.records, &t.lengths, &t.window, &t.delays, &t.flows, &t.spreads} {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}

// leap is how far CLOCK_TAI, which programs can read, is ahead of
// CLOCK_REALTIME, which the stamps in frames are: whole seconds.
func leap() time.Duration {
	var tai, wall unix.Timespec
	if unix.ClockGettime(unix.CLOCK_REALTIME, &wall) != nil || unix.ClockGettime(unix.CLOCK_TAI, &tai) != nil {
		return 0
	}
	return time.Duration(tai.Nano() - wall.Nano()).Round(time.Second)
}
