package testplans

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// What a stream is when the plan does not say.
const (
	defaultFrameSize = 512 // bytes with FCS
	defaultRate      = 1000.0

	defaultSourcePort = 49184 // the generator's
)

// minIPv6Size is the shortest frame that holds IPv6, UDP and the generator's
// signature; with IPv4 the shortest Ethernet frame does.
const minIPv6Size = 84

// wireOverhead is what Ethernet adds to a frame on the wire: preamble and
// start delimiter (8 bytes) and the gap between frames (12 bytes). Bit rates
// of streams count it, so that 1Gbps fills a gigabit link at any size.
const wireOverhead = 20

var streamShape = &shape{
	name: "stream",
	doc:  "One flow of UDP frames from one port of the lab to another.",
	fields: []field{
		{key: "from", is: port, required: true, doc: "Where the frames are sent: a linux node, or node:interface if it has several."},
		{key: "to", is: port, required: true, doc: "Where they must arrive."},
		{key: "ip", is: wholeNumber(4, 6), doc: "IP version, 4 unless said or src and dst are IPv6 addresses."},
		{key: "ipv6", is: boolean, doc: "true is short for ip: 6."},
		{key: "src", is: address, doc: "Source address; the sending port's own unless said."},
		{key: "dst", is: address, doc: "Destination address; the receiving port's own unless said."},
		{key: "udp", is: udpShape, doc: "UDP ports."},
		{key: "dscp", is: dscp, doc: "DiffServ code point, a number or a name such as ef or af41."},
		{key: "ttl", is: integer(1, 255), doc: "Time to live, 64 unless said."},
		{key: "size", is: integer(64, 9216), doc: "Frame size in bytes, with FCS, 64 to 9216; 512 unless said."},
		{key: "rate", is: rate, doc: "Frames per second (1000fps, 1.5kfps) or bits per second on the wire, preamble and gap included (10Mbps); 1000fps unless said."},
		{key: "duration", is: duration(10*time.Millisecond, 24*time.Hour), doc: "How long it sends when a step runs it without saying how long."},
	},
	choose: []choice{{keys: []string{"ip", "ipv6"}, optional: true}},
	finish: finishStream,
}

var udpShape = &shape{
	name: "udp",
	doc:  "UDP ports of a stream.",
	fields: []field{
		{key: "sport", is: integer(1, 65535), doc: "Source port, 49184 unless said."},
		{key: "dport", is: integer(1, 65535), doc: "Destination port, 5001 unless said."},
		{key: "flows", is: integer(1, 10000), doc: "How many source ports, from sport up, the frames take in turn: as many flows for routers that spread them over several paths. 1 unless said."},
	},
}

// port is a generator port: a linux node with one link, or node:interface.
var port = scalar{what: "a linux node, or node:interface", json: stringSchema("h1", "h1:eth1"),
	parse: func(d *decoder, n *yaml.Node) any {
		if d.topology == nil {
			return trafficgen.PortID{Node: n.Value}
		}
		name, ifname, _ := strings.Cut(n.Value, ":")
		node := d.topology.Node(name)
		hosts := d.hostNames()
		switch {
		case node == nil:
			d.mistake(n, suggest(name, hosts), "there is no node %q in topology %s", name, d.topology.Name)
			return nil
		case node.IsJunos():
			d.mistake(n, "linux nodes are "+listed(hosts), "%s is a %s node; streams begin and end on linux nodes", name, node.Kind)
			return nil
		}
		return d.portOf(n, name, ifname)
	}}

func (d *decoder) hostNames() []string {
	var names []string
	for _, n := range d.topology.Nodes {
		if !n.IsJunos() {
			names = append(names, n.Name)
		}
	}
	return names
}

func (d *decoder) portOf(n *yaml.Node, name, ifname string) any {
	ports := d.topology.Ports(name)
	refs := make([]string, len(ports))
	for i, e := range ports {
		refs[i] = e.String()
	}
	i := slices.IndexFunc(ports, func(e topology.Endpoint) bool { return e.Interface == ifname || e.Device == ifname })
	switch {
	case len(ports) == 0:
		d.mistake(n, "", "node %s has no link to send or receive on", name)
	case ifname != "" && i < 0:
		d.mistake(n, suggest(n.Value, refs), "node %s has no linked interface %s", name, ifname)
	case ifname == "" && len(ports) > 1:
		d.mistake(n, "say "+alternatives(refs), "node %s has %d links", name, len(ports))
	default:
		e := ports[max(i, 0)]
		device := e.Device
		if device == "" {
			device = e.Interface
		}
		return trafficgen.PortID{Node: name, Device: device}
	}
	return nil
}

// rate is checked here and converted when the frame size is known.
var rate = scalar{what: "a rate, such as 1000fps or 10Mbps",
	json: map[string]any{"type": "string", "pattern": `^[0-9.]+ *([kM]?[fp]ps|[kMG]?bps)$`, "examples": []any{"1000fps", "10Mbps"}},
	parse: func(d *decoder, n *yaml.Node) any {
		v, dimension, err := check.ParseQuantity(n.Value)
		switch {
		case err != nil:
			d.mistake(n, unitHint(err, "write 1000fps or 10Mbps", check.FrameRate, check.BitRate), "%v", err)
		case dimension == check.Number:
			d.mistake(n, fmt.Sprintf("write %sfps or %sbps", n.Value, n.Value), "the rate %s has no unit", n.Value)
		case dimension != check.FrameRate && dimension != check.BitRate:
			d.mistake(n, "rates are in fps, kfps, Mfps or bps, kbps, Mbps, Gbps", "%q is a %s, not a rate", n.Value, dimension)
		case v <= 0:
			d.mistake(n, "", "a stream of %s sends nothing", n.Value)
		default:
			return n.Value
		}
		return nil
	}}

