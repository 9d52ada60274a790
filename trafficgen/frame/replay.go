package frame

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"net"
	"os"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Replay makes a deck of the frames of a capture file (pcap or pcapng), in its
// order. They keep their headers, sizes and most of their content, but get
// these hardware addresses, and the signature in the place of the first 18 to
// 22 bytes behind UDP, TCP or ICMP. Frames that have no room for it, and
// fragments, cannot be told apart where they arrive; they are left out, and
// counted by Omitted.
func Replay(s trafficgen.Stream, src, dst net.HardwareAddr, id ID) (*Deck, error) {
	f, err := os.Open(s.Capture)
	if err != nil {
		return nil, fmt.Errorf("cannot read the frames to replay: %w", err)
	}
	defer f.Close()
	next, err := reader(bufio.NewReader(f))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Capture, err)
	}
	d := &Deck{flows: 1}
	total := 0
	for {
		b, info, err := next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.Capture, err)
		}
		c, ok := sign(b, src, dst, id)
		if !ok || info.CaptureLength != info.Length || len(b) > MaxSize-FCSLen {
			d.omitted++
			continue
		}
		if total += c.Len(); len(d.cards) == MaxCards || total > MaxDeckBytes {
			return nil, fmt.Errorf("%s has more than %d frames or %d MB: cut it (editcap -c)", s.Capture, MaxCards, MaxDeckBytes>>20)
		}
		d.cards = append(d.cards, c)
	}
	if len(d.cards) == 0 {
		return nil, fmt.Errorf("%s has no frame with room for a signature: %d bytes behind UDP, TCP or ICMP, captured whole", s.Capture, SignatureLen)
	}
	return d, nil
}

// reader reads captured frames one by one.
func reader(r *bufio.Reader) (func() ([]byte, gopacket.CaptureInfo, error), error) {
	const blockOfPcapng = 0x0a0d0d0a
	head, err := r.Peek(4)
	if err != nil {
		return nil, errors.New("is no capture file")
	}
	if binary.BigEndian.Uint32(head) == blockOfPcapng {
		ng, err := pcapgo.NewNgReader(r, pcapgo.DefaultNgReaderOptions)
		if err != nil {
			return nil, fmt.Errorf("is no capture file: %w", err)
		}
		return ng.ReadPacketData, ethernet(ng.LinkType())
	}
	old, err := pcapgo.NewReader(r)
	if err != nil {
		return nil, fmt.Errorf("is no capture file: %w", err)
	}
	return old.ReadPacketData, ethernet(old.LinkType())
}

func ethernet(t layers.LinkType) error {
	if t != layers.LinkTypeEthernet {
		return fmt.Errorf("holds frames of %v, not of Ethernet", t)
	}
	return nil
}

// sign makes a card of a captured frame, if there is room for a signature.
func sign(captured []byte, src, dst net.HardwareAddr, id ID) (Card, bool) {
	b := append(make([]byte, 0, max(len(captured), MinSizeIPv4-FCSLen)), captured...)
	for len(b) < MinSizeIPv4-FCSLen { // as the sending device did
		b = append(b, 0)
	}
	w := walker{rest: b, next: atEthernet, locating: true}
	for range maxDepth {
		if w.step() {
			break
		}
	}
	if w.found == nil || len(w.found.payload) < SignatureLen || len(w.found.segment) < w.length {
		return Card{}, false
	}
	copy(b, dst)
	copy(b[6:], src)
	p, segment := w.found.payload, w.found.segment
	clear(p[:SignatureLen])
	copy(p, content(SignatureLen, id, false, nil))
	if len(p) > SignatureLen+CRCLen {
		binary.BigEndian.PutUint32(p[SignatureLen:], crc32.Checksum(p[SignatureLen+CRCLen:], castagnoli))
	}
	at := w.found.checksum
	binary.BigEndian.PutUint16(segment[at:], 0)
	binary.BigEndian.PutUint16(segment[at:], notZero(^fold(w.found.pseudo+sum(segment))))
	sig := cap(b) - cap(p)
	if got, v := Parse(b); v != Whole || got.ID != id {
		return Card{}, false // a tunnel whose inner checksum was out
	}
	return newCard(bytes.Clone(b), sig, cap(b)-cap(segment)+at), true
}

// A place is where a signature may be put: behind a transport header.
type place struct {
	segment, payload []byte // the payload is the segment's end
	checksum         int    // offset in the segment
	pseudo           uint64 // sum of the pseudo-header
}

// Omitted is how many frames of a capture file are left out.
func (d *Deck) Omitted() int { return d.omitted }
