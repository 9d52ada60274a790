package live

import (
	"math"
	"unsafe"

	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
	"github.com/ccl-lab/ccl/trafficgen/tally"
)

// The program runs once for every frame that the kernel takes from its pool.
// It is, in C:
//
//	int send(struct xdp_md *ctx)
//	{
//		struct state *state = lookup(states, 0);
//		if (state->stop)
//			return XDP_DROP;
//		choose(state);            // the group whose turn comes first
//		if (!wait(state))         // until it has come, for a microsecond
//			return XDP_DROP;  // the frame goes back to the pool
//		struct group *group = &state->groups[state->chosen];
//		if (now > group->deadline)
//			return end(group);
//		note(group);              // how late it is
//		struct member *member = lookup(members, group->member);
//		struct card *card = lookup(cards, member->card);
//		count(member);            // before it leaves: no receiver may see it earlier
//		stamp(card);
//		fill(ctx, card);
//		advance(member, group);
//		return bpf_redirect(device, 0);
//	}

// Registers that keep their values across calls.
const (
	group  = asm.R6 // *group; before that *state
	member = asm.R7 // *member
	card   = asm.R8 // *card
	now    = asm.R9 // ns after the epoch
)

// The stack, as offsets from its end.
const (
	key   = -8
	ctx   = -16
	state = -24
	seq   = -32
	late  = -40
)

const (
	xdpDrop = 1
	// polls is how often the clock is read before a frame goes back to the
	// pool unsent. Frames that do are counted by the kernel, 2^32 in a call.
	polls = 24
	never = math.MaxUint64 // as a due time: later than any
)

// maps are the descriptors of the maps that the program uses.
type maps struct{ state, members, cards, stalls, records int }

type assembler struct {
	bpf.Assembler
	maps
	rules   Rules
	room    int32   // bytes of a card
	longest int32   // bytes of the frames that the kernel makes
	layout  *layout // of every card, nil where they differ
}

// layout is what frames may have in common: lengths and offsets in bytes.
type layout struct{ length, signature, checksum int }

func assemble(m maps, rules Rules, device, room, longest int, common *layout) asm.Instructions {
	a := &assembler{maps: m, rules: rules, room: int32(room), longest: int32(longest), layout: common}
	a.prepare()
	a.choose()
	a.wait()
	a.expire()
	a.note()
	a.pick()
	a.count()
	if a.layout != nil {
		a.put()
	} else {
		a.stamp()
		a.fill()
	}
	a.advanceMember()
	a.advanceGroup()
	a.Emit(
		asm.Mov.Imm(asm.R1, int32(device)),
		asm.Mov.Imm(asm.R2, 0),
		asm.FnRedirect.Call(),
		asm.Return(),
	)
	a.Label("drop")
	a.Return(xdpDrop)
	return a.Instructions
}

// prepare finds the state and sets the epoch when the first frame is wanted.
func (a *assembler) prepare() {
	a.Emit(
		asm.StoreMem(asm.RFP, ctx, asm.R1, asm.DWord),
		asm.LoadMapValue(group, a.state, 0),
		asm.StoreMem(asm.RFP, state, group, asm.DWord),
		asm.LoadMem(asm.R1, group, at.stop, asm.DWord),
		asm.JNE.Imm(asm.R1, 0, "drop"),
		asm.LoadMem(asm.R1, group, at.epoch, asm.DWord),
		asm.JNE.Imm(asm.R1, 0, "begun"),
		asm.FnKtimeGetNs.Call(),
		asm.StoreMem(group, at.epoch, asm.R0, asm.DWord),
	)
	a.Label("begun")
}

// choose leaves the number of the group that is due first in state->chosen and
// its due time in now.
//
//	for (i = 1; i < state->count && i < maxGroups; i++)
//		if (groups[i].due < groups[chosen].due)
//			chosen = i;
func (a *assembler) choose() {
	a.Emit(
		asm.Mov.Imm(asm.R1, 0), // chosen
		asm.LoadMem(now, group, at.groups+at.due, asm.DWord),
		asm.LoadMem(asm.R3, group, at.count, asm.DWord),
		asm.Mov.Imm(asm.R2, 1), // i
		asm.Mov.Reg(asm.R4, group),
	)
	a.Label("next group")
	a.Emit(
		asm.JGE.Imm(asm.R2, maxGroups, "chosen"),
		asm.JGE.Reg(asm.R2, asm.R3, "chosen"),
		asm.Add.Imm(asm.R4, groupLen),
		asm.LoadMem(asm.R5, asm.R4, at.groups+at.due, asm.DWord),
		asm.JGE.Reg(asm.R5, now, "not sooner"),
		asm.Mov.Reg(now, asm.R5),
		asm.Mov.Reg(asm.R1, asm.R2),
	)
	a.Label("not sooner")
	a.Emit(
		asm.Add.Imm(asm.R2, 1),
		asm.Ja.Label("next group"),
	)
	// By way of memory, so that the verifier looks at what follows once and
	// not for each group.
	a.Label("chosen")
	a.Emit(asm.StoreMem(group, at.chosen, asm.R1, asm.DWord))
}

