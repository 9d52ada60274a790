package live

import (
	"unsafe"

	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// This part of the program makes the kernel's frame one of the stream's.

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
