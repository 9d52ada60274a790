package tally

import "github.com/cilium/ebpf/asm"

// This part of the program counts the flows of a stream, each by itself.

// flow finds the flow of the sequence, where the stream has several, and puts
// its number on the stack.
func (a *assembler) flow(flows int) {
	a.Emit(
		asm.Mov.Imm(flow, 0),
		asm.LoadMem(asm.R2, stream, field.flows, asm.DWord),
		asm.JLT.Imm(asm.R2, 2, "flow known"),
		asm.Mov.Reg(asm.R1, seq),
		asm.Mod.Reg(asm.R1, asm.R2),
		asm.StoreMem(asm.RFP, flowKey, asm.R1, asm.Word),
		asm.LoadMem(asm.R2, stream, field.flowsAt, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R2),
	)
	a.Element(flows, key, "pass")
	a.Emit(asm.Mov.Reg(flow, asm.R0))
	a.Label("flow known")
}

// countFlow does for the flow what order and measure do for the stream.
func (a *assembler) countFlow() {
	a.Emit(asm.JEq.Imm(flow, 0, "flow counted"))
	a.order(ofFlow)
	a.measure(ofFlow, "flow counted")
}

// spread counts the delay, whose logarithm is in seq, where Spreads.Record does,
// if the flow has a place there. An element of the map is two counts.
func (a *assembler) spread(spreads int) {
	a.Emit(
		asm.JEq.Imm(flow, 0, "spread counted"),
		asm.LoadMem(asm.R1, asm.RFP, flowKey, asm.Word),
		asm.LoadMem(asm.R5, stream, field.spreads, asm.DWord),
		asm.JGE.Reg(asm.R1, asm.R5, "spread counted"),
		// R3 = the bucket
		asm.LoadImm(asm.R2, int64(SpreadMax), asm.DWord),
		asm.Mov.Imm(asm.R3, spreadBuckets-1),
		asm.JGE.Reg(delay, asm.R2, "spread found"),
		asm.Mov.Reg(asm.R3, delay),
		asm.RSh.Imm(asm.R3, spreadUnit),
		// R2 = the bits of R3 beyond spreadHalf+1, 0 at least
		asm.Mov.Reg(asm.R2, seq),
		asm.Sub.Imm(asm.R2, spreadUnit+spreadHalf),
		asm.JSGE.Imm(asm.R2, 0, "spread doubled"),
		asm.Mov.Imm(asm.R2, 0),
	)
	a.Label("spread doubled")
	a.Emit(
		asm.RSh.Reg(asm.R3, asm.R2),
		asm.LSh.Imm(asm.R2, spreadHalf),
		asm.Add.Reg(asm.R3, asm.R2),
	)
	a.Label("spread found")
	a.Emit(
		asm.Mul.Reg(asm.R3, asm.R5),
		asm.Add.Reg(asm.R3, asm.R1),
		asm.LoadMem(asm.R1, stream, field.spreadsAt, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R3),
		asm.StoreMem(asm.RFP, flowKey, asm.R1, asm.Word),
		asm.RSh.Imm(asm.R1, 1),
	)
	a.Element(spreads, key, "spread counted")
	a.Emit(
		asm.LoadMem(asm.R3, asm.RFP, flowKey, asm.Word),
		asm.And.Imm(asm.R3, 1),
		asm.LSh.Imm(asm.R3, 2), // bytes of a count
		asm.Add.Reg(asm.R0, asm.R3),
		asm.LoadMem(asm.R1, asm.R0, 0, asm.Word),
		asm.JGE.Imm32(asm.R1, spreadFull-1<<32, "spread counted"),
	)
	a.increment32(asm.R0)
	a.Label("spread counted")
}
