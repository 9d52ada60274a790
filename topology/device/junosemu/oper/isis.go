package oper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An isisCircuit is an adjacency of "show isis neighbor json" or its detailed
// form, where Interface is a name or an object.
type isisCircuit struct {
	Adjacency string          `json:"adj"`
	Interface json.RawMessage `json:"interface"`
	Level     int             `json:"level"`
	State     string          `json:"state"`
	Expires   string          `json:"expires-in"` // "2s"
	SNPA      string          `json:"snpa"`
}

// isisDetail is the Interface of the detailed form.
type isisDetail struct {
	Name    string `json:"name"`
	Flaps   int    `json:"adj-flaps"`
	Since   string `json:"last-ago"`     // 12m6s
	Circuit string `json:"circuit-type"` // L1, L2, L1L2
	SNPA    string `json:"snpa"`
	IPv4    struct {
		Address string `json:"ipv4"`
	} `json:"ipv4-address"`
	IPv6 struct {
		Address string `json:"ipv6"`
	} `json:"ipv6-link-local"`
	Speaks string `json:"speaks"`
}

// detail is the Interface of the detailed form; not ok of a circuit without a
// neighbor.
func (c isisCircuit) detail() (d isisDetail, ok bool) {
	ok = json.Unmarshal(c.Interface, &d) == nil
	return d, ok
}

type isisNeighborList struct {
	Areas []struct {
		Circuits []isisCircuit `json:"circuits"`
	} `json:"areas"`
}

// isisAdjacencies answers get-isis-adjacency-information.
func (r *Router) isisAdjacencies(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var brief, detail isisNeighborList
	if err := r.askRunning(ctx, "isisd", "show isis neighbor json", isisOff, &brief); err != nil {
		return nil, err
	}
	if err := r.ask(ctx, "isisd", "show isis neighbor detail json", &detail); err != nil {
		return nil, err
	}
	more := map[string]isisDetail{} // by system and device
	for _, c := range detail.circuits() {
		if d, ok := c.detail(); ok {
			more[c.Adjacency+"%"+d.Name] = d
		}
	}
	reply := information("isis-adjacency-information", "junos-routing")
	long := style(rpc) == "detail" || style(rpc) == "extensive"
	reply.Set("junos:style", cmp.Or(style(rpc), "brief"))
	var all []*xmltree.Element
	for _, c := range brief.circuits() {
		var device string
		if c.Adjacency == "" || json.Unmarshal(c.Interface, &device) != nil {
			continue // a circuit without a neighbor
		}
		unit := r.junosUnit(device)
		if !wants(rpc, unit, c.Adjacency) {
			continue
		}
		e := xmltree.New("isis-adjacency").
			Leaf("interface-name", unit).
			Leaf("system-name", c.Adjacency).
			Leaf("level", strconv.Itoa(c.Level)).
			Leaf("adjacency-state", c.State).
			Leaf("holdtime", strings.TrimSuffix(c.Expires, "s"))
		if d := more[c.Adjacency+"%"+device]; long {
			d.addTo(e)
		} else {
			e.LeafIf("snpa", snpa(cmp.Or(c.SNPA, d.SNPA)))
		}
		all = append(all, e)
	}
	slices.SortFunc(all, func(a, b *xmltree.Element) int {
		return cmp.Compare(a.Value("interface-name"), b.Value("interface-name"))
	})
	return reply.Add(all...), nil
}

func (l isisNeighborList) circuits() []isisCircuit {
	var all []isisCircuit
	for _, area := range l.Areas {
		all = append(all, area.Circuits...)
	}
	return all
}

func isisAdjacenciesText(_, reply *xmltree.Element) string {
	if s := reply.Attr("junos:style"); s == "detail" || s == "extensive" {
		return isisAdjacencyDetails(reply)
	}
	var b strings.Builder
	b.WriteString("Interface             System         L State        Hold (secs) SNPA\n")
	for _, a := range reply.All("isis-adjacency") {
		row := fmt.Sprintf("%-21s %-14s %s  %-12s %10s  %s", a.Value("interface-name"), a.Value("system-name"),
			a.Value("level"), a.Value("adjacency-state"), a.Value("holdtime"), a.Value("snpa"))
		b.WriteString(strings.TrimRight(row, " ") + "\n")
	}
	return b.String()
}
