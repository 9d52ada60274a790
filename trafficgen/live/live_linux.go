// Package live sends frames from inside the kernel.
//
// A Pump is a BPF program that the kernel runs on frames of its own
// (BPF_PROG_TEST_RUN with live frames), and the memory it shares with this
// process: the prebuilt frames of the streams of a port, their rates and how
// far they are. The program waits for the next slot, copies a frame, stamps it
// and redirects it to the port's device. This process only starts and stops it.
//
// It keeps a processor busy for as long as it runs: a program cannot sleep.
// When this process ends, however it ends, so does the pump: the call into the
// kernel ends with the thread that made it.
package live

import (
	"errors"
	"fmt"
	"math"
	"sync/atomic"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
)

// MaxFrame is the length in bytes, without FCS, of the longest frame that the
// kernel runs a program on: a page less what it keeps around a frame.
const MaxFrame = 3400

// maxCardBytes bounds the memory for the frames of a port.
const maxCardBytes = 512 << 20

// Rules are how a stream that is behind is sent.
type Rules struct {
	// Tolerated is a lateness that is no stall.
	Tolerated time.Duration
	// Credit is how far a stream may fall behind and still send what is due at
	// once. Beyond it, it catches up: its frames are CatchUp intervals apart.
	Credit  time.Duration
	CatchUp float64
	// Overrun is how long after its time a stream may send what it still owes.
	Overrun time.Duration
}

// A Stream is one that a pump sends.
type Stream struct {
	Number   uint16        // within the run: its Entry counts what was sent
	Cards    []*frame.Card // in the order in which they are sent, again and again
	Interval float64       // from frame to frame, ns
	// Burst is the frames of a burst, and Extra what the distance from one to
	// the next is longer than Interval, ns. Without bursts either is 0.
	Burst  uint64
	Extra  float64
	Frames uint64 // 0 is until Stop
}

// A Pump sends the streams of a port.
type Pump struct {
	program                       *ebpf.Program
	state, members, cards, stalls bpf.Shared
	groups                        []*groupState
	sent                          []place // by stream, in the order given
	first                         []byte  // a frame of the length that all begin with
	stopped                       atomic.Bool
}

// place is where a stream is: a member of a group.
type place struct {
	group, index int // index within the group
	member       *memberState
}

// New loads the program for a device, given by its index in the namespace that
// Run will be called in, and the map that tally.Table.Records names. It needs
// CAP_BPF and CAP_NET_ADMIN, and Linux 5.18.
func New(device int, rules Rules, records int, streams []Stream) (_ *Pump, err error) {
	p := &Pump{}
	defer func() {
		if err != nil {
			_ = p.Close()
			err = fmt.Errorf("live frames: %w", err)
		}
	}()
	longest, cards := 0, 0
	for _, s := range streams {
		for _, c := range s.Cards {
			longest = max(longest, c.Len())
		}
		cards += len(s.Cards)
	}
	if longest > MaxFrame {
		return nil, fmt.Errorf("a frame of %d bytes does not fit a page (%d at most)", longest+frame.FCSLen, MaxFrame+frame.FCSLen)
	}
	room := (longest + 7) &^ 7
	stride := int(unsafe.Sizeof(cardHeader{})) + room
	if cards*stride > maxCardBytes {
		return nil, fmt.Errorf("the frames of the port's streams take %d MiB (%d at most)", cards*stride>>20, maxCardBytes>>20)
	}
	order := grouped(streams)
	if len(order) > maxGroups {
		return nil, fmt.Errorf("the port's streams have %d different rates or counts (%d at most)", len(order), maxGroups)
	}
	for _, m := range []struct {
		to          *bpf.Shared
		name        string
		size, count int
	}{
		{&p.state, "live_state", stateLen, 1},
		{&p.members, "live_members", int(unsafe.Sizeof(memberState{})), len(streams)},
		{&p.cards, "live_cards", stride, cards},
		{&p.stalls, "live_stalls", int(unsafe.Sizeof(stallState{})), len(order) * maxStalls},
	} {
		if *m.to, err = bpf.NewShared(m.name, m.size, m.count); err != nil {
			return nil, err
		}
	}
	p.lay(streams, order, rules)
	p.first = make([]byte, longest)
	p.program, err = ebpf.NewProgram(&ebpf.ProgramSpec{
		Name: "live", Type: ebpf.XDP, License: "GPL",
		Instructions: assemble(maps{p.state.FD(), p.members.FD(), p.cards.FD(), p.stalls.FD(), records}, rules, device, room, longest, commonLayout(streams)),
	})
	return p, err
}

// kind is what streams that take turns have in common.
type kind struct {
	interval, extra float64
	burst, frames   uint64
}

