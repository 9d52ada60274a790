package tally

import "github.com/cilium/ebpf/asm"

// This part of the program puts delays into buckets.

// logarithm brings delay within 1 and MaxDelay and leaves the logarithm to base
// 2 in seq, which has told which frame it was.
func (a *assembler) logarithm() {
	a.Emit(
		asm.JNE.Imm(delay, 0, "some"),
		asm.Mov.Imm(delay, 1),
	)
	a.Label("some")
	a.Emit(
		asm.LoadImm(asm.R1, int64(MaxDelay), asm.DWord),
		asm.JLE.Reg(delay, asm.R1, "bounded"),
		asm.Mov.Reg(delay, asm.R1),
	)
	a.Label("bounded")
	a.Emit(
		asm.Mov.Reg(asm.R1, delay),
		asm.Mov.Imm(seq, 0),
	)
	for shift := int32(32); shift > 0; shift /= 2 {
		a.Emit(
			// R4 = shift if R1 >> shift is not 0, without a branch.
			asm.Mov.Reg(asm.R4, asm.R1),
			asm.RSh.Imm(asm.R4, shift),
			asm.Neg.Imm(asm.R4, 0),
			asm.RSh.Imm(asm.R4, 63),
			asm.Mul.Imm(asm.R4, shift),
			asm.RSh.Reg(asm.R1, asm.R4),
			asm.Add.Reg(seq, asm.R4),
		)
	}
}

// bucket counts the delay, whose logarithm is in seq, in the stream's bucket
// that it belongs to:
//
//	b      = the bits of delay beyond half+1, 0 at least
//	bucket = b<<half + delay>>b
func (a *assembler) bucket(delays int) {
	a.Emit(
		asm.LoadMem(asm.R3, stream, field.half, asm.DWord),
		asm.And.Imm(asm.R3, 31),
		asm.Sub.Reg(seq, asm.R3), // b
		asm.JSGE.Imm(seq, 0, "doubled"),
		asm.Mov.Imm(seq, 0),
	)
	a.Label("doubled")
	a.Emit(
		asm.RSh.Reg(delay, seq),
		asm.LSh.Reg(seq, asm.R3),
		asm.Add.Reg(delay, seq),
		asm.LoadMem(asm.R1, stream, field.delaysAt, asm.DWord),
		asm.Add.Reg(asm.R1, delay),
	)
	a.Element(delays, key, "drop")
	a.Emit(asm.Mov.Imm(asm.R1, 1))
	a.add(asm.R0, asm.R1, 0)
}
