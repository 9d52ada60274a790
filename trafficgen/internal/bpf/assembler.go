// Package bpf is what this module's programs for the kernel are written with:
// an assembler that knows labels, and maps whose memory the kernel and this
// process share. No compiler is needed to build or to run them.
package bpf

import "github.com/cilium/ebpf/asm"

// An Assembler collects instructions.
type Assembler struct {
	Instructions asm.Instructions
	next         string // label of the next instruction
}

// Emit appends instructions.
func (a *Assembler) Emit(ins ...asm.Instruction) {
	if a.next != "" {
		ins[0] = ins[0].WithSymbol(a.next)
		a.next = ""
	}
	a.Instructions = append(a.Instructions, ins...)
}

// Label names the next instruction. Two labels must not meet.
func (a *Assembler) Label(name string) { a.next = name }

// Element looks up the array element whose index is in R1; R0 points to it.
// Where there is none it goes on at a label. The index is put on the stack at
// key; registers R1 to R5 are lost.
func (a *Assembler) Element(m int, key int16, missing string) {
	a.Emit(
		asm.StoreMem(asm.RFP, key, asm.R1, asm.Word),
		asm.LoadMapPtr(asm.R1, m),
		asm.Mov.Reg(asm.R2, asm.RFP),
		asm.Add.Imm(asm.R2, int32(key)),
		asm.FnMapLookupElem.Call(),
		asm.JEq.Imm(asm.R0, 0, missing),
	)
}

// Return ends the program with a constant.
func (a *Assembler) Return(value int32) {
	a.Emit(asm.Mov.Imm(asm.R0, value), asm.Return())
}

// Atomically is op on the word, asm.Word or asm.DWord, at a register's address
// and offset. The encoder takes what kind of operation it is from the constant.
func Atomically(op asm.AtomicOp, word asm.Size, at, with asm.Register, offset int16) asm.Instruction {
	ins := op.Mem(at, with, word, offset)
	ins.Constant = int64(op >> 8)
	return ins
}
