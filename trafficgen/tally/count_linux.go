package tally

import (
	"github.com/cilium/ebpf/asm"
)

// Several processors may run the program for frames of one stream at once, so
// what they share is changed atomically.

// place extends the sequence to 64 bits, in seq, and decides whether it can be
// counted.
func (a *assembler) place() {
	a.emit(
		asm.LoadMem(asm.R1, stream, field.next, asm.DWord),
		asm.LoadMem(seq, asm.RFP, payload+6, asm.Word),
		asm.HostTo(asm.BE, seq, asm.Word),
		// The nearest to the next expected one that has these 32 bits.
		asm.Sub.Reg(seq, asm.R1),
		asm.LSh.Imm(seq, 32),
		asm.ArSh.Imm(seq, 32),
		asm.Add.Reg(seq, asm.R1),
		asm.JSLT.Imm(seq, 0, "pass"),
		asm.LoadMem(asm.R2, stream, field.sent, asm.DWord),
		asm.JGE.Reg(seq, asm.R2, "pass"), // never sent: a corruption that no checksum found
		// The window ends with the word of the newest sequence. What is before
		// it has been given up.
		asm.Add.Imm(asm.R1, 63),
		asm.And.Imm(asm.R1, -64),
		asm.LoadMem(asm.R2, stream, field.span, asm.DWord),
		asm.Add.Reg(asm.R2, seq),
		asm.JLT.Reg(asm.R2, asm.R1, "drop"),
		asm.LoadMem(asm.R1, stream, field.settled, asm.DWord),
		asm.JLT.Reg(seq, asm.R1, "drop"),
		// No room: the bits there are not settled yet.
		asm.LoadMem(asm.R2, stream, field.windowMask, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R2),
		asm.JLE.Reg(seq, asm.R1, "room"),
		asm.Mov.Imm(asm.R1, 1),
		asm.StoreMem(stream, field.passing, asm.R1, asm.DWord),
		asm.Ja.Label("pass"),
	)
	a.label("room")
}

// mark sets the sequence's bit and tells first arrivals from copies.
func (a *assembler) mark(window int) {
	a.emit(
		asm.LoadMem(asm.R1, stream, field.windowMask, asm.DWord),
		asm.And.Reg(asm.R1, seq),
		asm.RSh.Imm(asm.R1, 6),
		asm.LoadMem(asm.R2, stream, field.windowAt, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R2),
	)
	a.element(window, "pass")
	a.emit(
		asm.Mov.Reg(asm.R3, seq),
		asm.And.Imm(asm.R3, 63),
		asm.Mov.Imm(asm.R2, 1),
		asm.LSh.Reg(asm.R2, asm.R3),
		asm.Mov.Reg(asm.R1, asm.R2),
		atomically(asm.FetchOr, asm.R0, asm.R1, 0),
		asm.JSet.Reg(asm.R1, asm.R2, "duplicate"),
		asm.Ja.Label("fresh"),
	)
	a.label("duplicate")
	a.emit(
		asm.Mov.Imm(asm.R1, 1),
		atomically(asm.AddAtomic, stream, asm.R1, field.duplicate),
		asm.Ja.Label("drop"),
	)
	a.label("fresh")
}

// order moves the next expected sequence on, or notes that this one is late
// (RFC 4737, section 3.3).
func (a *assembler) order() {
	a.emit(
		asm.Mov.Reg(asm.R2, seq),
		asm.Add.Imm(asm.R2, 1),
		asm.LoadMem(asm.R0, stream, field.next, asm.DWord),
	)
	for range races {
		a.emit(
			asm.JLT.Reg(seq, asm.R0, "late"),
			asm.Mov.Reg(asm.R1, asm.R0),
			atomically(asm.CmpXchg, stream, asm.R2, field.next),
			asm.JEq.Reg(asm.R0, asm.R1, "ordered"),
		)
	}
	a.label("late")
	a.emit(
		asm.Mov.Imm(asm.R1, 1),
		atomically(asm.AddAtomic, stream, asm.R1, field.reordered),
		// R0 is the next expected sequence.
		asm.Sub.Reg(asm.R0, asm.R2),
		asm.LoadMem(asm.R1, stream, field.extent, asm.DWord),
		asm.JSLE.Reg(asm.R0, asm.R1, "ordered"),
		asm.StoreMem(stream, field.extent, asm.R0, asm.DWord),
	)
	a.label("ordered")
}

