package oper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// isisInterfaceList is the answer of "show isis interface detail json".
type isisInterfaceList struct {
	Areas []struct {
		Circuits []struct {
			Interface isisInterface `json:"interface"`
		} `json:"circuits"`
	} `json:"areas"`
}

type isisInterface struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Passive string `json:"is-passive"`
	Circuit string `json:"circuit-id"`
	Type    string `json:"type"` // p2p, lan, loopback
	Level   string `json:"level"`
	Levels  []struct {
		Level  string `json:"level"`
		Metric int    `json:"metric"`
		Active int    `json:"active-neighbors"`
		Hello  int    `json:"hello-interval"`
		Hold   struct {
			Count int `json:"count"`
		} `json:"holddown"`
		LAN struct {
			Priority int    `json:"priority"`
			IsDIS    string `json:"is-dis"`
		} `json:"lan"`
	} `json:"levels"`
}

// isisInterfaces answers get-isis-interface-information.
func (r *Router) isisInterfaces(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var known isisInterfaceList
	if err := r.askRunning(ctx, "isisd", "show isis interface detail json", isisOff, &known); err != nil {
		return nil, err
	}
	var all []*xmltree.Element
	for _, area := range known.Areas {
		for _, c := range area.Circuits {
			unit := r.junosUnit(c.Interface.Name)
			if c.Interface.Name != "" && wants(rpc, unit) {
				all = append(all, c.Interface.element(unit, style(rpc)))
			}
		}
	}
	slices.SortFunc(all, func(a, b *xmltree.Element) int {
		return cmp.Compare(a.Value("interface-name"), b.Value("interface-name"))
	})
	return information("isis-interface-information", "junos-routing").Add(all...), nil
}

func (i isisInterface) element(unit, style string) *xmltree.Element {
	levels := map[string]string{"L1": "1", "L2": "2", "L1L2": "3"}
	if i.Passive == "passive" {
		levels = nil
	}
	e := xmltree.New("isis-interface").
		Leaf("interface-name", unit).
		Leaf("circuit-type", cmp.Or(levels[i.Level], "0")).
		Leaf("circuit-id", i.Circuit).
		Leaf("isis-interface-state-one", i.role("L1")).
		Leaf("isis-interface-state-two", i.role("L2")).
		Leaf("metric-one", i.metric("L1")).
		Leaf("metric-two", i.metric("L2"))
	if style != "detail" && style != "extensive" {
		return e
	}
	for _, l := range i.Levels {
		e.Add(xmltree.New("interface-level-data").
			Leaf("level", strings.TrimPrefix(l.Level, "L")).
			Leaf("adjacency-count", strconv.Itoa(l.Active)).
			Leaf("interface-priority", strconv.Itoa(l.LAN.Priority)).
			Leaf("metric", strconv.Itoa(l.Metric)).
			Leaf("hello-time", strconv.Itoa(l.Hello)).
			Leaf("holdtime", strconv.Itoa(l.Hello*l.Hold.Count)))
	}
	return e
}

// role is what the interface is on a level; Junos names the designated system
// of a LAN, FRR tells only whether it is the router itself.
func (i isisInterface) role(level string) string {
	for _, l := range i.Levels {
		switch {
		case l.Level != level:
		case i.State != "Up":
			return "Down"
		case i.Passive == "passive":
			return "Passive"
		case i.Type == "p2p":
			return "Point to Point"
		case l.LAN.IsDIS == "yes":
			return "DR"
		default:
			return "LAN"
		}
	}
	return "Disabled"
}

func (i isisInterface) metric(level string) string {
	for _, l := range i.Levels {
		if l.Level == level {
			return strconv.Itoa(l.Metric)
		}
	}
	return "10"
}

func isisInterfacesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("IS-IS interface database:\n")
	fmt.Fprintf(&b, "%-21s L CirID %-18s %-18s L1/L2 Metric\n", "Interface", "Level 1 DR", "Level 2 DR")
	for _, i := range reply.All("isis-interface") {
		fmt.Fprintf(&b, "%-21s %s %5s %-18s %-18s %6s/%s\n", i.Value("interface-name"), i.Value("circuit-type"), i.Value("circuit-id"),
			i.Value("isis-interface-state-one"), i.Value("isis-interface-state-two"), i.Value("metric-one"), i.Value("metric-two"))
		for _, l := range i.All("interface-level-data") {
			fmt.Fprintf(&b, "  Level %s: Adjacencies: %s, Priority: %s, Metric: %s, Hello: %s s, Hold: %s s\n", l.Value("level"),
				l.Value("adjacency-count"), l.Value("interface-priority"), l.Value("metric"), l.Value("hello-time"), l.Value("holdtime"))
		}
	}
	return b.String()
}
