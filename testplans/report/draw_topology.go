package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/ccl-lab/ccl/topology"
)

// A topologyView is a topology's drawing and its table of links.
type topologyView struct {
	Name          string
	Text          string // what the drawing shows, in words
	Width, Height float64
	Nodes         []nodeShape
	Links         []linkShape
	Table         []*topology.Link
	HasHost       bool
	HasPort       bool
	Labelled      bool // interface names stand at the links
}

// Size is how the drawing is shown on a small screen: "small" and "short", whose
// names may be large there, are seen whole, "wide" is not.
func (v *topologyView) Size() string {
	longest := 0
	for _, n := range v.Nodes {
		longest = max(longest, len([]rune(n.Name)))
	}
	switch {
	case v.Width <= 1100 && longest <= 4:
		return "short"
	case v.Width <= 700:
		return "small"
	}
	return "wide"
}

// A nodeShape is one node; X and Y are its middle.
type nodeShape struct {
	X, Y, Width, Height float64
	Left, Top           float64
	Name, Kind          string
	Class               string // router, host, generator, device
}

// A linkShape is one link with the interface names at its ends.
type linkShape struct {
	Path string
	Ends []endLabel
	Text string
}

// An endLabel is an interface's name on its link; X and Y are its middle.
type endLabel struct {
	X, Y, Left, Top, Width float64
	Name                   string
}

const (
	nodeWidth, nodeHeight = 92.0, 44.0
	labelHeight           = 15.0
	glyph                 = 6.0 // width of a character of a label
	maxLabelled           = 24  // with more links the names would hide the picture
)

// drawTopology draws a topology, or returns nil for none.
func drawTopology(t *topology.Topology) *topologyView {
	if t == nil || len(t.Nodes) == 0 {
		return nil
	}
	v := &topologyView{Name: t.Name, Table: t.Links}
	at := fit(place(t), v)
	for _, n := range t.Nodes {
		p := at[n.Name]
		class, kind := nodeClass(n)
		width := math.Max(nodeWidth, float64(max(len([]rune(n.Name))+2, len([]rune(kind))))*7)
		v.Nodes = append(v.Nodes, nodeShape{X: p.x, Y: p.y, Width: width, Height: nodeHeight,
			Left: round1(p.x - width/2), Top: round1(p.y - nodeHeight/2), Name: n.Name, Kind: kind, Class: class})
		v.HasHost = v.HasHost || class == "host"
		v.HasPort = v.HasPort || class == "generator"
	}
	v.links(t, at)
	v.Text = fmt.Sprintf("%d nodes (%s) and %d links, which the table lists.", len(t.Nodes), strings.Join(t.NodeNames(), ", "), len(t.Links))
	return v
}

// nodeClass is the shape of a node and the word under its name.
func nodeClass(n *topology.Node) (class, word string) {
	switch {
	case n.IsGenerator():
		return "generator", "generator"
	case n.IsJunos():
		kind := strings.TrimPrefix(strings.TrimPrefix(n.Kind, "vr-"), "juniper_")
		return "router", kind
	case n.Kind == "linux":
		return "host", "host"
	}
	return "device", n.Kind
}

// fit moves the places into the view box and sets its size.
func fit(at map[string]point, v *topologyView) map[string]point {
	lo, hi := point{math.Inf(1), math.Inf(1)}, point{math.Inf(-1), math.Inf(-1)}
	for _, p := range at {
		lo = point{math.Min(lo.x, p.x), math.Min(lo.y, p.y)}
		hi = point{math.Max(hi.x, p.x), math.Max(hi.y, p.y)}
	}
	margin := point{nodeWidth/2 + 20, nodeHeight/2 + 12}
	size := hi.minus(lo).plus(margin.times(2))
	v.Width, v.Height = math.Max(math.Ceil(size.x), 400), math.Ceil(size.y)
	shift := point{(v.Width - (hi.x - lo.x)) / 2, margin.y}.minus(lo)
	moved := make(map[string]point, len(at))
	for name, p := range at {
		p = p.plus(shift)
		moved[name] = point{round1(p.x), round1(p.y)}
	}
	return moved
}

