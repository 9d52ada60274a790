package frame

import (
	"encoding/binary"
	"hash/crc32"
	"math"
	"math/bits"
)

// unchecked is a pseudo-header's sum where there is no checksum.
const unchecked = math.MaxUint64

// covered looks for the signature behind a transport header, whose checksum
// covers it, as does the pseudo-header.
func (w *walker) covered(segment []byte, header int, pseudo uint64) {
	p := segment[header:]
	if len(p) < SignatureLen {
		return
	}
	if binary.BigEndian.Uint16(p) != Magic {
		w.search(p, SignatureLen, func(q []byte) bool { return w.whole(segment, q, pseudo) })
		return
	}
	w.read(p)
	w.verdict = Damaged
	if w.whole(segment, p, pseudo) {
		w.verdict = Whole
	}
}

// locate notes where a signature may stand in a segment.
func (w *walker) locate(segment []byte, header, checksum int, pseudo uint64) {
	w.found = &place{segment: segment, payload: segment[header:], checksum: checksum, pseudo: pseudo}
}

// whole says that a segment is complete and its checksum and the CRC of the
// padding behind the signature at p hold.
func (w *walker) whole(segment, p []byte, pseudo uint64) bool {
	if len(segment) < w.length || pseudo != unchecked && fold(pseudo+sum(segment)) != 0xffff {
		return false
	}
	return padded(p[SignatureLen:])
}

// bare looks for a signature that has a checksum of its own, and says whether
// there is one.
func (w *walker) bare(p []byte) bool {
	if len(p) < BareLen || w.locating {
		return false
	}
	if binary.BigEndian.Uint16(p) != Magic {
		w.search(p, BareLen, func(q []byte) bool {
			return bareWhole(q) && binary.BigEndian.Uint16(q[bareLength:]) > BareLen+CRCLen
		})
		return w.verdict != Foreign
	}
	w.read(p)
	w.verdict = Damaged
	if bareWhole(p) {
		w.verdict = Whole
	}
	return true
}

// bareWhole says that a bare signature and all that follows it are intact.
func bareWhole(p []byte) bool {
	n := int(binary.BigEndian.Uint16(p[bareLength:]))
	return fold(sum(p[:BareLen])) == 0xffff && n >= BareLen && n <= len(p) && padded(p[BareLen:n])
}

// search looks for a whole signature of so many bytes within p. One whose
// padding has no CRC is not believed: every other frame of a network would be
// asked for its first two bytes only.
func (w *walker) search(p []byte, length int, whole func([]byte) bool) {
	for at := 2; at <= maxRaw && at+length+CRCLen < len(p); at += 2 {
		if binary.BigEndian.Uint16(p[at:]) == Magic && whole(p[at:]) {
			w.read(p[at:])
			w.verdict = Whole
			return
		}
	}
}

// read reads the signature's fields.
func (w *walker) read(p []byte) {
	stream := binary.BigEndian.Uint16(p[4:])
	w.sig.ID = ID{Run: binary.BigEndian.Uint16(p[2:]), Stream: stream &^ learningFlag}
	w.sig.Learning = stream&learningFlag != 0
	w.sig.Seq = binary.BigEndian.Uint32(p[6:])
	w.sig.Sent = int64(binary.BigEndian.Uint64(p[10:]))
}

// padded says that the CRC of the padding, if there is any, holds.
func padded(p []byte) bool {
	return len(p) <= CRCLen || binary.BigEndian.Uint32(p) == crc32.Checksum(p[CRCLen:], castagnoli)
}

// sum adds up b as 16-bit words in network order, unfolded (RFC 1071).
func sum(b []byte) uint64 {
	var acc, carry uint64
	for len(b) >= 8 {
		acc, carry = bits.Add64(acc, binary.BigEndian.Uint64(b), carry)
		b = b[8:]
	}
	var tail [8]byte
	copy(tail[:], b)
	acc, carry = bits.Add64(acc, binary.BigEndian.Uint64(tail[:]), carry)
	return acc>>32 + acc&0xffffffff + carry
}

// fold reduces a sum to 16 bits by end-around carry.
func fold(s uint64) uint16 {
	for s > 0xffff {
		s = s>>16 + s&0xffff
	}
	return uint16(s)
}
