package frame

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"github.com/google/gopacket"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Limits of a deck: all cards of a stream are held in memory.
const (
	MaxCards     = trafficgen.MaxCards
	MaxDeckBytes = 64 << 20
)

// A builder makes the cards of a stream.
type builder struct {
	id       ID
	src, dst net.HardwareAddr // unless a layer says otherwise
	ip       [2]netip.Addr    // source and destination, likewise
	sizes    []int
	pattern  header // the payload layer, if there is one
	stack    []header
	flows    int // combinations of the fields' values
	buf      gopacket.SerializeBuffer
}

// A header is a layer whose values are known.
type header struct {
	kind   string
	fields map[string]*variable
}

// A variable is a field's values.
type variable struct {
	field  *trafficgen.Field
	values [][]byte
	each   int // how many frames in a row have the same one
}

func (v *variable) at(i int) []byte { return v.values[i/v.each%len(v.values)] }

func newBuilder(s trafficgen.Stream, src, dst net.HardwareAddr, id ID) (*builder, error) {
	b := &builder{id: id, src: src, dst: dst, ip: [2]netip.Addr{s.Src, s.Dst}, sizes: s.Sizes,
		flows: 1, buf: gopacket.NewSerializeBuffer()}
	if len(b.sizes) == 0 {
		b.sizes = []int{s.Size}
	}
	var varying []*variable
	for i, l := range Stack(s) {
		h := header{l.Kind, map[string]*variable{}}
		var several []*variable
		kind := trafficgen.Kind(l.Kind)
		for k := range kind.Fields { // in the table's order, the same in every run
			field := &kind.Fields[k]
			if _, ok := l.Fields[field.Name]; !ok {
				continue
			}
			expanded, err := l.Values(i, field.Name)
			if err != nil {
				return nil, err
			}
			v := &variable{field, expanded, 1}
			h.fields[field.Name] = v
			if len(expanded) > 1 {
				several = append(several, v)
			}
		}
		if l.Kind == "payload" {
			b.pattern = h
			continue
		}
		varying = append(varying, several...)
		b.stack = append(b.stack, h)
	}
	return b, b.combine(varying, s.Product)
}

// Flows is how many flows a stream has: see Deck.Flows. Its addresses need not be
// known yet. One that replays a capture has one.
func Flows(s trafficgen.Stream) (int, error) {
	if s.Capture != "" {
		return 1, nil
	}
	if s.Layers != nil {
		if err := trafficgen.CheckLayers(s.Layers); err != nil {
			return 0, err
		}
	}
	b, err := newBuilder(s, nil, nil, ID{})
	if err != nil {
		return 0, err
	}
	return b.flows, nil
}

// combine settles which frame has which values.
func (b *builder) combine(varying []*variable, product bool) error {
	for i := len(varying) - 1; i >= 0; i-- {
		n := len(varying[i].values)
		if product {
			varying[i].each = b.flows
			b.flows *= n
		} else {
			b.flows = lcm(b.flows, n)
		}
		if b.flows > MaxCards {
			return fmt.Errorf("the values of its fields make more than %d different frames", MaxCards)
		}
	}
	return nil
}

// cards is how many frames there are until all values and sizes come together
// again. Where they are too many, sizes start over with the values: their
// shares are then out by less than one round of them.
func (b *builder) cards() (int, error) {
	limit := MaxCards
	for _, size := range b.sizes {
		limit = min(limit, MaxDeckBytes/max(size, 1))
	}
	n := lcm(b.flows, len(b.sizes))
	if n > limit {
		n = max(b.flows, limit/b.flows*b.flows)
		if n < len(b.sizes) || n > limit {
			return 0, fmt.Errorf("%d flows of %d sizes are more than the %d frames there is room for", b.flows, len(b.sizes), limit)
		}
	}
	return n, nil
}

func lcm(a, b int) int {
	x, y := a, b
	for y != 0 {
		x, y = y, x%y
	}
	return a / x * b
}

func (b *builder) deck() (*Deck, error) {
	n, err := b.cards()
	if err != nil {
		return nil, err
	}
	d := &Deck{cards: make([]Card, n), flows: b.flows, names: b.names()}
	for i := range d.cards {
		if d.cards[i], err = b.card(i); err != nil {
			return nil, err
		}
	}
	return d, nil
}

// card builds frame i.
func (b *builder) card(i int) (Card, error) {
	size := b.sizes[i%len(b.sizes)]
	parts, length, err := b.headers(i)
	if err != nil {
		return Card{}, fmt.Errorf("building its frames: %w", err)
	}
	sum, bare := b.checksum(i)
	if least := max(length+signature(b.raw(), bare)+FCSLen, MinSizeIPv4); size < least || size > MaxSize {
		return Card{}, fmt.Errorf("frame size %d is not within %d to %d bytes (FCS included) for %s", size, least, MaxSize, b.describe())
	}
	var pattern []byte
	if v := b.pattern.fields["bytes"]; v != nil {
		pattern = v.at(i)
	}
	body := content(size-FCSLen-length, b.id, bare, pattern)
	if err := gopacket.SerializeLayers(b.buf, serializing, append(parts, gopacket.Payload(body))...); err != nil {
		return Card{}, fmt.Errorf("building its frames: %w", err)
	}
	out := bytes.Clone(b.buf.Bytes())
	if len(out) != size-FCSLen {
		return Card{}, fmt.Errorf("building its frames: %d bytes came out, not %d", len(out), size-FCSLen)
	}
	if _, verdict := Parse(out); verdict != Whole {
		return Card{}, fmt.Errorf("a receiver would not find the signature in frames of %s: a type or protocol says that something else follows", b.describe())
	}
	return newCard(out, length, length+sum), nil
}

// checksum is where the signature's checksum stands, as an offset from the
// signature, and whether it is the signature's own.
func (b *builder) checksum(i int) (offset int, bare bool) {
	offset = 0
	for k := len(b.stack) - 1; k >= 0; k-- {
		switch h := &b.stack[k]; h.kind {
		case "raw":
			offset -= h.length(i)
			continue
		case "udp":
			return offset - 2, false
		case "tcp":
			return offset - 4, false
		case "icmp", "icmpv6":
			return offset - 6, false
		}
		break
	}
	return bareChecksum, true
}

// raw says that bytes of the user's stand before the signature.
func (b *builder) raw() bool { return b.stack[len(b.stack)-1].kind == "raw" }

// signature is how many bytes a signature needs to be found.
func signature(raw, bare bool) int {
	n := SignatureLen
	if bare {
		n = BareLen
	}
	if raw { // it is looked for, and needs the CRC of some padding
		n += CRCLen + 1
	}
	return n
}

// describe names the stack: IPv4 for the plain one, eth/vlan/ip/udp for others.
func (b *builder) describe() string {
	if len(b.stack) == 3 && b.stack[2].kind == "udp" {
		return map[string]string{"ip": "IPv4", "ipv6": "IPv6"}[b.stack[1].kind]
	}
	text := ""
	for i, h := range b.stack {
		if i > 0 {
			text += "/"
		}
		text += h.kind
	}
	return text
}

// number is a field's value in frame i, or def where the layer does not say.
func (h *header) number(name string, i int, def uint64) uint64 {
	v := h.fields[name]
	if v == nil {
		return def
	}
	var b [8]byte
	value := v.at(i)
	copy(b[8-len(value):], value)
	return binary.BigEndian.Uint64(b[:])
}

// bytes are a field's value in frame i, or def where the layer does not say.
func (h *header) bytes(name string, i int, def []byte) []byte {
	if v := h.fields[name]; v != nil {
		return v.at(i)
	}
	return def
}
