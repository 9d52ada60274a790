package testplans

import (
	"cmp"
	"maps"
	"math"
	"net/netip"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// What a stream is when the plan does not say.
const (
	defaultFrameSize = 512 // bytes with FCS
	defaultRate      = 1000.0

	defaultSourcePort      = 49184 // the generator's
	defaultDestinationPort = 5001
)

// minIPv6Size is the shortest frame that holds IPv6, UDP and the generator's
// signature; with IPv4 the shortest Ethernet frame does.
const minIPv6Size = 84

var streamShape = &shape{
	name: "stream",
	doc:  "One flow of frames from one port of the lab to another: UDP, or any layers.",
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
		{key: "layers", is: layerStack{}, doc: "The headers of the frames, outermost first, in place of Ethernet, IP and UDP: [vlan: {id: 100}, ip: {dst: {from: 10.0.0.1, count: 100}}, tcp]."},
		{key: "combine", is: oneOf("together", "product"), with: []string{"layers"}, doc: "How fields of several values meet: together, each with every frame (unless said), or product, every value with every other, the last field fastest."},
		{key: "size", is: streamSizes{}, doc: "Frame size in bytes, with FCS, 64 to 9216; 512 unless said. Of a list each frame takes the next: [64, 1518], or by weight [{bytes: 64, weight: 7}, {bytes: 1518}]."},
		{key: "imix", is: imix{}, doc: "A mix of sizes: simple (64, 570 and 1518 bytes, 7 to 4 to 1), or a genome of RFC 6985, a letter for each frame: a 64, b 128, c 256, d 512, e 1024, f 1280, g 1518, h 2112, i 9000; {genome: aaA, A: 70} with sizes of your own."},
		{key: "pcap", is: captureFile, doc: "A capture file (pcap or pcapng), relative to the plan, whose frames are sent in their order, again and again, at the stream's rate. They get the addresses of the next hop and, behind UDP, TCP or ICMP, the generator's signature; those without room for it are left out and counted."},
		{key: "rate", is: streamRate, doc: "Frames per second (1000fps, 1.5kfps), bits per second on the wire, preamble and gap included (10Mbps), or a share of the sending port's speed (50%); 1000fps unless said."},
		{key: "burst", is: burstShape, doc: "Frames leave in bursts at the rate, with gaps between: {frames: 100, gap: 1ms}."},
		{key: "duration", is: duration(10*time.Millisecond, 24*time.Hour), doc: "How long it sends when a step runs it without saying how long."},
		{key: "frames", is: integer(1, 1<<40), doc: "How many frames it sends; it ends with the last of them, or with its duration."},
		{key: "bidirectional", is: boolean, doc: "true sends the same the other way too, as a stream of its own whose name ends in -reverse. Steps that name the stream mean both."},
	},
	choose: append([]choice{
		{keys: []string{"ip", "ipv6", "layers"}, optional: true}, {keys: []string{"size", "imix"}, optional: true},
		{keys: []string{"frames", "bidirectional"}, optional: true},
	}, append(exclude("layers", "src", "dst", "udp", "dscp", "ttl"),
		exclude("pcap", "layers", "src", "dst", "udp", "dscp", "ttl", "size", "imix", "bidirectional")...)...),
	finish: finishStream,
}

