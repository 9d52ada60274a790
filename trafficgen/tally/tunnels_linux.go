package tally

import (
	"math/bits"

	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// This part of the program passes what is longer than a tag. Behind a tunnel's
// headers the way through the program begins anew: delay is then as large as if
// they were tags. IPv4 options are taken out of the copy on the stack, as if
// they were tags too. The verifier takes several times as long for it, so only
// tables with streams that need it have it.

const (
	protocolIPv4 = 4
	protocolIPv6 = 41
	protocolGRE  = 47
	portVXLAN    = 4789
	vxlanLen     = 8
	ethernetLen  = 14

	etherIPv4    = 0x0800
	etherIPv6    = 0x86dd
	etherBridged = 0x6558
)

// deeper is where to go on with what stands behind options or in a tunnel.
func (a *assembler) deeper(label string) string {
	if a.deep {
		return label
	}
	return "pass"
}

// unlessVXLAN goes on with UDP whose destination port, at an offset of the
// stack, is not VXLAN's.
func (a *assembler) unlessVXLAN(name string, port int16) {
	if a.deep {
		a.Emit(
			asm.LoadMem(asm.R1, asm.RFP, port, asm.Half),
			asm.JEq.Imm(asm.R1, network16(portVXLAN), "vxlan"+name),
		)
		a.Label("udp" + name)
	}
}

// outer is an IP header that may carry a tunnel, which ends at an offset of the
// stack.
type outer struct {
	name          string // of labels
	end           int16
	total         int16 // where its length is, of which so much is its own
	ownOfTotal    int32
	headerOnFrame int32 // its length
}

// tunnel passes a tunnel's header, whose protocol is in R1.
func (a *assembler) tunnel(o outer) {
	a.Label("tunnel" + o.name)
	a.Emit(
		asm.Mov.Imm(seq, network16(etherIPv4)),
		asm.JEq.Imm(asm.R1, protocolIPv4, "ip in ip"+o.name),
		asm.Mov.Imm(seq, network16(etherIPv6)),
		asm.JEq.Imm(asm.R1, protocolIPv6, "ip in ip"+o.name),
		asm.JNE.Imm(asm.R1, protocolGRE, "pass"),
	)
	a.gre(o)
	a.Label("ip in ip" + o.name)
	a.Emit(asm.Add.Imm(delay, o.headerOnFrame), asm.Ja.Label("within"))
	a.vxlan(o)
}

// gre passes a header of RFC 2784 and 2890.
func (a *assembler) gre(o outer) {
	const hasChecksum, hasRouting, hasKey, hasSequence = 0x80, 0x40, 0x20, 0x10
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, o.end, asm.Byte),
		asm.JSet.Imm(asm.R1, hasRouting, "pass"),
		asm.LoadMem(seq, asm.RFP, o.end+2, asm.Half),
		asm.JEq.Imm(seq, 0, "pass"),
		asm.Add.Imm(delay, o.headerOnFrame+4),
	)
	for _, flag := range []uint8{hasChecksum, hasKey, hasSequence} {
		a.Emit( // 4 bytes more
			asm.Mov.Reg(asm.R2, asm.R1),
			asm.And.Imm(asm.R2, int32(flag)),
			asm.RSh.Imm(asm.R2, int32(bits.TrailingZeros8(flag)-2)),
			asm.Add.Reg(delay, asm.R2),
		)
	}
	a.Emit(
		asm.JNE.Imm(seq, network16(etherBridged), "within"),
		asm.Add.Imm(delay, ethernetLen),
		asm.Mov.Imm(seq, 0),
		asm.Ja.Label("within"),
	)
}

// vxlan passes UDP and VXLAN, unless the signature follows at once: then the
// port is that of a stream. A datagram that ends before its packet does is let
// pass.
func (a *assembler) vxlan(o outer) {
	a.Label("vxlan" + o.name)
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, payload, asm.Half),
		asm.JEq.Imm(asm.R1, network16(frame.Magic), "udp"+o.name),
		asm.LoadMem(asm.R1, asm.RFP, o.total, asm.Half),
		asm.HostTo(asm.BE, asm.R1, asm.Half),
		asm.Sub.Imm(asm.R1, o.ownOfTotal),
		asm.LoadMem(asm.R2, asm.RFP, o.end+4, asm.Half),
		asm.HostTo(asm.BE, asm.R2, asm.Half),
		asm.JNE.Reg(asm.R1, asm.R2, "pass"),
		asm.Add.Imm(delay, o.headerOnFrame+frame.UDPLen+vxlanLen+ethernetLen),
		asm.Mov.Imm(seq, 0),
		asm.Ja.Label("within"),
	)
}

