package live

import "github.com/cilium/ebpf/asm"

// This part of the program keeps the time of a group: what is late, and when
// what comes next is due.

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
