package trafficgen

import (
	"fmt"
	"slices"
	"strings"
)

// MaxCards is the most different frames that a stream may have.
const MaxCards = 16384

// A Layer is one header of a stream's frames. Fields that it does not have are
// filled in: addresses from the ports, types and protocols from the layer that
// follows, lengths and checksums from what they are about.
type Layer struct {
	Kind   string            `json:"kind"` // a LayerKind's name
	Fields map[string]Values `json:"fields,omitempty"`
}

// Values are the values of a field that the layer has, which is at a place of
// its stack, counted from 0.
func (l *Layer) Values(place int, field string) ([][]byte, error) {
	f := Kind(l.Kind).Field(field)
	return f.expand(l.Fields[field], fmt.Sprintf("%d %s %s", place, l.Kind, field))
}

// A LayerKind describes layers of a kind.
type LayerKind struct {
	Name   string
	Doc    string
	Fields []Field
	// Short is the field whose value may stand in place of all fields.
	Short string
	// carries are the kinds that may follow, beside raw and payload.
	carries []string
}

// Field is the kind's field of that name, nil if it has none.
func (k *LayerKind) Field(name string) *Field {
	i := slices.IndexFunc(k.Fields, func(f Field) bool { return f.Name == name })
	if i < 0 {
		return nil
	}
	return &k.Fields[i]
}

// Carries says that a layer of another kind may follow.
func (k *LayerKind) Carries(kind string) bool { return slices.Contains(k.carries, kind) }

// CarriesAll lists the kinds that may follow.
func (k *LayerKind) CarriesAll() []string { return k.carries }

var (
	overEthernet = []string{"vlan", "qinq", "mpls", "ip", "ipv6", "arp", "raw", "payload"}
	tagFields    = []Field{
		{"id", Number, 12, "VLAN identifier, 0 to 4095."},
		{"pcp", Number, 3, "Priority code point, 0 unless said."},
		{"dei", Number, 1, "Drop eligible indicator, 0 unless said."},
		{"type", Number, 16, "EtherType of what follows, where no layer says it."},
	}
	icmpFields = func(request string) []Field {
		return []Field{
			{"type", Number, 8, request + " (echo request) unless said."},
			{"code", Number, 8, "0 unless said."},
			{"id", Number, 16, "Identifier of an echo, 0 unless said."},
			{"seq", Number, 16, "Sequence number of an echo, 0 unless said; the generator's own is in its signature."},
		}
	}
	portFields = []Field{
		{"sport", Number, 16, "Source port, 49184 unless said."},
		{"dport", Number, 16, "Destination port, 5001 unless said (4789 before vxlan)."},
	}
	optionFields = []Field{{"options", Bytes, 0, "Options in hexadecimal, padded to a multiple of 8 bytes; padding alone unless said."}}
)

