package oper

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A Binding is what a family of a logical interface is configured to filter and
// police packets with: names, in their order.
type Binding struct {
	FilterInput, FilterOutput   []string
	PolicerInput, PolicerOutput string
}

// interfaceFilters answers get-interface-filter-information and
// interfacePolicers get-interface-policer-information: the families of every
// unit, and what is bound to them.
func (r *Router) interfaceFilters(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	return r.bindings(ctx, rpc, "interface-filter-information", func(b Binding) *xmltree.Element {
		e := xmltree.New("filter-information")
		for _, f := range b.FilterInput {
			e.Leaf("filter-input", f)
		}
		for _, f := range b.FilterOutput {
			e.Leaf("filter-output", f)
		}
		return e
	})
}

func (r *Router) interfacePolicers(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	return r.bindings(ctx, rpc, "interface-policer-information", func(b Binding) *xmltree.Element {
		return xmltree.New("policer-information").LeafIf("policer-input", b.PolicerInput).LeafIf("policer-output", b.PolicerOutput)
	})
}

// bindings lists the interfaces that a request names, with what bound makes of
// each family's binding where that is not empty.
func (r *Router) bindings(ctx context.Context, rpc *xmltree.Element, name string, bound func(Binding) *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.views(ctx)
	if err != nil {
		return nil, err
	}
	want := rpc.Value("interface-name")
	reply := information(name, "junos-interface")
	for _, v := range all {
		whole, unit := matchInterface(want, v)
		if !whole && unit == "" {
			continue
		}
		port := xmltree.New("physical-interface").Leaf("name", v.name).
			Leaf("admin-status", upDown(v.link.AdminUp)).Leaf("oper-status", upDown(operational(v.link)))
		for _, u := range v.units {
			if unit == "" || unit == u.Junos {
				port.Add(r.boundUnit(u, v.unitLink(u), bound))
			}
		}
		reply.Add(port)
	}
	if want != "" && len(reply.Children) == 0 && !strings.ContainsAny(want, "*?[") {
		return nil, &Refusal{Message: "device " + want + " not found"}
	}
	return reply, nil
}

func (r *Router) boundUnit(u junosemu.InterfaceIntent, l junosemu.LinkState, bound func(Binding) *xmltree.Element) *xmltree.Element {
	e := xmltree.New("logical-interface").Leaf("name", u.Junos).
		Leaf("admin-status", upDown(l.AdminUp && !u.Disabled)).Leaf("oper-status", upDown(operational(l)))
	for _, f := range r.unitFamilies(u, l) {
		family := xmltree.New("address-family").Leaf("address-family-name", f.name)
		if r.Bound != nil {
			if b := bound(r.Bound(u.Junos, f.name)); len(b.Children) > 0 {
				family.Add(b)
			}
		}
		e.Add(family)
	}
	return e
}

// bindingColumns are the elements of what is bound, by the reply that they are
// in, and the headings of their columns.
var bindingColumns = map[string]struct{ element, input, output, heading string }{
	"interface-filter-information":  {"filter-information", "filter-input", "filter-output", "Input Filter         Output Filter"},
	"interface-policer-information": {"policer-information", "policer-input", "policer-output", "Input Policer        Output Policer"},
}

func bindingsText(_, reply *xmltree.Element) string {
	columns := bindingColumns[reply.Name]
	var b strings.Builder
	fmt.Fprintf(&b, "Interface       Admin Link Proto %s\n", columns.heading)
	row := func(head, family, input, output string) {
		b.WriteString(strings.TrimRight(fmt.Sprintf("%-26s %-5s %-20s %s", head, family, input, output), " ") + "\n")
	}
	for _, port := range reply.All("physical-interface") {
		for _, i := range slices.Concat([]*xmltree.Element{port}, port.All("logical-interface")) {
			head := fmt.Sprintf("%-15s %-5s %s", i.Value("name"), i.Value("admin-status"), i.Value("oper-status"))
			families := i.All("address-family")
			if len(families) == 0 {
				row(head, "", "", "")
			}
			for _, f := range families {
				input, output := f.Child(columns.element).All(columns.input), f.Child(columns.element).All(columns.output)
				name := f.Value("address-family-name")
				for n := range max(1, len(input), len(output)) {
					row(head, name, nth(input, n), nth(output, n))
					head, name = "", ""
				}
			}
		}
	}
	return b.String()
}

// nth is the text of an element of a list, empty behind its end.
func nth(list []*xmltree.Element, n int) string {
	if n >= len(list) {
		return ""
	}
	return list[n].Text
}
