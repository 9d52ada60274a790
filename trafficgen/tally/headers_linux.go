package tally

import (
	"github.com/cilium/ebpf/asm"

	"github.com/ccl-lab/ccl/trafficgen/frame"
)

// This part of the program finds the signature. Headers are on the stack as if
// they stood behind an untagged Ethernet header; delay is how many bytes of
// tags, labels, tunnels and options are before them, frame.MaxLead at most.

const (
	protocolICMP   = 1
	protocolTCP    = 6
	protocolUDP    = 17
	protocolICMPv6 = 58

	ipLen4, ipLen6   = 20, 40
	udpLen4, udpLen6 = payload - eth4 + frame.SignatureLen, payload - eth6 + frame.SignatureLen
	tcpLen4, tcpLen6 = payload - tcp4 + frame.SignatureLen, payload - tcp6 + frame.SignatureLen
)

// headers passes tags, labels, tunnels where it is to look into them, IPv4 or
// IPv6, and UDP, ICMP or TCP without options. It leaves the sum of all that the checksum covers up to the
// signature's end in seq, the offset of the payload in delay and the payload's
// length on the stack.
func (a *assembler) headers() {
	a.Emit(asm.Mov.Imm(delay, 0), asm.StoreMem(asm.RFP, depth, delay, asm.DWord))
	a.fetch(0, eth4, udpLen4)
	a.Emit(asm.LoadMem(asm.R1, asm.RFP, eth4+12, asm.Half))
	a.Label("ether")
	a.Emit(
		asm.JEq.Imm(asm.R1, network16(0x86dd), "ipv6"),
		asm.JNE.Imm(asm.R1, network16(0x0800), "shim"),
	)
	a.ipv4()
	a.ipv6()
	a.shim()
	if a.deep {
		a.options()
		a.tunnel(outer{"4", eth4 + 34, eth4 + 16, ipLen4, ipLen4})
		a.tunnel(outer{"6", eth6 + 54, eth6 + 18, 0, ipLen6})
		a.within()
	}
	a.Label("payload")
	a.forget()
}

// forget takes delay by way of memory, so that the verifier forgets the number
// and looks at what follows once, not for each way here.
func (a *assembler) forget() {
	a.Emit(
		asm.StoreMem(asm.RFP, key, delay, asm.Word),
		asm.LoadMem(delay, asm.RFP, key, asm.Word),
	)
}

func (a *assembler) ipv4() {
	a.Label("ipv4")
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, eth4+14, asm.Byte),
		asm.JNE.Imm(asm.R1, 0x45, a.deeper("options")),
		asm.LoadMem(asm.R1, asm.RFP, eth4+20, asm.Half),
		asm.JSet.Imm(asm.R1, network16(0x3fff), "pass"), // a fragment
		asm.LoadMem(asm.R1, asm.RFP, eth4+23, asm.Byte),
		asm.JEq.Imm(asm.R1, protocolTCP, "tcp4"),
	)
	a.Label("protocol4") // in R1, of a header that has no options, or none any more
	a.Emit(
		asm.JEq.Imm(asm.R1, protocolICMP, "icmp4"),
		asm.JNE.Imm(asm.R1, protocolUDP, a.deeper("tunnel4")),
	)
	a.unlessVXLAN("4", eth4+36)
	a.sum(eth4 + 26)
	a.udp()
	a.found(payload - eth4)
	a.Label("icmp4")
	a.sum(eth4 + 34) // there is no pseudo-header
	a.segment(eth4+16, ipLen4, frame.UDPLen, 0)
	a.found(payload - eth4)
	a.Label("tcp4")
	a.refetch(tcp4, tcpLen4, "tcp4 header")
	a.tcp(tcp4+26, tcp4+16, ipLen4)
	a.found(payload - tcp4)
}

