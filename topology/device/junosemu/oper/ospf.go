package oper

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An ospfNeighbor is an entry of "show ip ospf neighbor json" and of its
// detailed form; each has what the other lacks.
type ospfNeighbor struct {
	id, unit string // router ID; ge-0/0/0.0

	Priority  int    `json:"nbrPriority"`
	State     string `json:"nbrState"` // Full/-, Full/DR
	UpMsec    int64  `json:"upTimeInMsec"`
	DeadMsec  int64  `json:"routerDeadIntervalTimerDueMsec"`
	Address   string `json:"ifaceAddress"`
	Interface string `json:"ifaceName"` // eth1:10.0.12.1
	AreaID    string `json:"areaId"`
	DR        string `json:"routerDesignatedId"`
	BDR       string `json:"routerDesignatedBackupId"`
}

// ospfNeighborList is the answer of either command.
type ospfNeighborList struct {
	Neighbors map[string][]*ospfNeighbor `json:"neighbors"`
}

// ospfAdjacencies reads the OSPFv2 neighbors in the order of their interfaces.
func (r *Router) ospfAdjacencies(ctx context.Context) ([]*ospfNeighbor, error) {
	var brief, detail ospfNeighborList
	if err := r.askRunning(ctx, "ospfd", "show ip ospf neighbor json", ospfOff, &brief); err != nil {
		return nil, err
	}
	if err := r.ask(ctx, "ospfd", "show ip ospf neighbor detail json", &detail); err != nil {
		return nil, err
	}
	var all []*ospfNeighbor
	for id, list := range brief.Neighbors {
		for _, n := range list {
			device, _, _ := strings.Cut(n.Interface, ":")
			n.id, n.unit = id, r.junosUnit(device)
			for _, d := range detail.Neighbors[id] {
				if d.Address == n.Address {
					n.AreaID, n.DR, n.BDR = d.AreaID, d.DR, d.BDR
				}
			}
			all = append(all, n)
		}
	}
	slices.SortFunc(all, func(a, b *ospfNeighbor) int {
		return cmp.Or(cmp.Compare(a.unit, b.unit), cmp.Compare(a.Address, b.Address))
	})
	return all, nil
}

// ospfState turns FRR's state ("Full/-", "2-Way/DROther") into Junos's.
func ospfState(frr string) string {
	state, _, _ := strings.Cut(frr, "/")
	names := map[string]string{
		"2-Way": "2Way", "TwoWay": "2Way", "Twoway": "2Way",
		"ExChange": "Exchange", "Deleted": "Down",
	}
	if name, ok := names[state]; ok {
		return name
	}
	return state
}

// wants reports whether an RPC that may name an interface or neighbor means
// this one.
func wants(rpc *xmltree.Element, unit string, neighbor ...string) bool {
	if want := cmp.Or(rpc.Value("interface"), rpc.Value("interface-name")); want != "" && want != unit {
		return false
	}
	if want := cmp.Or(rpc.Value("neighbor"), rpc.Value("neighbor-address"), rpc.Value("system-id")); want != "" {
		return slices.Contains(neighbor, want)
	}
	return true
}

// ospfNeighbors answers get-ospf-neighbor-information.
func (r *Router) ospfNeighbors(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.ospfAdjacencies(ctx)
	if err != nil {
		return nil, err
	}
	reply := information("ospf-neighbor-information", "junos-routing")
	for _, n := range all {
		if !wants(rpc, n.unit, n.Address, n.id) {
			continue
		}
		e := xmltree.New("ospf-neighbor").
			Leaf("neighbor-address", n.Address).
			Leaf("interface-name", n.unit).
			Leaf("ospf-neighbor-state", ospfState(n.State)).
			Leaf("neighbor-id", n.id).
			Leaf("neighbor-priority", strconv.Itoa(n.Priority)).
			Leaf("activity-timer", strconv.FormatInt(n.DeadMsec/1000, 10))
		if s := style(rpc); s == "detail" || s == "extensive" {
			up := time.Duration(n.UpMsec) * time.Millisecond
			e.LeafIf("ospf-area", n.AreaID).LeafIf("dr-address", n.DR).LeafIf("bdr-address", n.BDR).
				Add(spanLeaf("neighbor-up-time", up, age), spanLeaf("neighbor-adjacency-time", up, age))
		}
		reply.Add(e)
	}
	return reply, nil
}

func ospfNeighborsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	all := reply.All("ospf-neighbor")
	if len(all) > 0 {
		b.WriteString("Address          Interface              State           ID               Pri  Dead\n")
	}
	for _, n := range all {
		fmt.Fprintf(&b, "%-16s %-22s %-15s %-16s %3s %5s\n", n.Value("neighbor-address"), n.Value("interface-name"),
			n.Value("ospf-neighbor-state"), n.Value("neighbor-id"), n.Value("neighbor-priority"), n.Value("activity-timer"))
		if n.Has("neighbor-up-time") {
			fmt.Fprintf(&b, "  Area %s, DR %s, BDR %s\n  Up %s, adjacent %s\n", n.Value("ospf-area"), n.Value("dr-address"),
				n.Value("bdr-address"), n.Value("neighbor-up-time"), n.Value("neighbor-adjacency-time"))
		}
	}
	return b.String()
}

// An ospf3Neighbor is an entry of "show ipv6 ospf6 neighbor json".
type ospf3Neighbor struct {
	ID        string `json:"neighborId"`
	Priority  int    `json:"priority"`
	DeadTime  string `json:"deadTime"`
	State     string `json:"state"`
	Duration  string `json:"duration"`
	Interface string `json:"interfaceName"`
}

// ospf3Neighbors answers get-ospf3-neighbor-information.
func (r *Router) ospf3Neighbors(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var brief struct {
		Neighbors []ospf3Neighbor `json:"neighbors"`
	}
	if err := r.askRunning(ctx, "ospf6d", "show ipv6 ospf6 neighbor json", ospf3Off, &brief); err != nil {
		return nil, err
	}
	var detail map[string]struct { // by "10.255.0.2%eth1"
		Address string `json:"linkLocalAddress"`
	}
	if err := r.ask(ctx, "ospf6d", "show ipv6 ospf6 neighbor detail json", &detail); err != nil {
		return nil, err
	}
	slices.SortFunc(brief.Neighbors, func(a, b ospf3Neighbor) int {
		return cmp.Or(cmp.Compare(r.junosUnit(a.Interface), r.junosUnit(b.Interface)), cmp.Compare(a.ID, b.ID))
	})
	reply := information("ospf3-neighbor-information", "junos-routing")
	for _, n := range brief.Neighbors {
		unit, address := r.junosUnit(n.Interface), detail[n.ID+"%"+n.Interface].Address
		if !wants(rpc, unit, n.ID, address) {
			continue
		}
		reply.Add(xmltree.New("ospf3-neighbor").
			Leaf("neighbor-id", n.ID).
			Leaf("interface-name", unit).
			Leaf("ospf-neighbor-state", ospfState(n.State)).
			Leaf("neighbor-priority", strconv.Itoa(n.Priority)).
			Leaf("activity-timer", strconv.Itoa(int(parseUptime(n.DeadTime)/time.Second))).
			LeafIf("neighbor-address", address).
			Add(spanLeaf("neighbor-up-time", parseUptime(n.Duration), age)))
	}
	return reply, nil
}

func ospf3NeighborsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	all := reply.All("ospf3-neighbor")
	if len(all) > 0 {
		b.WriteString("ID               Interface              State     Pri   Dead\n")
	}
	for _, n := range all {
		fmt.Fprintf(&b, "%-16s %-22s %-9s %3s %6s\n", n.Value("neighbor-id"), n.Value("interface-name"),
			n.Value("ospf-neighbor-state"), n.Value("neighbor-priority"), n.Value("activity-timer"))
		line(&b, "Neighbor-address", n.Value("neighbor-address"))
	}
	return b.String()
}

// prefixOf is an address with a length, or "" if it is none.
func prefixOf(address string, bits int) string {
	a, err := netip.ParseAddr(address)
	if err != nil || bits < 0 || bits > a.BitLen() {
		return ""
	}
	return netip.PrefixFrom(a, bits).String()
}
