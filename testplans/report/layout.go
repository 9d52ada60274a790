package report

import (
	"math"

	"github.com/ccl-lab/ccl/topology"
)

// A point is a place on the drawing, y downwards.
type point struct{ x, y float64 }

func (p point) plus(q point) point    { return point{p.x + q.x, p.y + q.y} }
func (p point) minus(q point) point   { return point{p.x - q.x, p.y - q.y} }
func (p point) times(f float64) point { return point{p.x * f, p.y * f} }
func (p point) length() float64       { return math.Hypot(p.x, p.y) }
func (p point) unit() point {
	if l := p.length(); l > 0 {
		return p.times(1 / l)
	}
	return point{0, 1}
}

// Distances of the drawing, in the units of its view box.
const (
	linkLength = 290.0 // between neighbouring routers
	leafWide   = 250.0 // from a router to what hangs beside it: room for two labels
	leafHigh   = 125.0 // from a router to what hangs above or below it
)

// A graph is a topology without its interfaces: names in file order and who is
// joined to whom, each neighbour once.
type graph struct {
	nodes      []string
	neighbours map[string][]string
}

func newGraph(t *topology.Topology) graph {
	g := graph{nodes: t.NodeNames(), neighbours: map[string][]string{}}
	joined := map[[2]string]bool{}
	for _, l := range t.Links {
		for _, pair := range [][2]string{{l.A.Node, l.B.Node}, {l.B.Node, l.A.Node}} {
			if pair[0] != pair[1] && !joined[pair] && t.Node(pair[0]) != nil && t.Node(pair[1]) != nil {
				joined[pair] = true
				g.neighbours[pair[0]] = append(g.neighbours[pair[0]], pair[1])
			}
		}
	}
	return g
}

// without leaves out the nodes that drop names, and their links.
func (g graph) without(drop map[string]bool) graph {
	rest := graph{neighbours: map[string][]string{}}
	for _, n := range g.nodes {
		if drop[n] {
			continue
		}
		rest.nodes = append(rest.nodes, n)
		for _, m := range g.neighbours[n] {
			if !drop[m] {
				rest.neighbours[n] = append(rest.neighbours[n], m)
			}
		}
	}
	return rest
}

// place gives every node of a topology its place. The same topology always
// gets the same picture. Hosts and generator ports with one neighbour are
// leaves: the others are placed first, a ring as a ring, a fabric in rows and
// anything else by springs, then the leaves around them, away from the middle.
func place(t *topology.Topology) map[string]point {
	g := newGraph(t)
	leaves := map[string]bool{}
	for _, n := range t.Nodes {
		next := g.neighbours[n.Name]
		if len(next) == 1 && !n.IsJunos() && len(g.neighbours[next[0]]) > 1 {
			leaves[n.Name] = true
		}
	}
	core := g.without(leaves)
	if ring := core.ring(); ring != nil {
		return g.hang(onEllipse(ring), core, leaves)
	}
	if rows := g.tiers(core, leaves); rows != nil {
		return g.inRows(rows, leaves)
	}
	return g.hang(springs(core), core, leaves)
}

// hang places the leaves around the core nodes, which have their places.
func (g graph) hang(at map[string]point, core graph, leaves map[string]bool) map[string]point {
	for _, hub := range core.nodes {
		fan(at, hub, core.neighbours[hub], g.leavesOf(hub, leaves))
	}
	return at
}

// leavesOf returns what hangs on a node.
func (g graph) leavesOf(hub string, leaves map[string]bool) []string {
	var hanging []string
	for _, n := range g.neighbours[hub] {
		if leaves[n] {
			hanging = append(hanging, n)
		}
	}
	return hanging
}

// ring returns the nodes in the order of the ring they form, from the first on
// towards its first neighbour, or nil if they form none.
func (g graph) ring() []string {
	if len(g.nodes) < 3 {
		return nil
	}
	ring := []string{g.nodes[0]}
	seen := map[string]bool{g.nodes[0]: true}
	for at := g.nodes[0]; ; {
		next := g.neighbours[at]
		if len(next) != 2 {
			return nil
		}
		switch {
		case !seen[next[0]]:
			at = next[0]
		case !seen[next[1]]:
			at = next[1]
		case len(ring) == len(g.nodes):
			return ring
		default:
			return nil // several rings
		}
		seen[at] = true
		ring = append(ring, at)
	}
}

// onEllipse places nodes clockwise, the first one top left, on an ellipse that
// is wide as a page is.
func onEllipse(ring []string) map[string]point {
	n := float64(len(ring))
	radius := linkLength / (2 * math.Sin(math.Pi/n))
	at := make(map[string]point, len(ring))
	for i, name := range ring {
		angle := 2*math.Pi*float64(i)/n - math.Pi/2 - math.Pi/n
		at[name] = point{radius * 1.15 * math.Cos(angle), radius * 0.8 * math.Sin(angle)}
	}
	return at
}

// fan places leaves around their hub, on the side away from its neighbours.
func fan(at map[string]point, hub string, neighbours, leaves []string) {
	if len(leaves) == 0 {
		return
	}
	var towards point
	for _, n := range neighbours {
		towards = towards.plus(at[n].minus(at[hub]).unit())
	}
	middle := math.Atan2(-towards.y, -towards.x)
	if towards.length() < 1e-6 {
		middle = math.Pi / 2
	}
	spread := math.Min(float64(len(leaves)-1)*math.Pi/4, math.Pi*0.75)
	if len(neighbours) == 0 {
		spread = 2 * math.Pi * float64(len(leaves)-1) / float64(len(leaves))
	}
	stretch := math.Max(1, float64(len(leaves))/4)
	for i, leaf := range leaves {
		angle := middle
		if len(leaves) > 1 {
			angle += spread * (float64(i)/float64(len(leaves)-1) - 0.5)
		}
		at[leaf] = at[hub].plus(point{leafWide * stretch * math.Cos(angle), leafHigh * stretch * math.Sin(angle)})
	}
}
