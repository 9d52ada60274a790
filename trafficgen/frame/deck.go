package frame

import (
	"bytes"
	"encoding/binary"
	"strings"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Card is one prebuilt frame of a stream: its bytes, and where in them
// signature and checksum stand. A transmitter, also one inside the kernel,
// copies it, writes sequence and send time and fixes one checksum; nothing else
// of a frame depends on which one it is.
type Card struct {
	bytes []byte
	sig   int    // offset of the signature
	csum  int    // offset of the checksum over it, 0 for none
	base  uint32 // see Base
}

// newCard takes a frame whose sequence and time are zero and whose checksums
// are right.
func newCard(b []byte, sig, csum int) Card {
	c := Card{bytes: b, sig: sig, csum: csum}
	if csum > 0 {
		// The sum as it stands, complemented, is the base that each frame's
		// sequence and time are added to (RFC 1624, equation 3, from zero fields).
		c.base = uint32(^binary.BigEndian.Uint16(b[csum:]))
	}
	return c
}

// Bytes is the frame without FCS, its sequence and time zero. It is not to be
// changed.
func (c *Card) Bytes() []byte { return c.bytes }

// Len is the length of the frame in bytes, without FCS.
func (c *Card) Len() int { return len(c.bytes) }

// SignatureAt is the offset of the signature. It is even, counted from where
// the checksum's data begins.
func (c *Card) SignatureAt() int { return c.sig }

// ChecksumAt is the offset of the 16-bit checksum that covers the signature, 0
// if there is none. Checksums of headers further out cover it too, but stay as
// they are: data and their right checksum add up to the same, whatever the data.
func (c *Card) ChecksumAt() int { return c.csum }

// Base is the one's complement sum (RFC 1071) of what the checksum covers with
// sequence and time zero, folded to 16 bits. The checksum of a frame is the
// complement of Base plus the six 16-bit words of its sequence and time; where
// that is zero it is 0xffff, its other form, for a UDP checksum of zero would
// mean "none" (RFC 768).
func (c *Card) Base() uint32 { return c.base }

// Plain returns the UDP datagram of a frame that is Ethernet, IPv4 without
// options or IPv6, and UDP, and nil for every other one. It is not to be changed.
func (c *Card) Plain() []byte {
	b := c.bytes
	header := 0
	switch {
	case len(b) < ethernetLen+ipv4Len+UDPLen:
	case binary.BigEndian.Uint16(b[12:]) == etherIPv4 && b[14] == 0x45 && b[23] == protocolUDP:
		header = ipv4Len
	case binary.BigEndian.Uint16(b[12:]) == etherIPv6 && b[20] == protocolUDP:
		header = ipv6Len
	}
	if header == 0 || c.sig != ethernetLen+header+UDPLen || c.csum != c.sig-2 {
		return nil
	}
	return b[c.sig-UDPLen:]
}

// Copy writes the frame into buf, which must be at least Len bytes long, with
// that sequence and send time, and returns the part of buf it fills.
func (c *Card) Copy(buf []byte, seq uint32, sent int64) []byte {
	buf = buf[:copy(buf, c.bytes)]
	c.Patch(buf, seq, sent)
	return buf
}

// Patch sets sequence, send time and checksum in buf, which holds a frame of
// this card already. It allocates nothing.
func (c *Card) Patch(buf []byte, seq uint32, sent int64) {
	_ = buf[c.sig+SignatureLen-1]
	binary.BigEndian.PutUint32(buf[c.sig+6:], seq)
	binary.BigEndian.PutUint64(buf[c.sig+10:], uint64(sent))
	if c.csum == 0 {
		return
	}
	u := uint64(sent)
	sum := uint64(c.base) + uint64(seq>>16) + uint64(seq&0xffff) +
		u>>48 + u>>32&0xffff + u>>16&0xffff + u&0xffff
	binary.BigEndian.PutUint16(buf[c.csum:], notZero(^fold(sum)))
}

// learning returns a copy of the card whose frames are learning frames.
func (c *Card) learning() *Card {
	l := *c
	l.bytes = bytes.Clone(c.bytes)
	l.bytes[c.sig+4] |= learningFlag >> 8
	l.base += learningFlag
	return &l
}

// A Deck is the frames of a stream in the order in which they are sent, again
// and again: frame n, counted from 0 in 64 bits, is card n modulo Len.
type Deck struct {
	cards []Card
	flows int
	names []*variableName

	omitted int
}

// A variableName is a field whose values tell flows apart.
type variableName struct {
	name string // udp.sport
	*variable
}

// names are the fields that vary.
func (b *builder) names() (names []*variableName) {
	for k := range b.stack {
		h := &b.stack[k]
		for i := range trafficgen.Kind(h.kind).Fields {
			f := &trafficgen.Kind(h.kind).Fields[i]
			if v := h.fields[f.Name]; v != nil && len(v.values) > 1 {
				names = append(names, &variableName{h.kind + "." + f.Name, v})
			}
		}
	}
	return names
}

// Flows is how many combinations of values the fields of the frames have:
// frame n is of flow n modulo Flows. It is 1 where nothing varies, or only sizes.
func (d *Deck) Flows() int { return d.flows }

// Flow names a flow by what tells it from the others: "udp.sport 49185".
func (d *Deck) Flow(i int) string {
	var parts []string
	for _, n := range d.names {
		parts = append(parts, n.name+" "+n.field.Text(n.at(i)))
	}
	return strings.Join(parts, ", ")
}

// Len is how many cards there are, 1 at least.
func (d *Deck) Len() int { return len(d.cards) }

// Card is the card at i, from 0 to Len less one.
func (d *Deck) Card(i int) *Card { return &d.cards[i] }

// For is the card of the frame with that sequence.
func (d *Deck) For(seq uint64) *Card {
	if len(d.cards) == 1 {
		return &d.cards[0]
	}
	return &d.cards[seq%uint64(len(d.cards))]
}

// Longest is the length in bytes of the longest frame, without FCS.
func (d *Deck) Longest() (n int) {
	for i := range d.cards {
		n = max(n, d.cards[i].Len())
	}
	return n
}

// MeanSize is the mean length of the frames in bytes with FCS.
func (d *Deck) MeanSize() float64 {
	sum := 0
	for i := range d.cards {
		sum += d.cards[i].Len() + FCSLen
	}
	return float64(sum) / float64(len(d.cards))
}

// Learning returns a card like the first, whose frames warm caches on the way
// (RFC 2544, section 23) and are not counted.
func (d *Deck) Learning() *Card { return d.cards[0].learning() }
