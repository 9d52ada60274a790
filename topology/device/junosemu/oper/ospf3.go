package oper

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An ospf3Interface is an entry of "show ipv6 ospf6 interface json".
type ospf3Interface struct {
	Status   string `json:"status"`
	Attached bool   `json:"attachedToArea"`
	Area     string `json:"areaId"`
	State    string `json:"ospf6InterfaceState"`
	DR       string `json:"dr"`
	BDR      string `json:"bdr"`
	Type     string `json:"operatingAsType"`
	MTU      int    `json:"interfaceMtu"`
	Cost     int    `json:"cost"`
	Hello    int    `json:"timerIntervalsConfigHello"`
	Dead     int    `json:"timerIntervalsConfigDead"`
	ReTx     int    `json:"timerIntervalsConfigRetransmit"`
}

// ospf3Interfaces answers get-ospf3-interface-information.
func (r *Router) ospf3Interfaces(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	known := map[string]ospf3Interface{}
	if err := r.askRunning(ctx, "ospf6d", "show ipv6 ospf6 interface json", ospf3Off, &known); err != nil {
		return nil, err
	}
	var near struct {
		Neighbors []struct {
			Interface string `json:"interfaceName"`
		} `json:"neighbors"`
	}
	if err := r.ask(ctx, "ospf6d", "show ipv6 ospf6 neighbor json", &near); err != nil {
		return nil, err
	}
	neighbors := map[string]int{}
	for _, n := range near.Neighbors {
		neighbors[n.Interface]++
	}
	devices := slices.SortedFunc(maps.Keys(known), func(a, b string) int { return cmp.Compare(r.junosUnit(a), r.junosUnit(b)) })
	reply := information("ospf3-interface-information", "junos-routing")
	for _, device := range devices {
		i, unit := known[device], r.junosUnit(device)
		if !i.Attached || !wants(rpc, unit) {
			continue
		}
		count := strconv.Itoa(neighbors[device])
		e := xmltree.New("ospf3-interface").
			Leaf("interface-name", unit).
			Leaf("ospf-interface-state", i.junosState()).
			Leaf("ospf-area", i.Area).
			Leaf("dr-id", cmp.Or(i.DR, "0.0.0.0")).
			Leaf("bdr-id", cmp.Or(i.BDR, "0.0.0.0")).
			Leaf("neighbor-count", count)
		if s := style(rpc); s == "detail" || s == "extensive" {
			e.Leaf("interface-type", ospfInterface{Type: i.Type}.junosType()).
				Leaf("mtu", strconv.Itoa(i.MTU)).
				Leaf("interface-cost", strconv.Itoa(i.Cost)).
				Leaf("adj-count", count).
				Leaf("hello-interval", strconv.Itoa(i.Hello)).
				Leaf("dead-interval", strconv.Itoa(i.Dead)).
				Leaf("retransmit-interval", strconv.Itoa(i.ReTx))
		}
		reply.Add(e)
	}
	return reply, nil
}

func (i ospf3Interface) junosState() string {
	names := map[string]string{"PointToPoint": "PtToPt", "Loopback": "DRother", "DROther": "DRother", "Passive": "DRother", "None": "Down"}
	return cmp.Or(names[i.State], i.State)
}

func ospf3InterfacesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("Interface           State   Area            DR ID           BDR ID          Nbrs\n")
	for _, i := range reply.All("ospf3-interface") {
		fmt.Fprintf(&b, "%-19s %-7s %-15s %-15s %-15s %4s\n", i.Value("interface-name"), i.Value("ospf-interface-state"),
			i.Value("ospf-area"), i.Value("dr-id"), i.Value("bdr-id"), i.Value("neighbor-count"))
		if i.Has("interface-type") {
			fmt.Fprintf(&b, "  Type: %s, MTU: %s, Cost: %s\n  Adj count: %s\n  Hello: %s, Dead: %s, ReXmit: %s\n",
				i.Value("interface-type"), i.Value("mtu"), i.Value("interface-cost"), i.Value("adj-count"),
				i.Value("hello-interval"), i.Value("dead-interval"), i.Value("retransmit-interval"))
		}
	}
	return b.String()
}

