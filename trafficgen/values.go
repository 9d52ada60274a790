package trafficgen

import (
	"encoding/hex"
	"fmt"
	"hash/fnv"
	"math/big"
	"math/bits"
	"math/rand/v2"
	"net"
	"net/netip"
	"strconv"
	"strings"
)

// Values are what a field has in the frames of a stream, in turn. List gives
// them one by one; one alone is what the field always has. From with Count is
// Count values, each Step (1 when empty) more than the one before. From with To
// is Count values drawn from that range, both ends included, the same ones for
// the same Seed; Count is then a power of two.
type Values struct {
	List  []string `json:"list,omitempty"`
	From  string   `json:"from,omitempty"`
	Step  string   `json:"step,omitempty"`
	To    string   `json:"to,omitempty"`
	Count int      `json:"count,omitempty"`
	Seed  uint64   `json:"seed,omitempty"`
}

// Only is a field that has one value.
func Only(v string) Values { return Values{List: []string{v}} }

// DefaultDraws is how many values are drawn of a range that does not say.
const DefaultDraws = 1024

// Draws is the number of values drawn when n are asked for: the power of two
// that is not less, so that decks of several random fields stay small.
func Draws(n int) int {
	if n <= 1 {
		return 1
	}
	return 1 << bits.Len(uint(n-1))
}

// Len is how many values there are.
func (v Values) Len() int { return max(len(v.List), v.Count) }

// FieldType says how a field's values are written.
type FieldType int

// Types of fields.
const (
	Number   FieldType = iota // decimal, or hexadecimal with 0x
	MAC                       // 02:00:00:00:00:01
	IPv4                      // 192.0.2.1
	IPv6                      // 2001:db8::1
	Bytes                     // hexadecimal digits, two a byte; of any length
	TCPFlags                  // names joined by + or commas: syn+ack
)

// A Field is one field of a layer.
type Field struct {
	Name string
	Type FieldType
	Bits int // its width; Bytes has none
	Doc  string
}

// tcpFlags are the names of RFC 9293 and 3168, lowest bit first.
var tcpFlags = []string{"fin", "syn", "rst", "psh", "ack", "urg", "ece", "cwr"}

// parse reads one value of the field as a number.
func (f *Field) parse(s string) (*big.Int, error) {
	s = strings.TrimSpace(s)
	n := new(big.Int)
	switch f.Type {
	case MAC:
		mac, err := net.ParseMAC(s)
		if err != nil || len(mac) != 6 {
			return nil, fmt.Errorf("%q is not a hardware address such as 02:00:00:00:00:01", s)
		}
		return n.SetBytes(mac), nil
	case IPv4, IPv6:
		addr, err := netip.ParseAddr(s)
		switch {
		case err != nil || addr.Zone() != "":
			return nil, fmt.Errorf("%q is not an IP address", s)
		case addr.Is4() != (f.Type == IPv4):
			return nil, fmt.Errorf("%s is not an %s address", s, map[bool]string{true: "IPv4", false: "IPv6"}[f.Type == IPv4])
		}
		return n.SetBytes(addr.AsSlice()), nil
	case TCPFlags:
		return parseFlags(s)
	}
	v, err := strconv.ParseUint(s, 0, 64)
	if err != nil {
		return nil, fmt.Errorf("%q is not a whole number", s)
	}
	if n.SetUint64(v); n.BitLen() > f.Bits {
		return nil, fmt.Errorf("%s is more than %d, the most that %s can be", s, uint64(1)<<f.Bits-1, f.Name)
	}
	return n, nil
}

func parseFlags(s string) (*big.Int, error) {
	v := uint64(0)
	for _, name := range strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == '+' }) {
		at := -1
		for bit, flag := range tcpFlags {
			if strings.EqualFold(strings.TrimSpace(name), flag) {
				at = bit
			}
		}
		if at < 0 {
			return nil, fmt.Errorf("%q is not a TCP flag: they are %s", strings.TrimSpace(name), strings.Join(tcpFlags, ", "))
		}
		v |= 1 << at
	}
	return new(big.Int).SetUint64(v), nil
}