func (a *assembler) ipv6() {
	a.Label("ipv6")
	a.refetch(eth6, udpLen6, "ipv6 header")
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, eth6+14, asm.Byte),
		asm.RSh.Imm(asm.R1, 4),
		asm.JNE.Imm(asm.R1, 6, "pass"),
		asm.LoadMem(asm.R1, asm.RFP, eth6+20, asm.Byte),
		asm.JEq.Imm(asm.R1, protocolTCP, "tcp6"),
		asm.JEq.Imm(asm.R1, protocolICMPv6, "icmp6"),
		asm.JNE.Imm(asm.R1, protocolUDP, a.deeper("tunnel6")),
	)
	a.unlessVXLAN("6", eth6+56)
	a.sum(eth6 + 22)
	a.udp()
	a.found(payload - eth6)
	a.Label("icmp6")
	a.sum(eth6 + 22)
	a.segment(eth6+18, 0, frame.UDPLen, protocolICMPv6)
	a.found(payload - eth6)
	a.Label("tcp6")
	a.refetch(tcp6, tcpLen6, "tcp6 header")
	a.tcp(tcp6+22, tcp6+18, 0)
	a.found(payload - tcp6)
}

// found goes on with the payload, which is so far behind tags and labels.
func (a *assembler) found(at int32) {
	a.Emit(asm.Add.Imm(delay, at), asm.Ja.Label("payload"))
}

// udp takes the length from the UDP header and adds the rest of the
// pseudo-header.
func (a *assembler) udp() {
	const header = payload - frame.UDPLen
	a.Emit(
		asm.LoadMem(asm.R2, asm.RFP, header+6, asm.Half),
		asm.StoreMem(asm.RFP, check, asm.R2, asm.DWord),
		asm.LoadMem(asm.R1, asm.RFP, header+4, asm.Half),
		asm.Add.Reg(seq, asm.R1),
		asm.Add.Imm(seq, network16(protocolUDP)),
		asm.HostTo(asm.BE, asm.R1, asm.Half),
		asm.Sub.Imm(asm.R1, frame.UDPLen),
		asm.StoreMem(asm.RFP, length, asm.R1, asm.DWord),
	)
}

// tcp adds up from the addresses on.
func (a *assembler) tcp(addresses, total int16, network int32) {
	const header = payload - frame.TCPLen
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, header+12, asm.Byte),
		asm.RSh.Imm(asm.R1, 4),
		asm.JNE.Imm(asm.R1, frame.TCPLen/4, "pass"), // options
	)
	a.sum(addresses)
	a.segment(total, network, frame.TCPLen, protocolTCP)
}

// segment takes the length from the IP header, of which so much is the network's
// and the transport's headers, and adds the rest of the pseudo-header, if there
// is a protocol to put into one.
func (a *assembler) segment(total int16, network, transport, protocol int32) {
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, total, asm.Half),
		asm.HostTo(asm.BE, asm.R1, asm.Half),
		asm.Sub.Imm(asm.R1, network),
		asm.Mov.Reg(asm.R2, asm.R1),
		asm.Sub.Imm(asm.R2, transport),
		asm.StoreMem(asm.RFP, length, asm.R2, asm.DWord),
		asm.Mov.Imm(asm.R2, 1), // there always is one
		asm.StoreMem(asm.RFP, check, asm.R2, asm.DWord),
	)
	if protocol != 0 {
		a.Emit(
			asm.HostTo(asm.BE, asm.R1, asm.Half),
			asm.Add.Reg(seq, asm.R1),
			asm.Add.Imm(seq, network16(uint16(protocol))),
		)
	}
}

