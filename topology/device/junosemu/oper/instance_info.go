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

// instances answers get-instance-information for one instance.
func (r *Router) instances(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	level := level(rpc)
	detail := slices.Contains([]string{"detail", "extensive"}, level)
	reply := information("instance-information", "junos-routing").Set("junos:style", "terse")
	if detail {
		reply.Set("junos:style", "detail")
	}
	if want := rpc.Value("instance-name"); want != "" && want != r.instanceName() {
		return reply, nil
	}
	core := xmltree.New("instance-core").
		Leaf("instance-name", r.instanceName()).
		Leaf("instance-type", cmp.Or(r.instanceType, "forwarding")).
		LeafIf("router-id", routerID(r.Intent().FRR))
	if detail {
		core.Leaf("instance-state", "Active")
		for _, u := range r.Intent().Interfaces {
			if r.instance != "" && strings.Contains(u.Junos, ".") { // Junos lists none of the master instance
				core.Add(xmltree.New("instance-interface").Leaf("interface-name", u.Junos))
			}
		}
	}
	for _, f := range families {
		t, err := r.readTable(ctx, f)
		if err != nil {
			return nil, err
		}
		if len(t.routes) == 0 {
			continue
		}
		_, total, active, hidden := t.counts()
		core.Add(xmltree.New("instance-rib").
			Leaf("irib-name", t.name).
			Leaf("irib-active-count", strconv.Itoa(active)).
			Leaf("irib-holddown-count", "0").
			Leaf("irib-hidden-count", strconv.Itoa(hidden)).
			Leaf("irib-route-count", strconv.Itoa(total)))
	}
	return reply.Add(core), nil
}

func instancesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	if reply.Attr("junos:style") == "detail" {
		for _, i := range reply.All("instance-core") {
			instanceDetail(&b, i)
		}
		return b.String()
	}
	b.WriteString("Instance             Type\n         Primary RIB                                     Active/holddown/hidden\n")
	for _, i := range reply.All("instance-core") {
		fmt.Fprintf(&b, "%-20s %s\n", i.Value("instance-name"), i.Value("instance-type"))
		for _, t := range i.All("instance-rib") {
			fmt.Fprintf(&b, "         %-47s %s/%s/%s\n", t.Value("irib-name"), t.Value("irib-active-count"),
				t.Value("irib-holddown-count"), t.Value("irib-hidden-count"))
		}
	}
	return b.String()
}

// instanceDetail is one instance in the detailed form.
func instanceDetail(b *strings.Builder, i *xmltree.Element) {
	fmt.Fprintf(b, "%s:\n", i.Value("instance-name"))
	line(b, "Router ID", i.Value("router-id"))
	fmt.Fprintf(b, "  Type: %-17s State: %s\n", i.Value("instance-type"), i.Value("instance-state"))
	if interfaces := i.All("instance-interface"); len(interfaces) > 0 {
		b.WriteString("  Interfaces:\n")
		for _, u := range interfaces {
			fmt.Fprintf(b, "    %s\n", u.Value("interface-name"))
		}
	}
	if tables := i.All("instance-rib"); len(tables) > 0 {
		b.WriteString("  Tables:\n")
		for _, t := range tables {
			fmt.Fprintf(b, "    %-22s : %s routes (%s active, %s holddown, %s hidden)\n", t.Value("irib-name"), t.Value("irib-route-count"),
				t.Value("irib-active-count"), t.Value("irib-holddown-count"), t.Value("irib-hidden-count"))
		}
	}
}
