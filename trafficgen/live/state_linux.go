package live

import "unsafe"

// What the program and this process share. The program finds the fields by
// their offsets.

// maxGroups bounds the distinct rates of a port's streams; a power of two.
const maxGroups = 64

// maxStalls bounds the memory for a group's stalls; later ones join the last.
const maxStalls = 1000

// stateHeader is the port's state; the groups follow it.
type stateHeader struct {
	stop   uint64 // set by this process: nothing more is to leave
	epoch  uint64 // CLOCK_MONOTONIC of the first run of the program
	wall   uint64 // CLOCK_REALTIME less CLOCK_MONOTONIC
	count  uint64 // groups
	ended  uint64 // groups that sent all they had, or whose time was over
	chosen uint64 // the program's own
	_      [2]uint64
}

// groupState is streams of the same rate and number of frames, which take
// their turns at even distances. Times are ns after the epoch.
type groupState struct {
	due              uint64 // the next slot, later where it has to catch up
	nominal          uint64 // the next slot
	fraction         uint64 // of nominal, in 2^-32 ns
	interval         uint64 // from slot to slot
	intervalFraction uint64
	catchUp          uint64 // the least distance of slots of a group that is behind
	deadline         uint64
	member           uint64 // whose turn it is
	firstMember      uint64
	endMember        uint64
	slot, slots      uint64
	worst            uint64 // lateness that is tolerated
	latest           uint64 // lateness of any frame
	stalls           uint64 // index of the first stall of the group
	stalled          uint64 // how many stalls there were
	burst, inBurst   uint64 // slots of a burst; of this one that are over
	extra            uint64 // that the distance to the next burst is longer
	extraFraction    uint64
}

// memberState is a stream.
type memberState struct {
	sequence           uint64 // the next
	first, last        uint64 // CLOCK_REALTIME when those frames were stamped
	stream             uint64 // its number
	card               uint64 // the next
	firstCard, endCard uint64
	_                  uint64
}

// cardHeader is a frame.Card; its bytes follow.
type cardHeader struct {
	length, signature, checksum, base uint32
}

// stallState is a row of slots whose frames left late.
type stallState struct{ first, last, late uint64 }

const (
	groupLen = int32(unsafe.Sizeof(groupState{}))
	stateLen = int(unsafe.Sizeof(stateHeader{})) + maxGroups*int(groupLen)
)

// at holds the offsets of the fields.
var at = struct {
	stop, epoch, wall, count, ended, chosen, groups,
	due, nominal, fraction, interval, intervalFraction, catchUp, deadline,
	member, firstMember, endMember, slot, slots, worst, latest, stalls, stalled,
	burst, inBurst, extra, extraFraction,
	sequence, first, last, stream, card, firstCard, endCard,
	length, signature, checksum, base,
	stallFirst, stallLast, stallLate int16
}{
	int16(unsafe.Offsetof(stateHeader{}.stop)), int16(unsafe.Offsetof(stateHeader{}.epoch)),
	int16(unsafe.Offsetof(stateHeader{}.wall)), int16(unsafe.Offsetof(stateHeader{}.count)),
	int16(unsafe.Offsetof(stateHeader{}.ended)), int16(unsafe.Offsetof(stateHeader{}.chosen)),
	int16(unsafe.Sizeof(stateHeader{})),

	int16(unsafe.Offsetof(groupState{}.due)), int16(unsafe.Offsetof(groupState{}.nominal)),
	int16(unsafe.Offsetof(groupState{}.fraction)), int16(unsafe.Offsetof(groupState{}.interval)),
	int16(unsafe.Offsetof(groupState{}.intervalFraction)), int16(unsafe.Offsetof(groupState{}.catchUp)),
	int16(unsafe.Offsetof(groupState{}.deadline)),
	int16(unsafe.Offsetof(groupState{}.member)), int16(unsafe.Offsetof(groupState{}.firstMember)),
	int16(unsafe.Offsetof(groupState{}.endMember)), int16(unsafe.Offsetof(groupState{}.slot)),
	int16(unsafe.Offsetof(groupState{}.slots)), int16(unsafe.Offsetof(groupState{}.worst)),
	int16(unsafe.Offsetof(groupState{}.latest)), int16(unsafe.Offsetof(groupState{}.stalls)),
	int16(unsafe.Offsetof(groupState{}.stalled)),
	int16(unsafe.Offsetof(groupState{}.burst)), int16(unsafe.Offsetof(groupState{}.inBurst)),
	int16(unsafe.Offsetof(groupState{}.extra)), int16(unsafe.Offsetof(groupState{}.extraFraction)),

	int16(unsafe.Offsetof(memberState{}.sequence)), int16(unsafe.Offsetof(memberState{}.first)),
	int16(unsafe.Offsetof(memberState{}.last)), int16(unsafe.Offsetof(memberState{}.stream)),
	int16(unsafe.Offsetof(memberState{}.card)), int16(unsafe.Offsetof(memberState{}.firstCard)),
	int16(unsafe.Offsetof(memberState{}.endCard)),

	int16(unsafe.Offsetof(cardHeader{}.length)), int16(unsafe.Offsetof(cardHeader{}.signature)),
	int16(unsafe.Offsetof(cardHeader{}.checksum)), int16(unsafe.Offsetof(cardHeader{}.base)),

	int16(unsafe.Offsetof(stallState{}.first)), int16(unsafe.Offsetof(stallState{}.last)),
	int16(unsafe.Offsetof(stallState{}.late)),
}
