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

// An ospfInterface is an entry of "show ip ospf interface json".
type ospfInterface struct {
	Enabled   bool   `json:"ospfEnabled"`
	Up        bool   `json:"ifUp"`
	Area      string `json:"area"`
	State     string `json:"state"`
	DRID      string `json:"drId"`
	BDRID     string `json:"bdrId"`
	Neighbors int    `json:"nbrCount"`
	Address   string `json:"ipAddress"`
	Bits      int    `json:"ipAddressPrefixlen"`
	MTU       int    `json:"mtuBytes"`
	Type      string `json:"networkType"`
	Cost      int    `json:"cost"`
	HelloMsec int    `json:"timerMsecs"`
	DeadSecs  int    `json:"timerDeadSecs"`
	ReTxSecs  int    `json:"timerRetransmitSecs"`
	Passive   bool   `json:"timerPassiveIface"`
	Priority  int    `json:"priority"`
}

// ospfInterfaces answers get-ospf-interface-information.
func (r *Router) ospfInterfaces(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var known struct {
		Interfaces map[string]ospfInterface `json:"interfaces"`
	}
	if err := r.askRunning(ctx, "ospfd", "show ip ospf interface json", ospfOff, &known); err != nil {
		return nil, err
	}
	devices := slices.SortedFunc(maps.Keys(known.Interfaces), func(a, b string) int {
		return cmp.Compare(r.junosUnit(a), r.junosUnit(b))
	})
	reply := information("ospf-interface-information", "junos-routing")
	for _, device := range devices {
		i, unit := known.Interfaces[device], r.junosUnit(device)
		if !i.Enabled || !wants(rpc, unit) {
			continue
		}
		e := xmltree.New("ospf-interface").
			Leaf("interface-name", unit).
			Leaf("ospf-interface-state", i.junosState()).
			Leaf("ospf-area", i.Area).
			Leaf("dr-id", cmp.Or(i.DRID, "0.0.0.0")).
			Leaf("bdr-id", cmp.Or(i.BDRID, "0.0.0.0")).
			Leaf("neighbor-count", strconv.Itoa(i.Neighbors))
		if s := style(rpc); s == "detail" || s == "extensive" {
			e.Leaf("interface-type", i.junosType()).
				LeafIf("interface-address", prefixOf(i.Address, i.Bits)).
				Leaf("mtu", strconv.Itoa(i.MTU)).
				Leaf("interface-cost", strconv.Itoa(i.Cost)).
				Leaf("adj-count", strconv.Itoa(i.Neighbors)).
				Leaf("hello-interval", strconv.Itoa(i.HelloMsec/1000)).
				Leaf("dead-interval", strconv.Itoa(i.DeadSecs)).
				Leaf("retransmit-interval", strconv.Itoa(i.ReTxSecs))
			if i.Passive {
				e.Leaf("passive", "Passive")
			}
		}
		reply.Add(e)
	}
	return reply, nil
}

// junosState is the interface's state in Junos's short words. A passive one
// takes part in no election.
func (i ospfInterface) junosState() string {
	if i.Passive && i.Up {
		return "DRother"
	}
	names := map[string]string{
		"Point-To-Point": "PtToPt", "Loopback": "DRother", "DROther": "DRother",
		"Backup": "BDR", "Waiting": "Waiting", "Down": "Down", "DR": "DR",
	}
	return cmp.Or(names[i.State], i.State)
}

func (i ospfInterface) junosType() string {
	names := map[string]string{"POINTOPOINT": "P2P", "BROADCAST": "LAN", "LOOPBACK": "LAN", "POINTOMULTIPOINT": "P2MP", "NBMA": "NBMA"}
	return cmp.Or(names[i.Type], i.Type)
}

func ospfInterfacesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("Interface           State   Area            DR ID           BDR ID          Nbrs\n")
	for _, i := range reply.All("ospf-interface") {
		fmt.Fprintf(&b, "%-19s %-7s %-15s %-15s %-15s %4s\n", i.Value("interface-name"), i.Value("ospf-interface-state"),
			i.Value("ospf-area"), i.Value("dr-id"), i.Value("bdr-id"), i.Value("neighbor-count"))
		if i.Has("interface-type") {
			fmt.Fprintf(&b, "  Type: %s, Address: %s, MTU: %s, Cost: %s\n  Adj count: %s\n  Hello: %s, Dead: %s, ReXmit: %s\n",
				i.Value("interface-type"), i.Value("interface-address"), i.Value("mtu"), i.Value("interface-cost"),
				i.Value("adj-count"), i.Value("hello-interval"), i.Value("dead-interval"), i.Value("retransmit-interval"))
		}
	}
	return b.String()
}