// measure counts the frame and its delay, which it leaves in delay. Neither
// jitter nor the delay before has a meaning between frames that arrive at once.
func (a *assembler) measure() {
	a.emit(
		asm.LoadMem(asm.R1, asm.RFP, payload+10, asm.DWord),
		asm.HostTo(asm.BE, asm.R1, asm.DWord),
		asm.LoadMem(delay, asm.RFP, now, asm.DWord),
		asm.Sub.Reg(delay, asm.R1),
		asm.JSGE.Imm(delay, 0, "positive"),
		asm.Mov.Imm(delay, 0), // the clock was set back on the way
	)
	a.label("positive")
	a.emit(
		atomically(asm.AddAtomic, stream, delay, field.sum),
		asm.LoadMem(asm.R3, stream, field.last, asm.DWord),
		asm.StoreMem(stream, field.last, delay, asm.DWord),
		asm.Mov.Imm(asm.R1, 1),
		atomically(asm.FetchAdd, stream, asm.R1, field.received),
		asm.JEq.Imm(asm.R1, 0, "first"),
		asm.Mov.Reg(asm.R2, delay),
		asm.Sub.Reg(asm.R2, asm.R3),
		asm.JSGE.Imm(asm.R2, 0, "grown"),
		asm.Neg.Imm(asm.R2, 0),
	)
	a.label("grown")
	a.emit(
		atomically(asm.AddAtomic, stream, asm.R2, field.steps),
		asm.LoadMem(asm.R3, stream, field.step, asm.DWord),
		asm.JLE.Reg(asm.R2, asm.R3, "steady"),
		asm.StoreMem(stream, field.step, asm.R2, asm.DWord),
	)
	a.label("steady")
	a.emit(
		asm.LSh.Imm(asm.R2, jitterBits),
		asm.LoadMem(asm.R3, stream, field.jitter, asm.DWord),
		asm.Sub.Reg(asm.R2, asm.R3),
		asm.ArSh.Imm(asm.R2, 4),
		asm.Add.Reg(asm.R3, asm.R2),
		asm.StoreMem(stream, field.jitter, asm.R3, asm.DWord),
	)
	a.label("first")
	a.extreme(field.min, asm.JGE, "min")
	a.extreme(field.max, asm.JLE, "max")
}

// extreme replaces a field by delay unless holds says that it may stay.
func (a *assembler) extreme(at int16, holds asm.JumpOp, name string) {
	a.emit(asm.LoadMem(asm.R0, stream, at, asm.DWord))
	for range races {
		a.emit(
			holds.Reg(delay, asm.R0, name),
			asm.Mov.Reg(asm.R1, asm.R0),
			atomically(asm.CmpXchg, stream, delay, at),
			asm.JEq.Reg(asm.R0, asm.R1, name),
		)
	}
	a.label(name)
}

// bucket counts the delay in the bucket that it belongs to:
//
//	b      = the bits of delay beyond half+1, 0 at least
//	bucket = b<<half + delay>>b
func (a *assembler) bucket(delays int) {
	a.emit(
		asm.JNE.Imm(delay, 0, "some"),
		asm.Mov.Imm(delay, 1),
	)
	a.label("some")
	a.emit(
		asm.LoadImm(asm.R1, int64(MaxDelay), asm.DWord),
		asm.JLE.Reg(delay, asm.R1, "bounded"),
		asm.Mov.Reg(delay, asm.R1),
	)
	a.label("bounded")
	a.emit(
		asm.LoadMem(asm.R3, stream, field.half, asm.DWord),
		asm.And.Imm(asm.R3, 31),
		// R1 is the delay with the lowest half+1 bits set: its length in bits
		// is half+1 at least. R2 becomes that length, less one.
		asm.Mov.Imm(asm.R1, 2),
		asm.LSh.Reg(asm.R1, asm.R3),
		asm.Sub.Imm(asm.R1, 1),
		asm.Or.Reg(asm.R1, delay),
		asm.Mov.Imm(asm.R2, 0),
	)
	for shift := int32(32); shift > 0; shift /= 2 {
		a.emit(
			// R4 = shift if R1 >> shift is not 0, without a branch.
			asm.Mov.Reg(asm.R4, asm.R1),
			asm.RSh.Imm(asm.R4, shift),
			asm.Neg.Imm(asm.R4, 0),
			asm.RSh.Imm(asm.R4, 63),
			asm.Mul.Imm(asm.R4, shift),
			asm.RSh.Reg(asm.R1, asm.R4),
			asm.Add.Reg(asm.R2, asm.R4),
		)
	}
	a.emit(
		asm.Sub.Reg(asm.R2, asm.R3), // b
		asm.RSh.Reg(delay, asm.R2),
		asm.LSh.Reg(asm.R2, asm.R3),
		asm.Add.Reg(delay, asm.R2),
		asm.LoadMem(asm.R1, stream, field.delaysAt, asm.DWord),
		asm.Add.Reg(asm.R1, delay),
	)
	a.element(delays, "drop")
	a.emit(
		asm.Mov.Imm(asm.R1, 1),
		atomically(asm.AddAtomic, asm.R0, asm.R1, 0),
	)
}

// atomically is op on the 64-bit word at a register's address and offset. The
// encoder takes what kind of operation it is from the constant.
func atomically(op asm.AtomicOp, at, with asm.Register, offset int16) asm.Instruction {
	ins := op.Mem(at, with, asm.DWord, offset)
	ins.Constant = int64(op >> 8)
	return ins
}