// LayerKinds are the layers that frames may be built of.
var LayerKinds = []LayerKind{
	{"eth", "Ethernet II header.", []Field{
		{"src", MAC, 48, "Source address; the sending host's own unless said."},
		{"dst", MAC, 48, "Destination address; unless said the next hop's, found by ARP or neighbor discovery, or the receiving host's where a tag or label follows."},
		{"type", Number, 16, "EtherType of what follows, where no layer says it; 0x88b5 (experimental) unless said."},
	}, "", overEthernet},
	{"vlan", "802.1Q tag.", tagFields, "id", overEthernet},
	{"qinq", "802.1ad service tag (EtherType 0x88a8).", tagFields, "id", overEthernet},
	{"mpls", "MPLS label stack entry (RFC 3032). The bottom of the stack is marked by itself.", []Field{
		{"label", Number, 20, "Label, 16 unless said."},
		{"tc", Number, 3, "Traffic class, 0 unless said."},
		{"ttl", Number, 8, "Time to live, 64 unless said."},
	}, "label", []string{"mpls", "ip", "ipv6", "eth", "raw", "payload"}},
	{"ip", "IPv4 header.", []Field{
		{"src", IPv4, 32, "Source address; the sending port's own unless said."},
		{"dst", IPv4, 32, "Destination address; the receiving port's own unless said."},
		{"dscp", Number, 6, "DiffServ code point, a number or a name such as ef or af41."},
		{"ecn", Number, 2, "Explicit congestion notification, 0 unless said."},
		{"ttl", Number, 8, "Time to live, 64 unless said."},
		{"id", Number, 16, "Identification, 0 unless said."},
		{"df", Number, 1, "Don't fragment, 1 unless said."},
		{"proto", Number, 8, "Protocol of what follows, where no layer says it; 253 (experimental) unless said."},
		{"options", Bytes, 0, "Options in hexadecimal, at most 40 bytes, padded to a multiple of 4."},
	}, "", []string{"udp", "tcp", "icmp", "gre", "ip", "ipv6", "raw", "payload"}},
	{"ipv6", "IPv6 header.", []Field{
		{"src", IPv6, 128, "Source address; the sending port's own unless said."},
		{"dst", IPv6, 128, "Destination address; the receiving port's own unless said."},
		{"dscp", Number, 6, "DiffServ code point, a number or a name such as ef or af41."},
		{"ecn", Number, 2, "Explicit congestion notification, 0 unless said."},
		{"hop-limit", Number, 8, "Hop limit, 64 unless said."},
		{"flow-label", Number, 20, "Flow label, 0 unless said."},
		{"next", Number, 8, "Next header, where no layer says it; 253 (experimental) unless said."},
	}, "", overIPv6},
	{"hopopts", "IPv6 hop-by-hop options header.", optionFields, "options", overIPv6},
	{"dstopts", "IPv6 destination options header.", optionFields, "options", overIPv6},
	{"udp", "UDP header.", portFields, "", []string{"vxlan", "raw", "payload"}},
	{"tcp", "TCP header: single segments, no connection.", append(slices.Clip(portFields),
		Field{"seq", Number, 32, "Sequence number, 0 unless said."},
		Field{"ack", Number, 32, "Acknowledgment number, 0 unless said."},
		Field{"flags", TCPFlags, 8, "fin, syn, rst, psh, ack, urg, ece and cwr, joined by +; ack unless said."},
		Field{"window", Number, 16, "Window, 65535 unless said."},
		Field{"urgent", Number, 16, "Urgent pointer, 0 unless said."},
	), "", []string{"raw", "payload"}},
	{"icmp", "ICMP header of eight bytes.", icmpFields("8"), "", []string{"raw", "payload"}},
	{"icmpv6", "ICMPv6 header of eight bytes.", icmpFields("128"), "", []string{"raw", "payload"}},
	{"gre", "GRE header (RFC 2784, 2890).", []Field{
		{"key", Number, 32, "Key; there is none unless said."},
		{"seq", Number, 32, "Sequence number; there is none unless said."},
		{"proto", Number, 16, "EtherType of what follows, where no layer says it; 0x88b5 (experimental) unless said."},
	}, "key", []string{"ip", "ipv6", "eth", "mpls", "raw", "payload"}},
	{"vxlan", "VXLAN header (RFC 7348).", []Field{
		{"vni", Number, 24, "VXLAN network identifier, 1 unless said."},
	}, "vni", []string{"eth"}},
	{"arp", "ARP packet, IPv4 over Ethernet. The signature follows as a trailer.", []Field{
		{"op", Number, 16, "Operation: 1 (request) unless said, or 2 (reply)."},
		{"sender-mac", MAC, 48, "Sender hardware address; the frame's source unless said."},
		{"sender", IPv4, 32, "Sender protocol address; the sending port's own unless said."},
		{"target-mac", MAC, 48, "Target hardware address, 0 unless said."},
		{"target", IPv4, 32, "Target protocol address; the receiving port's own unless said."},
	}, "", []string{"payload"}},
	{"raw", "Any bytes, an even number of them; what a protocol has that is not here.", []Field{
		{"bytes", Bytes, 0, "The bytes in hexadecimal."},
	}, "bytes", []string{"payload"}},
	{"payload", "What fills the frame behind the generator's signature.", []Field{
		{"bytes", Bytes, 0, "Bytes in hexadecimal, repeated; unless said they count up from 00."},
	}, "bytes", nil},
}

var overIPv6 = []string{"hopopts", "dstopts", "udp", "tcp", "icmpv6", "gre", "ip", "ipv6", "raw", "payload"}

// Kind is the layer kind of that name, nil if there is none.
func Kind(name string) *LayerKind {
	i := slices.IndexFunc(LayerKinds, func(k LayerKind) bool { return k.Name == name })
	if i < 0 {
		return nil
	}
	return &LayerKinds[i]
}

// A LayerError says which layer is wrong, counted from 0.
type LayerError struct {
	Layer   int
	Field   string // "" if it is not about one
	Message string
	Hint    string
}

func (e *LayerError) Error() string { return e.Message }

// signature lengths of package frame: under a transport's checksum, and with
// one of its own; behind raw bytes with a CRC and a byte of padding.
const (
	signatureLen     = 18
	bareSignatureLen = 22
	searchedLen      = 5
)

// headerLens are the lengths of layers in bytes, without options.
var headerLens = map[string]int{"eth": 14, "vlan": 4, "qinq": 4, "mpls": 4, "ip": 20, "ipv6": 40, "hopopts": 8, "dstopts": 8,
	"udp": 8, "tcp": 20, "icmp": 8, "icmpv6": 8, "gre": 4, "vxlan": 8, "arp": 28}