// An ospf3LSA is an entry of "show ipv6 ospf6 database json": one for each
// thing that an LSA holds.
type ospf3LSA struct {
	Type     string `json:"type"`
	ID       string `json:"lsId"`
	Router   string `json:"advRouter"`
	Age      int    `json:"age"`
	Sequence uint32 `json:"seqNum"`
}

// ospf3LSATypes are ospf6d's and Junos's names of LSAs, in Junos's order.
var ospf3LSATypes = []struct{ frr, junos string }{
	{"Rtr", "Router"}, {"Net", "Network"}, {"IAP", "InterArPfx"}, {"IAR", "InterArRtr"}, {"ASE", "Extern"},
	{"Typ7", "NSSA"}, {"T7", "NSSA"}, {"Lnk", "Link"}, {"INP", "IntraArPfx"},
}

// ospf3Database answers get-ospf3-database-information.
func (r *Router) ospf3Database(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var known struct {
		Areas []struct {
			ID  string     `json:"areaId"`
			LSA []ospf3LSA `json:"lsa"`
		} `json:"areaScopedLinkStateDb"`
		Links []struct {
			Interface string     `json:"interface"`
			LSA       []ospf3LSA `json:"lsa"`
		} `json:"interfaceScopedLinkStateDb"`
		AS []struct {
			LSA []ospf3LSA `json:"lsa"`
		} `json:"asScopedLinkStateDb"`
	}
	if err := r.askRunning(ctx, "ospf6d", "show ipv6 ospf6 database json", ospf3Off, &known); err != nil {
		return nil, err
	}
	own := routerID(map[string]string{"ospf6d": r.Intent().FRR["ospf6d"]})
	reply := information("ospf3-database-information", "junos-routing")
	add := func(header *xmltree.Element, lsas []ospf3LSA) {
		if entries := ospf3Entries(lsas, own); len(entries) > 0 {
			reply.Add(header).Add(entries...)
		}
	}
	for _, a := range known.Areas {
		if want := rpc.Value("area"); want == "" || want == a.ID {
			add(xmltree.New("ospf-area-header").Leaf("ospf-area", a.ID), a.LSA)
		}
	}
	if rpc.Value("area") != "" {
		return reply, nil
	}
	for _, l := range known.Links {
		add(xmltree.New("ospf-intf-header").Leaf("ospf-area", r.junosUnit(l.Interface)), l.LSA)
	}
	for _, as := range known.AS {
		add(xmltree.New("ospf-as-scope-header"), as.LSA)
	}
	return reply, nil
}

func ospf3Entries(lsas []ospf3LSA, own string) []*xmltree.Element {
	var out []*xmltree.Element
	for _, t := range ospf3LSATypes {
		seen := map[[2]string]bool{}
		for _, l := range lsas {
			if key := [2]string{l.ID, l.Router}; l.Type == t.frr && !seen[key] {
				seen[key] = true
				e := xmltree.New("ospf3-database").Leaf("lsa-type", t.junos).Leaf("lsa-id", l.ID).
					Leaf("advertising-router", l.Router).Leaf("sequence-number", fmt.Sprintf("0x%08x", l.Sequence)).
					Leaf("age", strconv.Itoa(l.Age))
				if l.Router == own {
					e.Add(xmltree.New("our-entry"))
				}
				out = append(out, e)
			}
		}
	}
	return out
}

func ospf3DatabaseText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, e := range reply.Children {
		switch e.Name {
		case "ospf-area-header":
			fmt.Fprintf(&b, "\n    OSPF3 database, Area %s\n", e.Value("ospf-area"))
		case "ospf-intf-header":
			fmt.Fprintf(&b, "\n    OSPF3 Link-Local database, interface %s\n", e.Value("ospf-area"))
		case "ospf-as-scope-header":
			b.WriteString("    OSPF3 AS SCOPE link state database\n")
		default:
			mark := " "
			if e.Has("our-entry") {
				mark = "*"
			}
			fmt.Fprintf(&b, "%-11s%s%-16s %-16s %10s %5s\n", e.Value("lsa-type"), mark, e.Value("lsa-id"),
				e.Value("advertising-router"), e.Value("sequence-number"), e.Value("age"))
			continue
		}
		fmt.Fprintf(&b, " %-11s%-16s %-16s %10s %5s\n", "Type", "ID", "Adv Rtr", "Seq", "Age")
	}
	return b.String()
}