// exclude makes a key exclude each of others, which go together.
func exclude(key string, others ...string) (c []choice) {
	for _, other := range others {
		c = append(c, choice{keys: []string{key, other}, optional: true})
	}
	return c
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
		d.mistake(n, "", "node %s has no link", name)
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

// A readStream is a stream and what a plan makes of it.
type readStream struct {
	trafficgen.Stream
	bothWays bool
	lasts    time.Duration // when a step does not say; 0 if the plan does not either
}

func finishStream(d *decoder, o *object) any {
	s := readStream{Stream: trafficgen.Stream{Size: defaultFrameSize}}
	s.From, _ = o.values["from"].(trafficgen.PortID)
	s.To, _ = o.values["to"].(trafficgen.PortID)
	s.bothWays, _ = o.values["bidirectional"].(bool)
	s.Product = o.text("combine") == "product"
	for _, key := range []string{"size", "imix"} {
		if sizes, ok := o.values[key].([]int); ok && len(sizes) == 1 {
			s.Size = sizes[0]
		} else if ok {
			s.Size, s.Sizes = 0, sizes
		}
	}
	if ttl, ok := o.values["ttl"].(int); ok {
		s.TTL = uint8(ttl)
	}
	if v, ok := o.values["dscp"].(int); ok {
		s.DSCP = uint8(v)
	}
	s.Capture = o.text("pcap")
	ok := false
	if s.lasts, ok = d.timing(o, &s.Stream); !ok || !d.streamPorts(o, &s.Stream) {
		return nil
	}
	if s.From == s.To {
		d.mistake(o.at["to"], "", "the stream goes nowhere: it begins and ends on %s", o.at["to"].Value)
		return nil
	}
	least := minIPv6Size
	if stack, ok := o.values["layers"].(*readStack); ok {
		s.Layers = stack.layers
		s.IPv6 = len(s.Layers) > 1 && s.Layers[1].Kind == "ipv6"
		least = trafficgen.LeastSize(s.Layers)
		if _, err := trafficgen.CountFlows(s.Layers, s.Product); err != nil {
			d.mistake(o.at["layers"], "fields step together until all begin again at once: after the least common multiple of their numbers of values, or their product", "%v", err)
			return nil
		}
	} else if !d.streamAddresses(o, &s.Stream) {
		return nil
	}
	if size, at := s.smallest(o); size < least && (s.IPv6 || s.Layers != nil) {
		what := "an IPv6 stream needs frames"
		if s.Layers != nil {
			what = "these layers need frames"
		}
		d.mistake(at, "", "%s of at least %d bytes, not %d", what, least, size)
		return nil
	}
	return s
}

// smallest is the stream's smallest frame size and where the plan says it.
func (s *readStream) smallest(o *object) (int, *yaml.Node) {
	for _, key := range []string{"size", "imix", "layers"} {
		if o.has(key) {
			if len(s.Sizes) > 0 {
				return slices.Min(s.Sizes), o.at[key]
			}
			return s.Size, o.at[key]
		}
	}
	return s.Size, o.node
}

// streamPorts settles the UDP ports.
func (d *decoder) streamPorts(o *object, s *trafficgen.Stream) bool {
	udp, ok := o.values["udp"].(map[string]any)
	if !ok {
		return true
	}
	sport, _ := udp["sport"].(int)
	dport, _ := udp["dport"].(int)
	s.SrcPort, s.DstPort = uint16(sport), uint16(dport)
	s.Flows, _ = udp["flows"].(int)
	if highest := cmp.Or(sport, defaultSourcePort) + s.Flows - 1; highest > math.MaxUint16 {
		d.mistake(o.at["udp"], "", "%d flows from source port %d on end at port %d; the highest is %d",
			s.Flows, cmp.Or(sport, defaultSourcePort), highest, math.MaxUint16)
		return false
	}
	return true
}

// streamAddresses settles the IP version and the addresses.
func (d *decoder) streamAddresses(o *object, s *trafficgen.Stream) bool {
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
			return false
		}
		if key == "src" {
			s.Src = addr
		} else {
			s.Dst = addr
		}
	}
	return true
}

// dscpNames are the code points of RFC 2474, 2597, 3246 and 5865.
var dscpNames = map[string]int{
	"be": 0, "cs0": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56,
	"af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22,
	"af31": 26, "af32": 28, "af33": 30, "af41": 34, "af42": 36, "af43": 38,
	"va": 44, "ef": 46,
}

func dscpWords() []string { return slices.Sorted(maps.Keys(dscpNames)) }

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
		d.mistake(n, suggest(n.Value, dscpWords()), "there is no DiffServ code point %q", n.Value)
		return nil
	}}

// streamTable reads streams:, a mapping from names to streams.
type streamTable struct{}

func (streamTable) read(d *decoder, n *yaml.Node) any {
	streams := map[string]trafficgen.Stream{}
	d.entries(n, "streams", func(key, value *yaml.Node) {
		d.streams = append(d.streams, key.Value)
		s, ok := streamShape.read(d, value).(readStream)
		if !ok {
			return
		}
		s.Name = key.Value
		streams[key.Value] = s.Stream
		d.read[key.Value] = s
		if s.bothWays {
			back := reversed(s.Stream)
			if d.pairs == nil {
				d.pairs = map[string]bool{}
			}
			d.pairs[key.Value] = true
			streams[back.Name] = back
		}
	})
	for name := range d.pairs {
		if at := entryKey(n, name+reverseSuffix); at != nil {
			d.mistake(at, "choose another name", "%s is the way back of the bidirectional stream %s", name+reverseSuffix, name)
		}
	}
	return streams
}

func (streamTable) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "object", "propertyNames": map[string]any{"pattern": namePattern},
		"additionalProperties": streamShape.schema(w)}
}
