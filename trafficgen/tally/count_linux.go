package tally

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
)

// Several processors may run a socket filter for frames of one stream at once,
// so what they share is changed atomically. Of a device with one queue only one
// processor at a time takes frames: there plain operations do.

// place extends the sequence to 64 bits, in seq, and decides whether it can be
// counted.
func (a *assembler) place() {
	a.Emit(
		asm.LoadMem(asm.R1, ofStream.at, ofStream.from+counter.next, asm.DWord),
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
	a.Label("room")
}

// mark sets the sequence's bit and tells first arrivals from copies.
func (a *assembler) mark(window int) {
	a.Emit(
		asm.LoadMem(asm.R1, stream, field.windowMask, asm.DWord),
		asm.And.Reg(asm.R1, seq),
		asm.RSh.Imm(asm.R1, 6),
		asm.LoadMem(asm.R2, stream, field.windowAt, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R2),
	)
	a.Element(window, key, "pass")
	a.Emit(
		asm.Mov.Reg(asm.R3, seq),
		asm.And.Imm(asm.R3, 63),
		asm.Mov.Imm(asm.R2, 1),
		asm.LSh.Reg(asm.R2, asm.R3),
		asm.Mov.Reg(asm.R1, asm.R2),
	)
	a.fetchOr()
	a.Emit(
		asm.JSet.Reg(asm.R1, asm.R2, "duplicate"),
		asm.Ja.Label("fresh"),
	)
	a.Label("duplicate")
	a.Emit(asm.Mov.Imm(asm.R1, 1))
	a.add(ofStream.at, asm.R1, ofStream.from+counter.duplicate)
	a.Emit(asm.JEq.Imm(flow, 0, "drop"), asm.Mov.Imm(asm.R1, 1))
	a.add(ofFlow.at, asm.R1, ofFlow.from+counter.duplicate)
	a.Emit(asm.Ja.Label("drop"))
	a.Label("fresh")
}

// A target is where frames are counted: the Counters that begin so far behind
// the address in a register.
type target struct {
	at   asm.Register
	from int16
	name string // sets labels apart
}

var (
	ofStream = target{stream, int16(unsafe.Offsetof(record{}.Counters)), "stream"}
	ofFlow   = target{flow, 0, "flow"}
)

// counter holds the offsets of the fields of Counters.
var counter = struct{ next, received, duplicate, reordered, extent, sum, min, max, last, steps, step, jitter int16 }{
	int16(unsafe.Offsetof(Counters{}.Next)), int16(unsafe.Offsetof(Counters{}.Received)),
	int16(unsafe.Offsetof(Counters{}.Duplicate)), int16(unsafe.Offsetof(Counters{}.Reordered)),
	int16(unsafe.Offsetof(Counters{}.Extent)), int16(unsafe.Offsetof(Counters{}.DelaySum)),
	int16(unsafe.Offsetof(Counters{}.DelayMin)), int16(unsafe.Offsetof(Counters{}.DelayMax)),
	int16(unsafe.Offsetof(Counters{}.DelayLast)), int16(unsafe.Offsetof(Counters{}.StepSum)),
	int16(unsafe.Offsetof(Counters{}.StepMax)), int16(unsafe.Offsetof(Counters{}.jitter)),
}

// order moves the next expected sequence on, or notes that this one is late
// (RFC 4737, section 3.3).
func (a *assembler) order(t target) {
	late, done := t.name+" late", t.name+" ordered"
	a.Emit(
		asm.Mov.Reg(asm.R2, seq),
		asm.Add.Imm(asm.R2, 1),
		asm.LoadMem(asm.R0, t.at, t.from+counter.next, asm.DWord),
	)
	a.replace(t.at, t.from+counter.next, asm.R2, done, asm.JLT.Reg(seq, asm.R0, late))
	a.Label(late)
	a.Emit(asm.Mov.Imm(asm.R1, 1))
	a.add(t.at, asm.R1, t.from+counter.reordered)
	a.Emit( // R0 is the next expected sequence: one more than the newest
		asm.Sub.Reg(asm.R0, asm.R2),
		asm.LoadMem(asm.R1, t.at, t.from+counter.extent, asm.DWord),
		asm.JSLE.Reg(asm.R0, asm.R1, done),
		asm.StoreMem(t.at, t.from+counter.extent, asm.R0, asm.DWord),
	)
	a.Label(done)
}

// age leaves in delay how long the frame took.
func (a *assembler) age() {
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, payload+10, asm.DWord),
		asm.HostTo(asm.BE, asm.R1, asm.DWord),
		asm.LoadMem(delay, asm.RFP, now, asm.DWord),
		asm.Sub.Reg(delay, asm.R1),
		asm.JSGE.Imm(delay, 0, "positive"),
		asm.Mov.Imm(delay, 0), // the clock was set back on the way
	)
	a.Label("positive")
}