// wait reads the clock until the group is due, leaves the time in now and
// makes group point to it.
func (a *assembler) wait() {
	a.Emit(
		asm.Mov.Reg(member, now), // the due time, for the moment
		asm.Mov.Imm(card, 0),     // how often the clock was read
	)
	a.Label("poll")
	a.Emit(
		asm.FnKtimeGetNs.Call(),
		asm.LoadMem(asm.R1, group, at.epoch, asm.DWord),
		asm.Sub.Reg(asm.R0, asm.R1),
		asm.JGE.Reg(asm.R0, member, "due"),
		asm.Add.Imm(card, 1),
		asm.JLT.Imm(card, polls, "poll"),
		asm.Ja.Label("drop"),
	)
	a.Label("due")
	a.Emit(
		asm.Mov.Reg(now, asm.R0),
		asm.LoadMem(asm.R1, group, at.chosen, asm.DWord),
		asm.And.Imm(asm.R1, maxGroups-1),
		asm.Mul.Imm(asm.R1, groupLen),
		asm.Add.Reg(group, asm.R1),
		asm.Add.Imm(group, int32(at.groups)),
	)
}

// expire ends the group when its time is over, though frames are left.
func (a *assembler) expire() {
	a.Emit(
		asm.LoadMem(asm.R1, group, at.deadline, asm.DWord),
		asm.JLE.Reg(now, asm.R1, "in time"),
	)
	a.end()
	a.Emit(asm.Ja.Label("drop"))
	a.Label("in time")
}

