package tally

import (
	"encoding/binary"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/bpf"
)

// kind is where a program is put.
type kind struct {
	program    ebpf.ProgramType
	load       asm.BuiltinFunc // copies bytes of the frame to the stack
	pass, drop int32           // what it returns
	direct     bool            // the frame's bytes can be read where they are
	alone      bool            // one processor at a time runs it
	deep       bool            // it looks into tunnels and behind IPv4 options
}

var (
	// bytes that the socket gets
	socketFilter = kind{program: ebpf.SocketFilter, load: asm.FnSkbLoadBytes, pass: -1, drop: 0}
	// XDP_PASS, XDP_DROP
	native = kind{program: ebpf.XDP, load: asm.FnXdpLoadBytes, pass: 2, drop: 1, direct: true, alone: true}
	// what a socket filter does, where a test can run it
	trial = kind{program: ebpf.XDP, load: asm.FnXdpLoadBytes, pass: 2, drop: 1}
)

// Registers that keep their values across calls.
const (
	ctx    = asm.R6
	flow   = asm.R6 // its *Counters, or 0, when the frame's bytes have been seen
	stream = asm.R7 // *record
	seq    = asm.R8 // before that the checksum, then how much padding is left
	delay  = asm.R9 // before that an offset in the frame
)

// The stack, as offsets from its end. Headers are put so that the signature's
// fields can be read whole: the sequence at a multiple of 4, the time of 8.
const (
	key     = -4
	payload = -26
	eth4    = payload - 42 // where the frame begins when it is UDP or ICMP over IPv4
	eth6    = payload - 62
	tcp4    = payload - 54 // where it is TCP
	tcp6    = payload - 74
	chunk   = -104 - chunkLen
	now     = chunk - 8
	crc     = now - 8
	length  = crc - 8    // of the payload
	check   = length - 8 // the transport's checksum; 0 is none
	depth   = check - 8  // of tunnels
	flowKey = depth - 4  // number of the flow

	chunkLen = 256 // the period of the padding
)

const races = 4 // attempts to win one against another processor

// assembler writes the program of a kind.
type assembler struct {
	kind
	bpf.Assembler
}

// maps are descriptors.
type maps struct{ records, lengths, window, delays, flows, spreads int }

func assemble(k kind, run, port uint16, leap time.Duration, m maps) asm.Instructions {
	a := &assembler{kind: k}
	a.Emit(asm.Mov.Reg(ctx, asm.R1))
	a.headers()
	a.identify(run, port, m.records)
	a.verify(m.lengths)
	a.clock(leap)
	a.padding()
	a.place()
	a.flow(m.flows)
	a.mark(m.window)
	a.age()
	a.order(ofStream)
	a.measure(ofStream, "stream counted")
	a.countFlow()
	a.logarithm()
	a.spread(m.spreads)
	a.bucket(m.delays)
	a.Label("drop")
	a.Emit(asm.Mov.Imm(asm.R0, k.drop), asm.Return())
	a.Label("pass")
	a.Emit(asm.Mov.Imm(asm.R0, k.pass), asm.Return())
	return a.Instructions
}

// identify finds the stream's record, if it is to be counted.
func (a *assembler) identify(run, port uint16, records int) {
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, payload, asm.Half),
		asm.JNE.Imm(asm.R1, network16(frame.Magic), "pass"),
		asm.LoadMem(asm.R1, asm.RFP, payload+2, asm.Half),
		asm.JNE.Imm(asm.R1, network16(run), "pass"),
		asm.LoadMem(asm.R1, asm.RFP, payload+4, asm.Half), // a learning frame's is not in the map
		asm.HostTo(asm.BE, asm.R1, asm.Half),
	)
	a.Element(records, key, "pass")
	a.Emit(
		asm.Mov.Reg(stream, asm.R0),
		asm.LoadMem(asm.R1, stream, field.port, asm.DWord),
		asm.JNE.Imm(asm.R1, int32(port), "pass"), // it is to arrive elsewhere
		asm.LoadMem(asm.R1, stream, field.active, asm.DWord),
		asm.JEq.Imm(asm.R1, 0, "pass"),
		asm.LoadMem(asm.R1, stream, field.passing, asm.DWord),
		asm.JNE.Imm(asm.R1, 0, "pass"),
	)
}

// verify checks the payload's length and the checksum, taking what is behind the
// signature to be as expected: of a stream of one length its record says how,
// of others the map of lengths.
func (a *assembler) verify(lengths int) {
	// R2, R5, R4 = length, rest and crc, of the stream or of that length
	a.Emit(
		asm.LoadMem(asm.R2, stream, field.length, asm.DWord),
		asm.LoadMem(asm.R5, stream, field.rest, asm.DWord),
		asm.LoadMem(asm.R4, stream, field.crc, asm.DWord),
		asm.JNE.Imm(asm.R2, 0, "expected"),
		asm.LoadMem(asm.R1, asm.RFP, length, asm.DWord),
	)
	a.Element(lengths, key, "pass")
	a.Emit(
		asm.LoadMem(asm.R2, asm.R0, field.length, asm.DWord),
		asm.LoadMem(asm.R5, asm.R0, field.rest, asm.DWord),
		asm.LoadMem(asm.R4, asm.R0, field.crc, asm.DWord),
		asm.JEq.Imm(asm.R2, 0, "pass"), // no frame has it
	)
	a.Label("expected")
	a.Emit(
		asm.StoreMem(asm.RFP, crc, asm.R4, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, length, asm.DWord),
		asm.JNE.Reg(asm.R1, asm.R2, "pass"),
		asm.LoadMem(asm.R3, asm.RFP, check, asm.DWord),
		asm.JEq.Imm(asm.R3, 0, "verified"),
		asm.Add.Reg(seq, asm.R5),
		asm.Mov.Reg(asm.R1, seq),
		asm.RSh.Imm(asm.R1, 32),
		asm.Mov.Reg32(seq, seq),
		asm.Add.Reg(seq, asm.R1),
	)
	for range 3 {
		a.Emit(
			asm.Mov.Reg(asm.R1, seq),
			asm.RSh.Imm(asm.R1, 16),
			asm.And.Imm(seq, 0xffff),
			asm.Add.Reg(seq, asm.R1),
		)
	}
	a.Emit(asm.JNE.Imm(seq, 0xffff, "pass"))
	a.Label("verified")
}

