package tally

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"
)

// This part of the program counts the flows of a stream, each by itself.

// inFlow holds the offsets of a Flow's fields.
var inFlow = struct{ next, received, duplicate, reordered, extent, sum, min, max int16 }{
	int16(unsafe.Offsetof(Flow{}.Next)), int16(unsafe.Offsetof(Flow{}.Received)),
	int16(unsafe.Offsetof(Flow{}.Duplicate)), int16(unsafe.Offsetof(Flow{}.Reordered)),
	int16(unsafe.Offsetof(Flow{}.Extent)), int16(unsafe.Offsetof(Flow{}.DelaySum)),
	int16(unsafe.Offsetof(Flow{}.DelayMin)), int16(unsafe.Offsetof(Flow{}.DelayMax)),
}

// flow finds the flow of the sequence, where the stream has several.
func (a *assembler) flow(flows int) {
	a.Emit(
		asm.Mov.Imm(flow, 0),
		asm.LoadMem(asm.R2, stream, field.flows, asm.DWord),
		asm.JLT.Imm(asm.R2, 2, "flow known"),
		asm.Mov.Reg(asm.R1, seq),
		asm.Mod.Reg(asm.R1, asm.R2),
		asm.LoadMem(asm.R2, stream, field.flowsAt, asm.DWord),
		asm.Add.Reg(asm.R1, asm.R2),
	)
	a.Element(flows, key, "pass")
	a.Emit(asm.Mov.Reg(flow, asm.R0))
	a.Label("flow known")
}

// countFlow does for the flow what order and measure do for the stream.
func (a *assembler) countFlow() {
	a.Emit(asm.JEq.Imm(flow, 0, "flow counted"), asm.Mov.Imm(asm.R1, 1))
	a.add(flow, asm.R1, inFlow.received)
	a.add(flow, delay, inFlow.sum)
	a.extreme(flow, inFlow.min, asm.JGE, "flow min")
	a.extreme(flow, inFlow.max, asm.JLE, "flow max")
	a.Emit(
		asm.Mov.Reg(asm.R2, seq),
		asm.Add.Imm(asm.R2, 1),
		asm.LoadMem(asm.R0, flow, inFlow.next, asm.DWord),
	)
	a.replace(flow, inFlow.next, asm.R2, "flow counted", asm.JLT.Reg(seq, asm.R0, "flow late"))
	a.Label("flow late")
	a.Emit(asm.Mov.Imm(asm.R1, 1))
	a.add(flow, asm.R1, inFlow.reordered)
	a.Emit(
		asm.Sub.Reg(asm.R0, asm.R2),
		asm.LoadMem(asm.R1, flow, inFlow.extent, asm.DWord),
		asm.JSLE.Reg(asm.R0, asm.R1, "flow counted"),
		asm.StoreMem(flow, inFlow.extent, asm.R0, asm.DWord),
	)
	a.Label("flow counted")
}