// end takes the group out of the turn.
func (a *assembler) end() {
	a.Emit(
		asm.Mov.Imm(asm.R1, -1), /* never */
		asm.StoreMem(group, at.due, asm.R1, asm.DWord),
		asm.LoadMem(asm.R2, asm.RFP, state, asm.DWord),
		asm.LoadMem(asm.R1, asm.R2, at.ended, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.StoreMem(asm.R2, at.ended, asm.R1, asm.DWord),
	)
}

// note remembers how far from its slot the frame leaves: the worst that is
// tolerated, and every row of frames for which it is not.
func (a *assembler) note() {
	a.Emit(
		asm.Mov.Reg(asm.R1, now),
		asm.LoadMem(asm.R2, group, at.nominal, asm.DWord),
		asm.Sub.Reg(asm.R1, asm.R2),
		asm.LoadMem(asm.R2, group, at.latest, asm.DWord),
		asm.JLE.Reg(asm.R1, asm.R2, "not the latest"),
		asm.StoreMem(group, at.latest, asm.R1, asm.DWord),
	)
	a.Label("not the latest")
	a.Emit(
		asm.JGT.Imm(asm.R1, int32(a.rules.Tolerated), "stall"),
		asm.LoadMem(asm.R2, group, at.worst, asm.DWord),
		asm.JLE.Reg(asm.R1, asm.R2, "noted"),
		asm.StoreMem(group, at.worst, asm.R1, asm.DWord),
		asm.Ja.Label("noted"),
	)
	a.Label("stall")
	a.Emit(asm.StoreMem(asm.RFP, late, asm.R1, asm.DWord))
	a.stall()
	a.Label("noted")
}

// stall adds the slot to the group's last stall, or makes it a new one.
//
//	n = group->stalled;
//	if (n && (last = lookup(stalls, group->stalls + n - 1)) &&
//	    (last->last + 1 == group->slot || n == maxStalls)) {
//		last->last = group->slot;
//		last->late = max(last->late, late);
//	} else {
//		*lookup(stalls, group->stalls + n) = {slot, slot, late};
//		group->stalled++;
//	}
func (a *assembler) stall() {
	a.Emit(
		asm.LoadMem(member, group, at.stalled, asm.DWord),
		asm.JEq.Imm(member, 0, "new stall"),
		asm.LoadMem(asm.R1, group, at.stalls, asm.DWord),
		asm.Add.Reg(asm.R1, member),
		asm.Sub.Imm(asm.R1, 1),
	)
	a.Element(a.stalls, key, "drop")
	a.Emit(
		asm.LoadMem(asm.R1, group, at.slot, asm.DWord),
		asm.JGE.Imm(member, maxStalls, "same stall"),
		asm.LoadMem(asm.R2, asm.R0, at.stallLast, asm.DWord),
		asm.Add.Imm(asm.R2, 1),
		asm.JNE.Reg(asm.R1, asm.R2, "new stall"),
	)
	a.Label("same stall")
	a.Emit(
		asm.StoreMem(asm.R0, at.stallLast, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, late, asm.DWord),
		asm.LoadMem(asm.R2, asm.R0, at.stallLate, asm.DWord),
		asm.JLE.Reg(asm.R1, asm.R2, "noted"),
		asm.StoreMem(asm.R0, at.stallLate, asm.R1, asm.DWord),
		asm.Ja.Label("noted"),
	)
	a.Label("new stall")
	a.Emit(
		asm.LoadMem(asm.R1, group, at.stalls, asm.DWord),
		asm.Add.Reg(asm.R1, member),
	)
	a.Element(a.stalls, key, "drop")
	a.Emit(
		asm.LoadMem(asm.R1, group, at.slot, asm.DWord),
		asm.StoreMem(asm.R0, at.stallFirst, asm.R1, asm.DWord),
		asm.StoreMem(asm.R0, at.stallLast, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, late, asm.DWord),
		asm.StoreMem(asm.R0, at.stallLate, asm.R1, asm.DWord),
		asm.Add.Imm(member, 1),
		asm.StoreMem(group, at.stalled, member, asm.DWord),
	)
}

// pick finds the member of the group whose turn it is, and its card.
func (a *assembler) pick() {
	a.Emit(asm.LoadMem(asm.R1, group, at.member, asm.DWord))
	a.Element(a.members, key, "drop")
	a.Emit(
		asm.Mov.Reg(member, asm.R0),
		asm.LoadMem(asm.R1, member, at.card, asm.DWord),
	)
	a.Element(a.cards, key, "drop")
	a.Emit(asm.Mov.Reg(card, asm.R0))
}

// count counts the frame as sent where the receivers look and turns now into
// the wall clock.
func (a *assembler) count() {
	a.Emit(asm.LoadMem(asm.R1, member, at.stream, asm.DWord))
	a.Element(a.records, key, "drop")
	a.Emit(
		asm.LoadMem(asm.R1, member, at.sequence, asm.DWord),
		asm.StoreMem(asm.RFP, seq, asm.R1, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.StoreMem(member, at.sequence, asm.R1, asm.DWord),
		asm.StoreMem(asm.R0, int16(tally.SentAt), asm.R1, asm.DWord),

		asm.LoadMem(asm.R2, asm.RFP, state, asm.DWord),
		asm.LoadMem(asm.R3, asm.R2, at.wall, asm.DWord),
		asm.Mov.Reg(asm.R4, now),
		asm.Add.Reg(asm.R4, asm.R3),
		asm.LoadMem(asm.R3, asm.R2, at.epoch, asm.DWord),
		asm.Add.Reg(asm.R4, asm.R3),
		asm.StoreMem(member, at.last, asm.R4, asm.DWord),
		asm.JNE.Imm(asm.R1, 1, "stamp"),
		asm.StoreMem(member, at.first, asm.R4, asm.DWord),
	)
	a.Label("stamp")
}

// stamp writes sequence and time, which count left in R4, into the card and
// makes its checksum right: see frame.Card.Base.
func (a *assembler) stamp() {
	bytes := int32(unsafe.Sizeof(cardHeader{}))
	a.Emit(
		asm.LoadMem(asm.R1, card, at.signature, asm.Word),
		asm.JGT.Imm(asm.R1, a.room-frame.SignatureLen, "drop"),
		asm.Mov.Reg(asm.R2, card),
		asm.Add.Imm(asm.R2, bytes),
		asm.Mov.Reg(asm.R3, asm.R2),
		asm.Add.Reg(asm.R2, asm.R1), // the signature
		asm.LoadMem(asm.R5, asm.RFP, seq, asm.DWord),
		asm.Mov.Reg32(asm.R5, asm.R5),
		asm.Mov.Reg(asm.R1, asm.R5),
		asm.HostTo(asm.BE, asm.R1, asm.Word),
		asm.StoreMem(asm.R2, frame.SequenceAt, asm.R1, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R4),
		asm.HostTo(asm.BE, asm.R1, asm.DWord),
		asm.StoreMem(asm.R2, frame.TimeAt, asm.R1, asm.DWord),

		asm.LoadMem(asm.R1, card, at.checksum, asm.Word),
		asm.JEq.Imm(asm.R1, 0, "stamped"),
		asm.JGT.Imm(asm.R1, a.room-2, "drop"),
		asm.Add.Reg(asm.R3, asm.R1), // the checksum
	)
	a.sum()
	a.complement()
	a.Emit(asm.StoreMem(asm.R3, 0, asm.R1, asm.Half))
	a.Label("stamped")
}

// sum makes R1 the card's base and the words of sequence (R5) and time (R4). What
// is beyond 16 bits is for complement to fold. R2 and R4 are lost.
func (a *assembler) sum() {
	a.Emit(
		asm.LoadMem(asm.R1, card, at.base, asm.Word),
		asm.Add.Reg(asm.R1, asm.R5),
		asm.Mov.Reg32(asm.R2, asm.R4),
		asm.Add.Reg(asm.R1, asm.R2),
		asm.RSh.Imm(asm.R4, 32),
		asm.Add.Reg(asm.R1, asm.R4),
	)
}

// complement makes a sum in R1 a checksum in network order. R2 is lost.
func (a *assembler) complement() {
	for range 3 {
		a.Emit(
			asm.Mov.Reg(asm.R2, asm.R1),
			asm.RSh.Imm(asm.R2, 16),
			asm.And.Imm(asm.R1, 0xffff),
			asm.Add.Reg(asm.R1, asm.R2),
		)
	}
	a.Emit(
		asm.Xor.Imm(asm.R1, 0xffff),
		asm.JNE.Imm(asm.R1, 0, "some checksum"),
		asm.Mov.Imm(asm.R1, 0xffff),
	)
	a.Label("some checksum")
	a.Emit(asm.HostTo(asm.BE, asm.R1, asm.Half))
}

// fill gives the kernel's frame the length and the bytes of the card.
func (a *assembler) fill() {
	a.Emit(
		asm.LoadMem(asm.R2, card, at.length, asm.Word),
		asm.JLT.Imm(asm.R2, 14, "drop"),
		asm.JGT.Imm(asm.R2, a.longest, "drop"),
		asm.JEq.Imm(asm.R2, a.longest, "fits"),
		asm.Sub.Imm(asm.R2, a.longest),
		asm.LoadMem(asm.R1, asm.RFP, ctx, asm.DWord),
		asm.FnXdpAdjustTail.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
	)
	a.Label("fits")
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, ctx, asm.DWord),
		asm.Mov.Imm(asm.R2, 0),
		asm.Mov.Reg(asm.R3, card),
		asm.Add.Imm(asm.R3, int32(unsafe.Sizeof(cardHeader{}))),
		asm.LoadMem(asm.R4, card, at.length, asm.Word),
		asm.JLT.Imm(asm.R4, 14, "drop"), // for the verifier
		asm.JGT.Imm(asm.R4, a.longest, "drop"),
		asm.FnXdpStoreBytes.Call(),
		asm.JNE.Imm(asm.R0, 0, "drop"),
	)
}