// links draws the links. Several between the same two nodes bend apart.
func (v *topologyView) links(t *topology.Topology, at map[string]point) {
	total, nth := map[[2]string]int{}, map[[2]string]int{}
	for _, l := range t.Links {
		total[pairOf(l)]++
	}
	taken := newBoxes(v.Nodes)
	v.Labelled = len(t.Links) <= maxLabelled
	for _, l := range t.Links {
		a, okA := at[l.A.Node]
		b, okB := at[l.B.Node]
		if !okA || !okB {
			continue
		}
		pair := pairOf(l)
		bend := (float64(nth[pair]) - float64(total[pair]-1)/2) * 56
		nth[pair]++
		if pair[0] != l.A.Node {
			bend = -bend // the same side, seen from the other end
		}
		link := newLink(l, a, b, bend)
		if v.Labelled {
			link.label(l, a, b, taken)
		}
		v.Links = append(v.Links, link.linkShape)
	}
}

func pairOf(l *topology.Link) [2]string {
	if l.A.Node < l.B.Node {
		return [2]string{l.A.Node, l.B.Node}
	}
	return [2]string{l.B.Node, l.A.Node}
}

// A curve is a link's shape while it is being drawn.
type curve struct {
	linkShape
	control point
}

// newLink draws a quadratic curve whose middle is bend away from the straight
// line between the nodes.
func newLink(l *topology.Link, a, b point, bend float64) curve {
	along := b.minus(a).unit()
	control := a.plus(b).times(0.5).plus(point{-along.y, along.x}.times(bend * 2))
	return curve{
		linkShape: linkShape{
			Path: fmt.Sprintf("M%g %gQ%g %g %g %g", a.x, a.y, round1(control.x), round1(control.y), b.x, b.y),
			Text: l.A.String() + " – " + l.B.String(),
		},
		control: control,
	}
}

// label writes the interfaces' names at both ends.
func (c *curve) label(l *topology.Link, a, b point, taken *boxes) {
	for _, end := range []struct {
		name     string
		from, to point
	}{{l.A.Interface, a, b}, {l.B.Interface, b, a}} {
		if label, ok := newLabel(end.name, end.from, c.control, end.to, taken); ok {
			c.Ends = append(c.Ends, label)
		}
	}
}

// newLabel puts an interface's name on the curve from a to b, as near to a as
// nothing else is in the way. In a drawing too full for it there is no label;
// the link's own text and the table have it.
func newLabel(name string, a, control, b point, taken *boxes) (endLabel, bool) {
	width := float64(len([]rune(name)))*glyph + 8
	for t := 0.02; t < 0.5; t += 0.01 {
		p := a.times((1 - t) * (1 - t)).plus(control.times(2 * t * (1 - t))).plus(b.times(t * t))
		label := endLabel{X: round1(p.x), Y: round1(p.y), Left: round1(p.x - width/2), Top: round1(p.y - labelHeight/2), Width: width, Name: name}
		if taken.add(box{label.Left, label.Top, label.Left + width, label.Top + labelHeight}) {
			return label, true
		}
	}
	return endLabel{}, false
}

// boxes are the parts of the drawing that are in use.
type boxes struct{ list []box }

type box struct{ left, top, right, bottom float64 }

func newBoxes(nodes []nodeShape) *boxes {
	b := new(boxes)
	for _, n := range nodes {
		b.list = append(b.list, box{n.Left, n.Top, n.Left + n.Width, n.Top + n.Height})
	}
	return b
}

// add takes a box into use, unless it would touch another one.
func (b *boxes) add(x box) bool {
	const gap = 3
	for _, y := range b.list {
		if x.left < y.right+gap && y.left < x.right+gap && x.top < y.bottom+gap && y.top < x.bottom+gap {
			return false
		}
	}
	b.list = append(b.list, x)
	return true
}