// clock stores the wall clock.
func (a *assembler) clock(leap time.Duration) {
	a.Emit(
		asm.FnKtimeGetTaiNs.Call(),
		asm.LoadImm(asm.R1, int64(leap), asm.DWord),
		asm.Sub.Reg(asm.R0, asm.R1),
		asm.StoreMem(asm.RFP, now, asm.R0, asm.DWord),
	)
}

// padding checks what is behind the signature byte by byte: a CRC that is
// known and bytes that count up. delay is the offset of the payload.
func (a *assembler) padding() {
	a.Emit(
		asm.LoadMem(seq, asm.RFP, length, asm.DWord),
		asm.Sub.Imm(seq, frame.SignatureLen),
		asm.JEq.Imm(seq, 0, "intact"),
		asm.Mov.Reg(asm.R1, ctx),
		asm.Mov.Reg(asm.R2, delay),
		asm.Add.Imm(asm.R2, frame.SignatureLen),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, key),
		asm.Mov.Imm(asm.R4, frame.CRCLen),
		a.load.Call(),
		asm.JNE.Imm(asm.R0, 0, "pass"),
		asm.LoadMem(asm.R1, asm.RFP, key, asm.Word),
		asm.LoadMem(asm.R2, asm.RFP, crc, asm.DWord),
		asm.JNE.Reg(asm.R1, asm.R2, "pass"),
		asm.Sub.Imm(seq, frame.CRCLen),
		asm.Add.Imm(delay, frame.SignatureLen+frame.CRCLen),
		asm.JGT.Imm(seq, frame.MaxSize, "pass"),
	)
	a.chunks()
	a.Label("intact")
}

// chunks compares what is left, seq bytes from offset delay on, with what the
// padding is to be.
func (a *assembler) chunks() {
	// The last chunk may be a short one: behind it the expected bytes remain.
	for at := 0; at < chunkLen; at += 8 {
		a.Emit(asm.LoadImm(asm.R1, pattern(at), asm.DWord), asm.StoreMem(asm.RFP, int16(chunk+at), asm.R1, asm.DWord))
	}
	a.Label("chunk")
	a.Emit(
		asm.JLT.Imm(seq, 1, "intact"),
		asm.Mov.Reg(asm.R4, seq),
		asm.JLE.Imm(asm.R4, chunkLen, "short"),
		asm.Mov.Imm(asm.R4, chunkLen),
	)
	a.Label("short")
	a.Emit(
		asm.Mov.Reg(asm.R1, ctx),
		asm.Mov.Reg(asm.R2, delay),
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, chunk),
		a.load.Call(),
		asm.JNE.Imm(asm.R0, 0, "pass"),
	)
	for at := 0; at < chunkLen; at += 8 {
		a.Emit(
			asm.LoadMem(asm.R1, asm.RFP, int16(chunk+at), asm.DWord),
			asm.LoadImm(asm.R2, pattern(at), asm.DWord),
			asm.JNE.Reg(asm.R1, asm.R2, "pass"),
		)
	}
	a.Emit(
		asm.JLE.Imm(seq, chunkLen, "intact"),
		asm.Sub.Imm(seq, chunkLen),
		asm.Add.Imm(delay, chunkLen),
		asm.Ja.Label("chunk"),
	)
}

// pattern is 8 bytes of padding as a word in this host's order.
func pattern(at int) int64 {
	var b [8]byte
	for i := range b {
		b[i] = byte(at + i)
	}
	return int64(binary.NativeEndian.Uint64(b[:]))
}

// network16 is what a 16-bit field of that value reads as on this host.
func network16(v uint16) int32 {
	var b [2]byte
	binary.BigEndian.PutUint16(b[:], v)
	return int32(binary.NativeEndian.Uint16(b[:]))
}

// field holds the offsets of a record's fields beside its Counters.
var field = struct {
	length, rest, crc, span, windowAt, windowMask, delaysAt, half, port, flows, flowsAt, spreads, spreadsAt, active,
	sent, settled, passing int16
}{
	int16(unsafe.Offsetof(record{}.length)), int16(unsafe.Offsetof(record{}.rest)),
	int16(unsafe.Offsetof(record{}.crc)), int16(unsafe.Offsetof(record{}.span)),
	int16(unsafe.Offsetof(record{}.windowAt)), int16(unsafe.Offsetof(record{}.windowMask)),
	int16(unsafe.Offsetof(record{}.delaysAt)), int16(unsafe.Offsetof(record{}.half)),
	int16(unsafe.Offsetof(record{}.port)), int16(unsafe.Offsetof(record{}.flows)),
	int16(unsafe.Offsetof(record{}.flowsAt)), int16(unsafe.Offsetof(record{}.spreads)),
	int16(unsafe.Offsetof(record{}.spreadsAt)), int16(unsafe.Offsetof(record{}.active)),
	int16(unsafe.Offsetof(record{}.sent)), int16(unsafe.Offsetof(record{}.settled)),
	int16(unsafe.Offsetof(record{}.passing)),
}