// put is stamp and fill for frames of one layout that are not long: nothing is
// called, the words are moved one by one and stamped where they arrive.
func (a *assembler) put() {
	const data, end = 0, 4 // in struct xdp_md
	length, from := int16(a.layout.length), int16(unsafe.Sizeof(cardHeader{}))
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, ctx, asm.DWord),
		asm.LoadMem(asm.R3, asm.R1, data, asm.Word),
		asm.LoadMem(asm.R2, asm.R1, end, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R3),
		asm.Add.Imm(asm.R1, int32(length)),
		asm.JGT.Reg(asm.R1, asm.R2, "drop"),
	)
	for off, left := int16(0), length; left > 0; {
		size, n := asm.DWord, int16(8)
		switch {
		case left < 2:
			size, n = asm.Byte, 1
		case left < 4:
			size, n = asm.Half, 2
		case left < 8:
			size, n = asm.Word, 4
		}
		a.Emit(asm.LoadMem(asm.R1, card, from+off, size), asm.StoreMem(asm.R3, off, asm.R1, size))
		off, left = off+n, left-n
	}
	signature := int16(a.layout.signature)
	a.Emit(
		asm.LoadMem(asm.R5, asm.RFP, seq, asm.DWord),
		asm.Mov.Reg32(asm.R5, asm.R5),
		asm.Mov.Reg(asm.R1, asm.R5),
		asm.HostTo(asm.BE, asm.R1, asm.Word),
		asm.StoreMem(asm.R3, signature+frame.SequenceAt, asm.R1, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R4),
		asm.HostTo(asm.BE, asm.R1, asm.DWord),
		asm.StoreMem(asm.R3, signature+frame.TimeAt, asm.R1, asm.DWord),
	)
	if a.layout.checksum == 0 {
		return
	}
	a.sum()
	a.complement()
	a.Emit(asm.StoreMem(asm.R3, int16(a.layout.checksum), asm.R1, asm.Half))
}

