package report

import "math"

// springLength is the length of a link that nothing pulls or pushes. The links
// of a mesh end up shorter.
const springLength = 340.0

// springs places nodes by forces: all repel each other, links pull together
// (Fruchterman and Reingold's model). It starts from a circle in file order and
// takes no random numbers, so that a picture never changes by itself.
func springs(g graph) map[string]point {
	if len(g.nodes) == 0 {
		return map[string]point{}
	}
	if len(g.nodes) == 1 {
		return map[string]point{g.nodes[0]: {}}
	}
	at := onEllipse(g.nodes)
	if len(g.nodes) == 2 {
		return map[string]point{g.nodes[0]: {-springLength / 2, 0}, g.nodes[1]: {springLength / 2, 0}}
	}
	const rounds = 400
	for round := range rounds {
		heat := springLength * 0.2 * (1 - float64(round)/rounds)
		push := forces(g, at)
		for _, n := range g.nodes {
			f := push[n]
			at[n] = at[n].plus(f.unit().times(math.Min(f.length(), heat)))
		}
	}
	return landscape(g, at)
}

func forces(g graph, at map[string]point) map[string]point {
	push := make(map[string]point, len(g.nodes))
	for _, a := range g.nodes {
		for _, b := range g.nodes {
			if a == b {
				continue
			}
			apart := at[a].minus(at[b])
			gap := math.Max(apart.length(), 1)
			push[a] = push[a].plus(apart.unit().times(springLength * springLength / gap))
		}
		for _, b := range g.neighbours[a] {
			apart := at[b].minus(at[a])
			push[a] = push[a].plus(apart.unit().times(apart.length() * apart.length() / springLength))
		}
		// A weak pull to the middle keeps parts without links on the page.
		push[a] = push[a].minus(at[a].times(0.02))
	}
	return push
}

// landscape turns an upright picture on its side.
func landscape(g graph, at map[string]point) map[string]point {
	var lo, hi point
	for i, n := range g.nodes {
		p := at[n]
		if i == 0 {
			lo, hi = p, p
		}
		lo = point{math.Min(lo.x, p.x), math.Min(lo.y, p.y)}
		hi = point{math.Max(hi.x, p.x), math.Max(hi.y, p.y)}
	}
	if hi.y-lo.y <= hi.x-lo.x {
		return at
	}
	for _, n := range g.nodes {
		at[n] = point{at[n].y, at[n].x}
	}
	return at
}
