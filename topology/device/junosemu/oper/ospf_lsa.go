package oper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An ospfLSABody is an entry of "show ip ospf database router json", or of
// another type of LSA: what an LSA holds.
type ospfLSABody struct {
	ID      string `json:"linkStateId"`
	Router  string `json:"advertisingRouter"`
	Options string `json:"options"` // *|-|-|-|-|-|E|-
	Length  int    `json:"length"`

	Flags int                 `json:"flags"` // of a router: 1 ABR, 2 ASBR, 4 virtual link
	Links map[string]ospfLink `json:"routerLinks"`

	Mask     int            `json:"networkMask"`
	Attached map[string]any `json:"attchedRouters"` // FRR spells it so
	Metric   int            `json:"tos0Metric"`

	MetricType string `json:"metricType"` // E1, E2 and words
	External   int    `json:"metric"`
	Forward    string `json:"forwardAddress"`
	Tag        int    `json:"externalRouteTag"`
}

// An ospfLink is a link in a router's LSA.
type ospfLink struct {
	Type      string `json:"linkType"`
	Neighbor  string `json:"neighborRouterId"`
	DR        string `json:"designatedRouterAddress"`
	Interface string `json:"routerInterfaceAddress"`
	Network   string `json:"networkAddress"`
	Mask      string `json:"networkMask"`
	Metric    int    `json:"tos0Metric"`
}

// ospfBodyCommands are what FRR calls the types of LSAs that it shows whole, by
// Junos's name.
var ospfBodyCommands = map[string]string{
	"Router": "router", "Network": "network", "Summary": "summary", "ASBRSum": "asbr-summary", "NSSA": "nssa-external", "Extern": "external",
}

// lsaKey tells LSAs of one type apart; the area is empty for those of the AS.
type lsaKey struct{ area, id, router string }

// ospfBodies reads what the LSAs of a type hold.
func (r *Router) ospfBodies(ctx context.Context, kind string) (map[lsaKey]ospfLSABody, error) {
	command, ok := ospfBodyCommands[kind]
	if !ok {
		return nil, nil // an opaque one
	}
	var answer map[string]json.RawMessage
	if err := r.ask(ctx, "ospfd", "show ip ospf database "+command+" json", &answer); err != nil {
		return nil, err
	}
	all := map[lsaKey]ospfLSABody{}
	for name, raw := range answer {
		if !strings.HasSuffix(name, "LinkStates") {
			continue
		}
		var byArea struct {
			Areas map[string][]ospfLSABody `json:"areas"`
		}
		var outside []ospfLSABody
		switch {
		case json.Unmarshal(raw, &byArea) == nil:
		case json.Unmarshal(raw, &outside) == nil:
			byArea.Areas = map[string][]ospfLSABody{"": outside}
		}
		for area, list := range byArea.Areas {
			for _, b := range list {
				all[lsaKey{area, b.ID, b.Router}] = b
			}
		}
	}
	return all, nil
}

// optionBits are the bits of an LSA's options (RFC 2328, A.2), as FRR marks
// them from the highest on.
var optionBits = map[string]int{"O": 0x40, "DC": 0x20, "EA": 0x10, "N/P": 0x08, "MC": 0x04, "E": 0x02, "MT": 0x01}

func ospfOptions(marks string) string {
	bits := 0
	for _, m := range strings.Split(marks, "|") {
		bits |= optionBits[m]
	}
	return fmt.Sprintf("0x%x", bits)
}

// ospfLinkTypes are FRR's and Junos's words for links, with their numbers.
var ospfLinkTypes = map[string][2]string{
	"another Router (point-to-point)": {"PointToPoint", "1"}, "a Transit Network": {"Transit", "2"},
	"Stub Network": {"Stub", "3"}, "a Virtual Link": {"Virtual", "4"},
}