// advanceMember turns to the stream's next card.
func (a *assembler) advanceMember() {
	a.Emit(
		asm.LoadMem(asm.R1, member, at.card, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.LoadMem(asm.R2, member, at.endCard, asm.DWord),
		asm.JLT.Reg(asm.R1, asm.R2, "same round"),
		asm.LoadMem(asm.R1, member, at.firstCard, asm.DWord),
	)
	a.Label("same round")
	a.Emit(asm.StoreMem(member, at.card, asm.R1, asm.DWord))
}

// advanceGroup turns to the group's next slot, or ends it.
//
//	behind = max(group->due, now - credit) + group->catchUp;
//	group->nominal += group->interval;
//	if (++group->inBurst >= group->burst) {
//		group->inBurst = 0;
//		group->nominal += group->extra;
//	}
//	group->due = max(group->nominal, behind);
func (a *assembler) advanceGroup() {
	a.Emit(
		asm.LoadMem(asm.R1, group, at.member, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.LoadMem(asm.R2, group, at.endMember, asm.DWord),
		asm.JLT.Reg(asm.R1, asm.R2, "same turn"),
		asm.LoadMem(asm.R1, group, at.firstMember, asm.DWord),
	)
	a.Label("same turn")
	a.Emit(
		asm.StoreMem(group, at.member, asm.R1, asm.DWord),
		asm.LoadMem(asm.R1, group, at.slot, asm.DWord),
		asm.Add.Imm(asm.R1, 1),
		asm.StoreMem(group, at.slot, asm.R1, asm.DWord),
		asm.LoadMem(asm.R2, group, at.slots, asm.DWord),
		asm.JLT.Reg(asm.R1, asm.R2, "more slots"),
	)
	a.end()
	a.Emit(asm.Ja.Label("turned"))
	a.Label("more slots")
	a.forward(at.interval, at.intervalFraction)
	a.Emit(
		asm.LoadMem(asm.R4, group, at.inBurst, asm.DWord),
		asm.Add.Imm(asm.R4, 1),
		asm.LoadMem(asm.R3, group, at.burst, asm.DWord),
		asm.JLT.Reg(asm.R4, asm.R3, "same burst"),
	)
	a.forward(at.extra, at.extraFraction)
	a.Emit(asm.Mov.Imm(asm.R4, 0))
	a.Label("same burst")
	a.Emit(
		asm.StoreMem(group, at.inBurst, asm.R4, asm.DWord),
		asm.LoadMem(asm.R1, group, at.due, asm.DWord),
		asm.Sub.Imm(now, int32(a.rules.Credit)),
		asm.JSGE.Reg(asm.R1, now, "within credit"),
		asm.Mov.Reg(asm.R1, now),
	)
	a.Label("within credit")
	a.Emit(
		asm.LoadMem(asm.R3, group, at.catchUp, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R3), // behind
		asm.JSGE.Reg(asm.R1, asm.R2, "behind"),
		asm.Mov.Reg(asm.R1, asm.R2),
	)
	a.Label("behind")
	a.Emit(asm.StoreMem(group, at.due, asm.R1, asm.DWord))
	a.Label("turned")
}

// forward moves the group's nominal time on by a field and its fraction, and
// leaves it in R2. R3 is lost.
func (a *assembler) forward(whole, fraction int16) {
	a.Emit(
		asm.LoadMem(asm.R2, group, at.fraction, asm.DWord),
		asm.LoadMem(asm.R3, group, fraction, asm.DWord),
		asm.Add.Reg(asm.R2, asm.R3),
		asm.Mov.Reg(asm.R3, asm.R2),
		asm.RSh.Imm(asm.R3, 32), // carry
		asm.Mov.Reg32(asm.R2, asm.R2),
		asm.StoreMem(group, at.fraction, asm.R2, asm.DWord),
		asm.LoadMem(asm.R2, group, at.nominal, asm.DWord),
		asm.Add.Reg(asm.R2, asm.R3),
		asm.LoadMem(asm.R3, group, whole, asm.DWord),
		asm.Add.Reg(asm.R2, asm.R3),
		asm.StoreMem(group, at.nominal, asm.R2, asm.DWord),
	)
}