// shim passes one tag or all labels. R1 is the EtherType.
func (a *assembler) shim() {
	a.Label("shim")
	for _, tag := range []uint16{0x8100, 0x88a8, 0x9100} {
		a.Emit(asm.JEq.Imm(asm.R1, network16(tag), "tag"))
	}
	a.Emit(
		asm.JEq.Imm(asm.R1, network16(0x8847), "label"),
		asm.JNE.Imm(asm.R1, network16(0x8848), "pass"),
	)
	a.Label("label")
	a.Emit(
		asm.LoadMem(seq, asm.RFP, eth4+16, asm.Byte),
		asm.And.Imm(seq, 1), // the bottom of the stack
	)
	a.skip()
	a.Emit(
		asm.JEq.Imm(seq, 0, "label"),
		asm.LoadMem(asm.R1, asm.RFP, eth4+14, asm.Byte),
		asm.RSh.Imm(asm.R1, 4),
		asm.JEq.Imm(asm.R1, 4, "ipv4"),
		asm.JEq.Imm(asm.R1, 6, "ipv6"),
		asm.Ja.Label("pass"),
	)
	a.Label("tag")
	a.skip()
	a.Emit(
		asm.LoadMem(asm.R1, asm.RFP, eth4+12, asm.Half),
		asm.Ja.Label("ether"),
	)
}

// skip passes a tag or label.
func (a *assembler) skip() {
	lead := int32(frame.ShallowLead)
	if a.deep {
		lead = frame.MaxLead
	}
	a.Emit(
		asm.Add.Imm(delay, frame.ShimLen),
		asm.JGT.Imm(delay, lead, "pass"),
	)
	a.call(asm.Mov.Reg(asm.R2, delay), eth4, udpLen4)
}

// refetch copies n bytes of the frame from behind tags and labels to the stack.
// What follows has that name.
func (a *assembler) refetch(to, n int32, name string) {
	if a.direct { // without any, which is most often so
		a.Emit(asm.JNE.Imm(delay, 0, "shims before "+name))
		a.copy(0, to, n)
		a.Emit(asm.Ja.Label(name))
		a.Label("shims before " + name)
	}
	a.call(asm.Mov.Reg(asm.R2, delay), to, n)
	a.Label(name)
}

// fetch copies n bytes of the frame from an offset to the stack, or passes the
// frame if it is shorter. Both are multiples of 4.
func (a *assembler) fetch(offset int32, to, n int32) {
	if a.direct {
		a.copy(offset, to, n)
		return
	}
	a.call(asm.Mov.Imm(asm.R2, offset), to, n)
}

// call is fetch by a call, from the offset that an instruction puts in R2.
func (a *assembler) call(from asm.Instruction, to, n int32) {
	a.Emit(
		asm.Mov.Reg(asm.R1, ctx),
		from,
		asm.Mov.Reg(asm.R3, asm.RFP),
		asm.Add.Imm(asm.R3, to),
		asm.Mov.Imm(asm.R4, n),
		a.load.Call(),
		asm.JNE.Imm(asm.R0, 0, "pass"),
	)
}

// copy is fetch without a call.
//
//	if (ctx->data + offset + n > ctx->data_end)
//		goto pass;
func (a *assembler) copy(offset int32, to, n int32) {
	const data, end = 0, 4 // in struct xdp_md
	a.Emit(
		asm.LoadMem(asm.R2, ctx, data, asm.Word),
		asm.LoadMem(asm.R3, ctx, end, asm.Word),
		asm.Mov.Reg(asm.R1, asm.R2),
		asm.Add.Imm(asm.R1, offset+n),
		asm.JGT.Reg(asm.R1, asm.R3, "pass"),
	)
	for i := int32(0); i < n; i += 4 {
		a.Emit(
			asm.LoadMem(asm.R1, asm.R2, int16(offset+i), asm.Word),
			asm.StoreMem(asm.RFP, int16(to+i), asm.R1, asm.Word),
		)
	}
}

// sum adds up what is on the stack from an offset to the signature's end, in
// seq, in this host's byte order (RFC 1071). The offset is 2 less than a
// multiple of 4.
func (a *assembler) sum(from int16) {
	a.Emit(asm.LoadMem(seq, asm.RFP, from, asm.Half))
	for at := from + 2; at < payload+frame.SignatureLen; at += 4 {
		a.Emit(asm.LoadMem(asm.R1, asm.RFP, at, asm.Word), asm.Add.Reg(seq, asm.R1))
	}
}
