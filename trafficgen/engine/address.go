package engine

import (
	"maps"
	"net/netip"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// addressLayers gives every layer that needs them the ports' addresses, and
// returns the next hop, an invalid one if nobody is to be asked for it: because
// the frames have a destination of their own, or begin with a tag or a label,
// behind which nobody could be asked.
func (f *flow) addressLayers(from, to *port.Host) (next netip.Addr, err error) {
	s := &f.stream
	layers := make([]trafficgen.Layer, len(s.Layers))
	for i, l := range s.Layers {
		layers[i] = trafficgen.Layer{Kind: l.Kind, Fields: maps.Clone(l.Fields)}
		if layers[i].Fields == nil {
			layers[i].Fields = map[string]trafficgen.Values{}
		}
	}
	s.Layers = layers
	for i, l := range layers {
		source, destination, ok := ends(l.Kind)
		if !ok {
			continue
		}
		outermost := i == 1 && l.Kind != "arp"
		if err := fill(l, destination, to); err != nil {
			return netip.Addr{}, err
		}
		if outermost {
			if s.Dst, err = answerFor(l, destination, to); err != nil {
				return netip.Addr{}, err
			}
			if _, given := layers[0].Fields["dst"]; !given {
				if next, err = f.hop(l, source, from); err != nil {
					return netip.Addr{}, err
				}
			}
		}
		if err := fill(l, source, from); err != nil {
			return netip.Addr{}, err
		}
		if outermost {
			if s.Src, err = answerFor(l, source, from); err != nil {
				return netip.Addr{}, err
			}
		}
	}
	return next, nil
}

// ends are the names of a layer's address fields.
func ends(kind string) (source, destination string, ok bool) {
	switch kind {
	case "ip", "ipv6":
		return "src", "dst", true
	case "arp":
		return "sender", "target", true
	}
	return "", "", false
}

// fill sets an address that the layer does not say to the host's own.
func fill(l trafficgen.Layer, field string, h *port.Host) error {
	if _, given := l.Fields[field]; given {
		return nil
	}
	addr, err := h.Addr(l.Kind == "ipv6")
	if err == nil {
		l.Fields[field] = trafficgen.Only(addr.String())
	}
	return err
}

// hop asks for the way to the first destination. Where the layer does not say
// a source, it is the one that belongs to that way.
func (f *flow) hop(l trafficgen.Layer, source string, from *port.Host) (netip.Addr, error) {
	var src netip.Addr
	if _, given := l.Fields[source]; given {
		values, err := l.Values(1, source)
		if err != nil {
			return netip.Addr{}, err
		}
		src, _ = netip.AddrFromSlice(values[0])
	}
	hop, err := from.NextHop(f.stream.Dst, src)
	if err != nil {
		return netip.Addr{}, err
	}
	if !src.IsValid() {
		l.Fields[source] = trafficgen.Only(hop.Source.String())
	}
	return hop.Next, nil
}

// answerFor has the host answer for all addresses that a field of the first
// layer above Ethernet has, as far as they are on its link, and returns the first.
func answerFor(l trafficgen.Layer, field string, h *port.Host) (first netip.Addr, err error) {
	values, err := l.Values(1, field)
	if err != nil {
		return first, err
	}
	for i, v := range values {
		addr, _ := netip.AddrFromSlice(v)
		if i == 0 {
			first = addr
		}
		h.Answer(addr)
	}
	return first, nil
}

// tagLen is the length of the VLAN tag that leads the frames, if one does: the
// kernel lets a frame be that much longer than the MTU.
func tagLen(layers []trafficgen.Layer) int {
	if len(layers) > 1 && layers[1].Kind == "vlan" {
		return 4
	}
	return 0
}
