package testplans

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// Capture starts a recording of the frames that pass ports, or stops one,
// which makes its file evidence. One of the two names it.
type Capture struct {
	Start string `json:"start,omitempty"`
	Stop  string `json:"stop,omitempty"`

	Ports  []trafficgen.PortID `json:"ports,omitempty"`  // Node and Device only
	Filter string              `json:"filter,omitempty"` // of pcap-filter(7); everything when empty
	// Ring is how many bytes of frames are kept, the newest; all when zero.
	Ring int `json:"ring,omitempty"`
	// AroundLoss are the streams around whose first loss frames are kept; what a
	// capture without a loss has heard is not.
	AroundLoss []string `json:"around-loss,omitempty"`

	Frames check.Bound `json:"frames,omitempty"` // of Stop: how many were recorded
}

// defaultRing is what is kept from before a loss, unless the plan says.
const defaultRing = 32 << 20

var captureShape = &shape{
	name: "capture",
	doc:  "A recording of the frames that pass ports, as a pcapng file.",
	fields: []field{
		{key: "start", is: givenName, doc: "Start to record, under this name, and go on through the following steps."},
		{key: "stop", is: givenName, doc: "Stop this recording; its file becomes evidence of the case."},
		{key: "ports", is: list{of: anyPort, min: 1, single: true}, with: []string{"start"}, doc: "Where to record, in both directions: nodes with one link, or ends of links."},
		{key: "filter", is: sentence, with: []string{"start"}, doc: "Record only this, as pcap-filter(7) says it: udp port 5001."},
		{key: "ring", is: byteCount, with: []string{"start"}, doc: "Keep only the last so many bytes of frames: 32MiB. Everything unless said."},
		{key: "around-loss", is: oneStream, with: []string{"start"}, doc: "Keep only what happens around the first loss of this stream: the ring, 32MiB unless said, and half a second more."},
		{key: "frames", is: bound(check.Number), with: []string{"stop"}, doc: "How many frames must have been recorded: > 0."},
	},
	choose: []choice{{keys: []string{"start", "stop"}}},
	finish: finishCapture,
}

func finishCapture(d *decoder, o *object) any {
	if o.has("start") && !o.has("ports") {
		d.mistake(o.node, "say where: ports: [h1, \"r1:ge-0/0/0\"]", "capture %s has no ports to record on", o.text("start"))
		return nil
	}
	ports, _ := o.values["ports"].([]any)
	seen := map[any]bool{}
	for i, p := range ports {
		if seen[p] {
			d.mistake(o.at["ports"].Content[i], "", "the port is listed twice")
			return nil
		}
		seen[p] = true
	}
	if o.has("around-loss") && !o.has("ring") {
		o.values["ring"] = defaultRing
	}
	return o.values
}

// givenName is what a plan calls something that it starts.
var givenName = checked("a name of letters, digits and ._:-", map[string]any{"type": "string", "pattern": namePattern}, wantName)

// anyPort is the port of any node, router or host.
var anyPort = scalar{what: "a node with one link, or the end of a link", json: stringSchema("h1", "r1:ge-0/0/0"),
	parse: func(d *decoder, n *yaml.Node) any {
		if d.topology == nil {
			return trafficgen.PortID{Node: n.Value}
		}
		name, ifname, _ := strings.Cut(n.Value, ":")
		if d.topology.Node(name) == nil {
			d.mistake(n, suggest(name, d.nodeNames(false)), "there is no node %q in topology %s", name, d.topology.Name)
			return nil
		}
		return d.portOf(n, name, ifname)
	}}

var byteCountPattern = regexp.MustCompile(`^([1-9][0-9]{0,8}) ?([kMG])i?B$`)

// maxRing bounds the memory of a ring.
const maxRing = 1 << 30

// byteCount is a number of bytes with its unit; units are powers of 1024.
var byteCount = scalar{what: "a size, such as 32MiB",
	json: map[string]any{"type": "string", "pattern": byteCountPattern.String(), "examples": []any{"32MiB"}},
	parse: func(d *decoder, n *yaml.Node) any {
		m := byteCountPattern.FindStringSubmatch(n.Value)
		if m == nil {
			d.mistake(n, "units are kiB, MiB and GiB", "expected a size, such as 32MiB, not %s", describe(n))
			return nil
		}
		bytes, _ := strconv.Atoi(m[1])
		bytes <<= map[string]int{"k": 10, "M": 20, "G": 30}[m[2]]
		if bytes > maxRing {
			d.mistake(n, "", "%s are more than the most, 1GiB", n.Value)
			return nil
		}
		return bytes
	}}

// sentence describes the step for people.
func (c *Capture) sentence(t *topology.Topology) string {
	if c.Stop != "" {
		if c.Frames != "" {
			return fmt.Sprintf("Stop capture %s and check that it has %s frames", c.Stop, c.Frames.Words())
		}
		return "Stop capture " + c.Stop + " and keep its file"
	}
	ports := make([]string, len(c.Ports))
	for i, id := range c.Ports {
		ports[i] = portName(id, t)
	}
	what := "what passes"
	if c.Filter != "" {
		what = fmt.Sprintf("%q at", c.Filter)
	}
	s := fmt.Sprintf("Start capture %s of %s %s", c.Start, what, strings.Join(ports, ", "))
	if len(c.AroundLoss) > 0 {
		s += ", around the first loss of stream " + strings.Join(c.AroundLoss, " or ")
	}
	return s
}

// portName is a port as a plan names it: its node, if that has one link.
func portName(id trafficgen.PortID, t *topology.Topology) string {
	ports := t.Ports(id.Node)
	for _, e := range ports {
		if len(ports) > 1 && (e.Device == id.Device || e.Interface == id.Device) {
			return e.String()
		}
	}
	return id.Node
}