// LeastSize is the least length in bytes, with FCS, that a frame of these
// layers, which are right (CheckLayers), has with the generator's signature.
func LeastSize(stack []Layer) int {
	size, last, raw := 4, "", 0
	for _, l := range stack {
		switch size += headerLens[l.Kind]; l.Kind {
		case "ip":
			size += (longest(l, "options") + 3) &^ 3
		case "hopopts", "dstopts":
			size += (max(longest(l, "options"), 6) - 6 + 7) &^ 7
		case "gre":
			size += 4 * len(withoutProto(l.Fields))
		case "raw":
			size += longest(l, "bytes")
			raw = searchedLen
		}
		if l.Kind != "raw" && l.Kind != "payload" {
			last = l.Kind
		}
	}
	signature := bareSignatureLen
	if slices.Contains([]string{"udp", "tcp", "icmp", "icmpv6"}, last) {
		signature = signatureLen
	}
	return max(size+signature+raw, 64)
}

// withoutProto are the fields of GRE that have a place of their own.
func withoutProto(fields map[string]Values) (names []string) {
	for name := range fields {
		if name != "proto" {
			names = append(names, name)
		}
	}
	return names
}

// longest is the length of the longest of a field's byte strings.
func longest(l Layer, field string) (n int) {
	values, err := l.Values(0, field)
	if err != nil {
		return 0
	}
	for _, v := range values {
		n = max(n, len(v))
	}
	return n
}

// CountFlows is how many different frames the values of a stack make, sizes
// aside, or an error if they are more than MaxCards.
func CountFlows(stack []Layer, product bool) (int, error) {
	flows := 1
	for _, l := range stack {
		for _, v := range l.Fields {
			if product && l.Kind != "payload" {
				flows *= max(v.Len(), 1)
			} else if l.Kind != "payload" {
				flows *= max(v.Len(), 1) / gcd(flows, max(v.Len(), 1))
			}
			if flows > MaxCards {
				return 0, fmt.Errorf("the values of its fields make more than %d different frames", MaxCards)
			}
		}
	}
	return flows, nil
}

// CheckLayers says what is wrong with a stack of layers, a *LayerError, or nil.
func CheckLayers(stack []Layer) error {
	for i, l := range stack {
		k := Kind(l.Kind)
		switch {
		case k == nil:
			return &LayerError{i, "", fmt.Sprintf("there is no layer %q", l.Kind), ""}
		case i == 0 && l.Kind != "eth":
			return &LayerError{i, "", "the outermost layer is " + l.Kind + "; frames begin with eth", ""}
		case i > 0 && !Kind(stack[i-1].Kind).Carries(l.Kind):
			return &LayerError{i, "", fmt.Sprintf("%s cannot follow %s", l.Kind, stack[i-1].Kind), "after " + stack[i-1].Kind + follow(stack[i-1].Kind)}
		}
		for name, v := range l.Fields {
			if err := k.Check(name, v); err != nil {
				return &LayerError{i, name, err.Error(), ""}
			}
		}
	}
	return nil
}

// Check says what is wrong with the values of a field, or nil.
func (k *LayerKind) Check(field string, v Values) error {
	f := k.Field(field)
	if f == nil {
		return fmt.Errorf("%s has no field %q", k.Name, field)
	}
	values, err := f.expand(v, "")
	if err != nil {
		return err
	}
	return lengths(k.Name, f, values)
}

func follow(kind string) string {
	carries := Kind(kind).CarriesAll()
	if len(carries) == 0 {
		return " comes nothing"
	}
	return " may come " + strings.Join(carries, ", ")
}

// lengths checks byte strings that must have a certain one.
func lengths(kind string, f *Field, values [][]byte) error {
	if f.Type != Bytes {
		return nil
	}
	for _, v := range values {
		switch {
		case kind == "raw" && len(v)%2 != 0:
			return fmt.Errorf("raw bytes must be an even number of them, not %d: the signature behind them is aligned", len(v))
		case kind == "ip" && len(v) > 40:
			return fmt.Errorf("IPv4 has room for 40 bytes of options, not %d", len(v))
		case kind == "ip" && !wellFormed(v):
			return fmt.Errorf("these bytes are no IPv4 options: each but 00 and 01 is a type, its length with both, and data")
		case len(v) > 1024:
			return fmt.Errorf("%d bytes are more than 1024", len(v))
		}
	}
	return nil
}

// wellFormed says that IPv4 options have the lengths that they say.
func wellFormed(o []byte) bool {
	for len(o) > 0 {
		n := 1
		if o[0] > 1 {
			if len(o) < 2 || o[1] < 2 || int(o[1]) > len(o) {
				return false
			}
			n = int(o[1])
		}
		o = o[n:]
	}
	return true
}