// within begins anew with what is in a tunnel. Its EtherType is seq, or in the
// Ethernet header in front of it where seq is 0. The verifier, which sees no
// loop but one that it can count, has the depth for that.
func (a *assembler) within() {
	a.Label("within")
	a.forget()
	a.Emit(
		asm.JGT.Imm(delay, frame.MaxLead, "pass"),
		asm.LoadMem(asm.R1, asm.RFP, depth, asm.DWord),
		asm.JEq.Imm(asm.R1, frame.MaxTunnels, "pass"),
		asm.Add.Imm(asm.R1, 1),
		asm.StoreMem(asm.RFP, depth, asm.R1, asm.DWord),
	)
	a.call(asm.Mov.Reg(asm.R2, delay), eth4, udpLen4)
	a.Emit(
		asm.Mov.Reg(asm.R1, seq),
		asm.JNE.Imm(asm.R1, 0, "ether"),
		asm.LoadMem(asm.R1, asm.RFP, eth4+12, asm.Half),
		asm.Ja.Label("ether"),
	)
}

// kept are the fields of an IPv4 header that matter, in halves, and where they
// are kept while its options are taken out.
var kept = []int16{16, 20, 22, 26, 28, 30, 32}

// options passes an IPv4 header with options, R1 being its first byte: it reads
// the frame anew from so much further on, and puts the fixed fields back, the
// total length that much shorter.
func (a *assembler) options() {
	a.Label("options")
	a.Emit(
		asm.Mov.Reg(seq, asm.R1),
		asm.RSh.Imm(asm.R1, 4),
		asm.JNE.Imm(asm.R1, 4, "pass"),
		asm.And.Imm(seq, 15),
		asm.JLT.Imm(seq, ipLen4/4+1, "pass"),
		asm.LSh.Imm(seq, 2),
		asm.Sub.Imm(seq, ipLen4),
		asm.LoadMem(asm.R1, asm.RFP, eth4+20, asm.Half),
		asm.JSet.Imm(asm.R1, network16(0x3fff), "pass"), // a fragment
	)
	for i, at := range kept {
		a.Emit(
			asm.LoadMem(asm.R1, asm.RFP, eth4+at, asm.Half),
			asm.StoreMem(asm.RFP, chunk+2*int16(i), asm.R1, asm.Half),
		)
	}
	a.Emit(asm.Add.Reg(delay, seq))
	a.forget()
	a.Emit(
		asm.JGT.Imm(delay, frame.MaxLead, "pass"),
		asm.LoadMem(asm.R1, asm.RFP, eth4+23, asm.Byte),
		asm.JEq.Imm(asm.R1, protocolTCP, "options before tcp"),
	)
	a.call(asm.Mov.Reg(asm.R2, delay), eth4, udpLen4)
	a.putBack(eth4)
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, eth4+23, asm.Byte),
		asm.Ja.Label("protocol4"),
	)
	a.Label("options before tcp")
	a.call(asm.Mov.Reg(asm.R2, delay), tcp4, tcpLen4)
	a.putBack(tcp4)
	a.Emit(asm.Ja.Label("tcp4 header"))
}

// putBack writes what was kept to a header on the stack. seq is the length of
// the options.
func (a *assembler) putBack(header int16) {
	for i, at := range kept {
		a.Emit(asm.LoadMem(asm.R1, asm.RFP, chunk+2*int16(i), asm.Half))
		if i == 0 { // the total length
			a.Emit(
				asm.HostTo(asm.BE, asm.R1, asm.Half),
				asm.Sub.Reg(asm.R1, seq),
				asm.HostTo(asm.BE, asm.R1, asm.Half),
			)
		}
		a.Emit(asm.StoreMem(asm.RFP, header+at, asm.R1, asm.Half))
	}
}