// element is what the LSA holds, by its type.
func (b ospfLSABody) element(kind string) *xmltree.Element {
	mask := net.IP(net.CIDRMask(b.Mask, 32)).String()
	topology := xmltree.New("ospf-lsa-topology").Leaf("ospf-topology-name", "default").Leaf("ospf-topology-id", "0")
	switch kind {
	case "Router":
		e := xmltree.New("ospf-router-lsa").Leaf("bits", fmt.Sprintf("0x%x", b.Flags)).Leaf("link-count", strconv.Itoa(len(b.Links)))
		for i := range len(b.Links) {
			e.Add(b.Links[fmt.Sprintf("link%d", i)].element())
		}
		return e
	case "Network":
		e := xmltree.New("ospf-network-lsa").Leaf("address-mask", mask)
		for _, id := range slices.Sorted(maps.Keys(b.Attached)) {
			e.Leaf("attached-router", id)
		}
		return e
	case "Summary", "ASBRSum":
		return xmltree.New("ospf-summary-lsa").Leaf("address-mask", mask).Add(topology.Leaf("ospf-topology-metric", strconv.Itoa(b.Metric)))
	case "Extern", "NSSA":
		what, _, _ := strings.Cut(strings.TrimPrefix(b.MetricType, "E"), " ")
		return xmltree.New("ospf-external-lsa").Leaf("address-mask", mask).Add(topology.
			Leaf("type-value", what).Leaf("ospf-topology-metric", strconv.Itoa(b.External)).
			Leaf("forward-address", b.Forward).Leaf("tag", dottedTag(b.Tag)))
	}
	return nil
}

// dottedTag is a route tag as Junos shows it here.
func dottedTag(tag int) string {
	return net.IPv4(byte(tag>>24), byte(tag>>16), byte(tag>>8), byte(tag)).String()
}

func (l ospfLink) element() *xmltree.Element {
	kind := ospfLinkTypes[l.Type]
	return xmltree.New("ospf-link").
		Leaf("link-id", cmp.Or(l.Neighbor, l.DR, l.Network)).
		Leaf("link-data", cmp.Or(l.Interface, l.Mask)).
		Leaf("link-type-name", cmp.Or(kind[0], l.Type)).Leaf("link-type-value", kind[1]).
		Leaf("ospf-topology-count", "0").Leaf("metric", strconv.Itoa(l.Metric))
}

// ospfBodyText prints what an LSA holds.
func ospfBodyText(b *strings.Builder, e *xmltree.Element) {
	if r := e.Child("ospf-router-lsa"); r != nil {
		fmt.Fprintf(b, "  bits %s, link count %s\n", r.Value("bits"), r.Value("link-count"))
		for _, l := range r.All("ospf-link") {
			fmt.Fprintf(b, "  id %s, data %s, Type %s (%s)\n    Topology count: %s, Default metric: %s\n", l.Value("link-id"), l.Value("link-data"),
				l.Value("link-type-name"), l.Value("link-type-value"), l.Value("ospf-topology-count"), l.Value("metric"))
		}
	}
	if n := e.Child("ospf-network-lsa"); n != nil {
		fmt.Fprintf(b, "  mask %s\n", n.Value("address-mask"))
		for _, a := range n.All("attached-router") {
			fmt.Fprintf(b, "  attached router %s\n", a.Text)
		}
	}
	if s := e.Child("ospf-summary-lsa"); s != nil {
		fmt.Fprintf(b, "  mask %s\n  Topology default (ID 0) -> Metric: %s\n", s.Value("address-mask"), s.Value("ospf-lsa-topology", "ospf-topology-metric"))
	}
	if x := e.Child("ospf-external-lsa"); x != nil {
		t := x.Child("ospf-lsa-topology")
		fmt.Fprintf(b, "  mask %s\n  Topology default (ID 0)\n    Type: %s, Metric: %s, Fwd addr: %s, Tag: %s\n", x.Value("address-mask"),
			t.Value("type-value"), t.Value("ospf-topology-metric"), t.Value("forward-address"), t.Value("tag"))
	}
}