// measure counts the frame and its delay. Neither jitter nor the delay before
// has a meaning between frames that arrive at once. What follows has the name
// done.
func (a *assembler) measure(t target, done string) {
	grown, steady, first := t.name+" grown", t.name+" steady", t.name+" first"
	a.add(t.at, delay, t.from+counter.sum)
	a.Emit(
		asm.LoadMem(asm.R3, t.at, t.from+counter.last, asm.DWord),
		asm.StoreMem(t.at, t.from+counter.last, delay, asm.DWord),
	)
	a.fetchIncrement(t.at, t.from+counter.received)
	a.Emit(
		asm.JEq.Imm(asm.R1, 0, first),
		asm.Mov.Reg(asm.R2, delay),
		asm.Sub.Reg(asm.R2, asm.R3),
		asm.JSGE.Imm(asm.R2, 0, grown),
		asm.Neg.Imm(asm.R2, 0),
	)
	a.Label(grown)
	a.add(t.at, asm.R2, t.from+counter.steps)
	a.Emit(
		asm.LoadMem(asm.R3, t.at, t.from+counter.step, asm.DWord),
		asm.JLE.Reg(asm.R2, asm.R3, steady),
		asm.StoreMem(t.at, t.from+counter.step, asm.R2, asm.DWord),
	)
	a.Label(steady)
	a.Emit(
		asm.LSh.Imm(asm.R2, jitterBits),
		asm.LoadMem(asm.R3, t.at, t.from+counter.jitter, asm.DWord),
		asm.Sub.Reg(asm.R2, asm.R3),
		asm.ArSh.Imm(asm.R2, 4),
		asm.Add.Reg(asm.R3, asm.R2),
		asm.StoreMem(t.at, t.from+counter.jitter, asm.R3, asm.DWord),
	)
	a.Label(first)
	a.extreme(t.at, t.from+counter.min, asm.JGE, t.name+" min")
	a.extreme(t.at, t.from+counter.max, asm.JLE, done)
}

// extreme replaces a field by delay unless holds says that it may stay.
func (a *assembler) extreme(of asm.Register, at int16, holds asm.JumpOp, name string) {
	a.Emit(asm.LoadMem(asm.R0, of, at, asm.DWord))
	a.replace(of, at, delay, name, holds.Reg(delay, asm.R0, name))
	a.Label(name)
}

// add adds a register to the word at an address. R4 is lost.
func (a *assembler) add(at, with asm.Register, offset int16) {
	if !a.alone {
		a.Emit(bpf.Atomically(asm.AddAtomic, asm.DWord, at, with, offset))
		return
	}
	a.Emit(
		asm.LoadMem(asm.R4, at, offset, asm.DWord),
		asm.Add.Reg(asm.R4, with),
		asm.StoreMem(at, offset, asm.R4, asm.DWord),
	)
}

// increment32 adds 1 to the 32-bit word at an address, which R1 holds the value
// of.
func (a *assembler) increment32(at asm.Register) {
	if !a.alone {
		a.Emit(asm.Mov.Imm(asm.R1, 1), bpf.Atomically(asm.AddAtomic, asm.Word, at, asm.R1, 0))
		return
	}
	a.Emit(asm.Add.Imm(asm.R1, 1), asm.StoreMem(at, 0, asm.R1, asm.Word))
}

// fetchIncrement adds 1 to a field and leaves in R1 what it was. R4 is lost.
func (a *assembler) fetchIncrement(of asm.Register, at int16) {
	if !a.alone {
		a.Emit(asm.Mov.Imm(asm.R1, 1), bpf.Atomically(asm.FetchAdd, asm.DWord, of, asm.R1, at))
		return
	}
	a.Emit(
		asm.LoadMem(asm.R1, of, at, asm.DWord),
		asm.Mov.Reg(asm.R4, asm.R1),
		asm.Add.Imm(asm.R4, 1),
		asm.StoreMem(of, at, asm.R4, asm.DWord),
	)
}

// fetchOr sets the bits of R1 in the word that R0 points to and leaves in R1
// what it was. R4 is lost.
func (a *assembler) fetchOr() {
	if !a.alone {
		a.Emit(bpf.Atomically(asm.FetchOr, asm.DWord, asm.R0, asm.R1, 0))
		return
	}
	a.Emit(
		asm.LoadMem(asm.R4, asm.R0, 0, asm.DWord),
		asm.Or.Reg(asm.R1, asm.R4),
		asm.StoreMem(asm.R0, 0, asm.R1, asm.DWord),
		asm.Mov.Reg(asm.R1, asm.R4),
	)
}

// replace stores a register in a field, which R0 holds the value of, and goes
// on at done, unless the jump that keeps it is taken. Where another processor
// was faster it looks again, a few times, and then falls through.
func (a *assembler) replace(of asm.Register, at int16, with asm.Register, done string, keep asm.Instruction) {
	if a.alone {
		a.Emit(keep, asm.StoreMem(of, at, with, asm.DWord), asm.Ja.Label(done))
		return
	}
	for range races {
		a.Emit(
			keep,
			asm.Mov.Reg(asm.R1, asm.R0),
			bpf.Atomically(asm.CmpXchg, asm.DWord, of, with, at),
			asm.JEq.Reg(asm.R0, asm.R1, done),
		)
	}
}
