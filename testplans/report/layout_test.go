package report

import (
	"fmt"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology"
)

// lab builds a topology of links "a b"; names that begin with h are hosts, the
// others routers.
func lab(links ...[2]string) *topology.Topology {
	t := &topology.Topology{Name: "lab"}
	ports := map[string]int{}
	end := func(name string) topology.Endpoint {
		if t.Node(name) == nil {
			kind := "juniper_vjunosrouter"
			if name[0] == 'h' {
				kind = "linux"
			}
			t.Nodes = append(t.Nodes, &topology.Node{Name: name, Kind: kind})
		}
		ports[name]++
		return topology.Endpoint{Node: name, Interface: fmt.Sprintf("ge-0/0/%d", ports[name]-1)}
	}
	for _, l := range links {
		a := end(l[0])
		t.Links = append(t.Links, &topology.Link{A: a, B: end(l[1])})
	}
	return t
}

// labs are topologies of the shapes that labs have.
func labs() map[string]*topology.Topology {
	var mesh, spine, chain, star [][2]string
	for i := range 5 {
		for j := range i {
			mesh = append(mesh, [2]string{fmt.Sprint("r", j), fmt.Sprint("r", i)})
		}
		chain = append(chain, [2]string{fmt.Sprint("r", i), fmt.Sprint("r", i+1)})
		star = append(star, [2]string{"r0", fmt.Sprint("h", i)})
	}
	for s := range 2 {
		for l := range 4 {
			spine = append(spine, [2]string{fmt.Sprint("spine", s), fmt.Sprint("leaf", l)})
		}
	}
	for l := range 4 {
		spine = append(spine, [2]string{fmt.Sprint("leaf", l), fmt.Sprint("h", l)})
	}
	alone := &topology.Topology{Name: "alone", Nodes: []*topology.Node{{Name: "r1", Kind: "juniper_crpd"}}}
	apart := lab([2]string{"r1", "r2"}, [2]string{"r3", "r4"})
	return map[string]*topology.Topology{
		"mesh": lab(mesh...), "leaf-spine": lab(spine...), "chain": lab(chain...), "star": lab(star...),
		"alone": alone, "apart": apart,
		"pair, two links": lab([2]string{"r1", "r2"}, [2]string{"r1", "r2"}, [2]string{"r2", "h1"}),
		"triangle":        lab([2]string{"r1", "r2"}, [2]string{"r2", "r3"}, [2]string{"r3", "r1"}, [2]string{"r1", "h1"}),
		"two hosts":       lab([2]string{"h1", "h2"}),
	}
}

func TestTopologiesAreDrawnApart(t *testing.T) {
	for name, topo := range labs() {
		v := drawTopology(topo)
		if len(v.Nodes) != len(topo.Nodes) || len(v.Links) != len(topo.Links) {
			t.Errorf("%s: %d nodes and %d links drawn, want %d and %d", name, len(v.Nodes), len(v.Links), len(topo.Nodes), len(topo.Links))
		}
		for _, l := range v.Links {
			if len(l.Ends) != 2 {
				t.Errorf("%s: %s has %d interface names, want both", name, l.Text, len(l.Ends))
			}
		}
		for i, a := range v.Nodes {
			if !(a.Left >= 0 && a.Top >= 0 && a.Left+a.Width <= v.Width && a.Top+a.Height <= v.Height) {
				t.Errorf("%s: %s leaves the drawing: %+v in %g × %g", name, a.Name, a, v.Width, v.Height)
			}
			for _, b := range v.Nodes[i+1:] {
				if math.Abs(a.X-b.X) < (a.Width+b.Width)/2 && math.Abs(a.Y-b.Y) < nodeHeight {
					t.Errorf("%s: %s covers %s", name, a.Name, b.Name)
				}
			}
		}
		for range 5 {
			if diff := cmp.Diff(v, drawTopology(topo)); diff != "" {
				t.Errorf("%s is drawn differently the next time:\n%s", name, diff)
			}
		}
	}
}

func TestRingIsDrawnInItsOrder(t *testing.T) {
	ring := lab([2]string{"r1", "r2"}, [2]string{"r3", "r4"}, [2]string{"r4", "r1"}, [2]string{"r2", "r3"}, [2]string{"r1", "h1"})
	at := place(ring)
	r1, r2, r3, r4 := at["r1"], at["r2"], at["r3"], at["r4"]
	if !(r1.x < r2.x && r4.x < r3.x && r1.y < r4.y && r2.y < r3.y) {
		t.Errorf("r1 %v top left, r2 %v top right, r3 %v bottom right, r4 %v bottom left expected", r1, r2, r3, r4)
	}
	if h := at["h1"]; h.x >= r1.x || h.y >= r1.y {
		t.Errorf("h1 %v is not outside of the ring at r1 %v", h, r1)
	}
}