// framesPerSecond converts a checked rate for frames of a size.
func framesPerSecond(rate string, size int) float64 {
	v, dimension, _ := check.ParseQuantity(rate)
	if dimension == check.BitRate {
		return v / float64(8*(size+wireOverhead))
	}
	return v
}

func finishStream(d *decoder, o *object) any {
	s := trafficgen.Stream{Size: defaultFrameSize, Rate: defaultRate}
	s.From, _ = o.values["from"].(trafficgen.PortID)
	s.To, _ = o.values["to"].(trafficgen.PortID)
	if size, ok := o.values["size"].(int); ok {
		s.Size = size
	}
	if r := o.text("rate"); r != "" {
		s.Rate = framesPerSecond(r, s.Size)
	}
	if ttl, ok := o.values["ttl"].(int); ok {
		s.TTL = uint8(ttl)
	}
	if v, ok := o.values["dscp"].(int); ok {
		s.DSCP = uint8(v)
	}
	if t := o.text("duration"); t != "" {
		s.Duration, _ = time.ParseDuration(t)
	}
	if udp, ok := o.values["udp"].(map[string]any); ok {
		sport, _ := udp["sport"].(int)
		dport, _ := udp["dport"].(int)
		s.SrcPort, s.DstPort = uint16(sport), uint16(dport)
		s.Flows, _ = udp["flows"].(int)
		if highest := cmp.Or(sport, defaultSourcePort) + s.Flows - 1; highest > math.MaxUint16 {
			d.mistake(o.at["udp"], "", "%d flows from source port %d on end at port %d; the highest is %d",
				s.Flows, cmp.Or(sport, defaultSourcePort), highest, math.MaxUint16)
			return nil
		}
	}
	if s.From == s.To {
		d.mistake(o.at["to"], "", "the stream goes nowhere: it begins and ends on %s", o.at["to"].Value)
		return nil
	}
	return d.streamAddresses(o, s)
}

// streamAddresses settles the IP version and the addresses.
func (d *decoder) streamAddresses(o *object, s trafficgen.Stream) any {
	said := o.has("ip") || o.has("ipv6")
	s.IPv6 = o.values["ip"] == 6 || o.values["ipv6"] == true
	for _, key := range []string{"src", "dst"} {
		if !o.has(key) {
			continue
		}
		addr := netip.MustParseAddr(o.text(key))
		if !said {
			s.IPv6, said = addr.Is6(), true
		}
		if addr.Is6() != s.IPv6 {
			d.mistake(o.at[key], "", "%s is not an address of the stream's IP version", addr)
			return nil
		}
		if key == "src" {
			s.Src = addr
		} else {
			s.Dst = addr
		}
	}
	if s.IPv6 && s.Size < minIPv6Size {
		d.mistake(o.at["size"], "", "an IPv6 stream needs frames of at least %d bytes, not %d", minIPv6Size, s.Size)
		return nil
	}
	return s
}

// dscpNames are the code points of RFC 2474, 2597, 3246 and 5865.
var dscpNames = map[string]int{
	"be": 0, "cs0": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56,
	"af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22,
	"af31": 26, "af32": 28, "af33": 30, "af41": 34, "af42": 36, "af43": 38,
	"va": 44, "ef": 46,
}

var dscp = scalar{what: "a DiffServ code point: 0 to 63, or a name such as ef or af41",
	json: map[string]any{"anyOf": []any{
		map[string]any{"type": "integer", "minimum": 0, "maximum": 63},
		map[string]any{"type": "string", "pattern": "^([a-zA-Z]+[0-9]*)$"}}},
	parse: func(d *decoder, n *yaml.Node) any {
		if v, ok := dscpNames[strings.ToLower(n.Value)]; ok {
			return v
		}
		if regexp.MustCompile(`^\d+$`).MatchString(n.Value) {
			return integer(0, 63).parse(d, n)
		}
		var names []string
		for name := range dscpNames {
			names = append(names, name)
		}
		slices.Sort(names)
		d.mistake(n, suggest(n.Value, names), "there is no DiffServ code point %q", n.Value)
		return nil
	}}

// streamTable reads streams:, a mapping from names to streams.
type streamTable struct{}

func (streamTable) read(d *decoder, n *yaml.Node) any {
	streams := map[string]trafficgen.Stream{}
	d.entries(n, "streams", func(key, value *yaml.Node) {
		d.streams = append(d.streams, key.Value)
		if s, ok := streamShape.read(d, value).(trafficgen.Stream); ok {
			s.Name = key.Value
			streams[key.Value] = s
			d.streamTimes[key.Value] = s.Duration
		}
	})
	return streams
}

func (streamTable) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "object", "propertyNames": map[string]any{"pattern": namePattern},
		"additionalProperties": streamShape.schema(w)}
}