// kind of the stream: one whose bursts are not apart has none.
func (s *Stream) kind() kind {
	k := kind{s.Interval, s.Extra, s.Burst, s.Frames}
	if s.Burst == 0 || s.Extra == 0 {
		k.burst, k.extra = 0, 0
	}
	return k
}

// grouped are the indices of streams that take turns.
func grouped(streams []Stream) (groups [][]int) {
	index := map[kind]int{}
	for i := range streams {
		k := streams[i].kind()
		g, ok := index[k]
		if !ok {
			g = len(groups)
			index[k] = g
			groups = append(groups, nil)
		}
		groups[g] = append(groups[g], i)
	}
	return groups
}

// newGroup is that of n streams of a kind, of which the first member is known.
// Its frames begin at start.
func newGroup(k kind, n int, start float64, first, stalls int, rules Rules) groupState {
	step := k.interval / float64(n)
	g := groupState{
		due: uint64(start), nominal: uint64(start), catchUp: uint64(math.Ceil(step * rules.CatchUp)),
		deadline: math.MaxInt64, slots: math.MaxInt64, burst: math.MaxInt64,
		member: uint64(first), firstMember: uint64(first), endMember: uint64(first + n),
		stalls: uint64(stalls),
	}
	g.interval, g.intervalFraction = fixed(step)
	took := k.interval * float64(k.frames)
	if k.burst > 0 {
		g.burst = k.burst * uint64(n)
		g.extra, g.extraFraction = fixed(k.extra)
		took += k.extra * float64(k.frames/k.burst)
	}
	if k.frames > 0 {
		g.slots = k.frames * uint64(n)
		g.deadline = uint64(start+took) + uint64(rules.Overrun)
	}
	return g
}

// fixed is a time in ns and 2^-32 ns.
func fixed(ns float64) (whole, fraction uint64) {
	i, f := math.Modf(ns)
	return uint64(i), uint64(f * (1 << 32))
}

// commonLayout is that of all frames, if it is one and they are not long.
func commonLayout(streams []Stream) *layout {
	const long = 256 // where a call that copies costs less than moving words
	var common layout
	for _, s := range streams {
		for _, c := range s.Cards {
			l := layout{c.Len(), c.SignatureAt(), c.ChecksumAt()}
			if common == (layout{}) {
				common = l
			}
			if l != common || l.length > long {
				return nil
			}
		}
	}
	return &common
}

// lay writes the streams into the maps.
func (p *Pump) lay(streams []Stream, order [][]int, rules Rules) {
	h := (*stateHeader)(p.state.At(0))
	h.count, h.wall = uint64(len(order)), uint64(wallAhead())
	groups := unsafe.Slice((*groupState)(unsafe.Add(p.state.At(0), unsafe.Sizeof(stateHeader{}))), maxGroups)
	p.sent = make([]place, len(streams))
	member, card := 0, 0
	for g, indices := range order {
		n, k := len(indices), streams[indices[0]].kind()
		to := &groups[g]
		*to = newGroup(k, n, k.interval/float64(n)*float64(g)/float64(len(order)), member, g*maxStalls, rules)
		p.groups = append(p.groups, to)
		for j, i := range indices {
			m := (*memberState)(p.members.At(member))
			*m = memberState{stream: uint64(streams[i].Number), card: uint64(card), firstCard: uint64(card), endCard: uint64(card + len(streams[i].Cards))}
			for _, c := range streams[i].Cards {
				p.putCard(card, c)
				card++
			}
			p.sent[i] = place{g, j, m}
			member++
		}
	}
}

func (p *Pump) putCard(i int, c *frame.Card) {
	h := (*cardHeader)(p.cards.At(i))
	h.length, h.signature, h.checksum, h.base = uint32(c.Len()), uint32(c.SignatureAt()), uint32(c.ChecksumAt()), c.Base()
	copy(p.cards.Bytes(i)[unsafe.Sizeof(cardHeader{}):], c.Bytes())
}

// wallAhead is CLOCK_REALTIME less CLOCK_MONOTONIC: the middle of the closest
// bounds that reading one between two readings of the other gave.
func wallAhead() int64 {
	least, most := int64(math.MinInt64), int64(math.MaxInt64)
	for range 200 {
		var before, wall, after unix.Timespec
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &before)
		_ = unix.ClockGettime(unix.CLOCK_REALTIME, &wall)
		_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &after)
		least, most = max(least, wall.Nano()-after.Nano()), min(most, wall.Nano()-before.Nano())
	}
	return least + (most-least)/2
}

// Close releases program and memory. Run must have returned.
func (p *Pump) Close() error {
	var errs []error
	if p.program != nil {
		errs = append(errs, p.program.Close())
	}
	for _, s := range []*bpf.Shared{&p.state, &p.members, &p.cards, &p.stalls} {
		errs = append(errs, s.Close())
	}
	return errors.Join(errs...)
}
