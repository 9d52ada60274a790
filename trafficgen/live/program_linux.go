package live

import (
	"math"

	"github.com/cilium/ebpf/asm"

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