// parseStep reads what is added from value to value: a whole number, which may
// be negative, or a value of the field, such as 0.0.1.0.
func (f *Field) parseStep(s string) (*big.Int, error) {
	if s == "" {
		return big.NewInt(1), nil
	}
	if n, err := strconv.ParseInt(s, 0, 64); err == nil {
		return big.NewInt(n), nil
	}
	if n, err := f.parse(s); err == nil {
		return n, nil
	}
	return nil, fmt.Errorf("%q is not a step of %s: a whole number, or a value of the field", s, f.Name)
}

// expand returns the values of the field, each in network byte order and of
// the field's width in whole bytes. salt tells fields that draw with the same
// seed apart.
func (f *Field) expand(v Values, salt string) ([][]byte, error) {
	switch {
	case len(v.List) > 0:
		return f.expandList(v.List)
	case f.Type == Bytes || f.Type == TCPFlags:
		return nil, fmt.Errorf("%s takes a value or a list of them", f.Name)
	case v.Count < 1 || v.Count > MaxCards:
		return nil, fmt.Errorf("%d values of %s are not within 1 to %d", v.Count, f.Name, MaxCards)
	}
	from, err := f.parse(v.From)
	if err != nil {
		return nil, err
	}
	if v.To != "" {
		return f.draw(from, v, salt)
	}
	step, err := f.parseStep(v.Step)
	if err != nil {
		return nil, err
	}
	values := make([][]byte, v.Count)
	for i, n := 0, from; i < v.Count; i++ {
		if n.Sign() < 0 || n.BitLen() > f.Bits {
			return nil, fmt.Errorf("%d values of %s from %s by %s leave the field's range after %d of them",
				v.Count, f.Name, v.From, step, i)
		}
		values[i] = f.bytes(n)
		n.Add(n, step)
	}
	return values, nil
}

func (f *Field) expandList(list []string) ([][]byte, error) {
	values := make([][]byte, len(list))
	for i, s := range list {
		if f.Type == Bytes {
			b, err := hex.DecodeString(strings.NewReplacer(" ", "", ":", "").Replace(strings.TrimPrefix(s, "0x")))
			if err != nil {
				return nil, fmt.Errorf("%q is not hexadecimal: two digits for each byte", s)
			}
			values[i] = b
			continue
		}
		n, err := f.parse(s)
		if err != nil {
			return nil, err
		}
		values[i] = f.bytes(n)
	}
	return values, nil
}

// draw takes values from a range.
func (f *Field) draw(from *big.Int, v Values, salt string) ([][]byte, error) {
	to, err := f.parse(v.To)
	if err != nil {
		return nil, err
	}
	size := new(big.Int).Sub(to, from)
	if size.Sign() < 0 {
		return nil, fmt.Errorf("the range of %s ends at %s, before it begins at %s", f.Name, v.To, v.From)
	}
	size.Add(size, big.NewInt(1))
	h := fnv.New64a()
	_, _ = h.Write([]byte(salt))
	rng := rand.New(rand.NewPCG(v.Seed, h.Sum64()))
	values := make([][]byte, v.Count)
	for i := range values {
		n := new(big.Int)
		for drawn := 0; drawn < f.Bits+64; drawn += 64 { // 64 bits to spare leave no bias that matters
			n.Lsh(n, 64).Or(n, new(big.Int).SetUint64(rng.Uint64()))
		}
		values[i] = f.bytes(n.Mod(n, size).Add(n, from))
	}
	return values, nil
}

func (f *Field) bytes(n *big.Int) []byte { return n.FillBytes(make([]byte, (f.Bits+7)/8)) }

// Text is a value of the field as people write it.
func (f *Field) Text(value []byte) string {
	switch f.Type {
	case MAC:
		return net.HardwareAddr(value).String()
	case IPv4, IPv6:
		addr, _ := netip.AddrFromSlice(value)
		return addr.String()
	case Bytes:
		return hex.EncodeToString(value)
	}
	return new(big.Int).SetBytes(value).String()
}
