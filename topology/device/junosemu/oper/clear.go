package oper

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// clearOSPF3 performs clear-ospf3-neighbor-information. ospf6d can forget the
// neighbors of an interface, or of all.
func (r *Router) clearOSPF3(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	if neighbor := rpc.Value("neighbor"); neighbor != "" {
		return nil, &Refusal{Message: "one neighbor cannot be cleared alone here, its interface can", BadElement: neighbor}
	}
	command := "clear ipv6 ospf6 interface"
	if unit := rpc.Value("interface"); unit != "" {
		device, err := r.unitDevice(unit)
		if err != nil {
			return nil, err
		}
		command += " " + device
	}
	return r.act(ctx, "ospf6d", ospf3Off, command)
}

// clearISIS performs clear-isis-adjacency-information: one system's
// adjacencies or all.
func (r *Router) clearISIS(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	command := "clear isis neighbor"
	if system := rpc.Value("neighbor"); system != "" {
		if strings.ContainsAny(system, " \t\n?") {
			return nil, &Refusal{Message: "invalid system", BadElement: system}
		}
		command += " " + system
	}
	return r.act(ctx, "isisd", isisOff, command)
}

// unitDevice is the kernel device of a unit, or why there is none.
func (r *Router) unitDevice(unit string) (string, error) {
	for _, u := range r.Intent().Interfaces {
		if u.Junos == unit {
			return u.Device, nil
		}
	}
	return "", &Refusal{Message: "device " + unit + " not found"}
}

// clearARP performs clear-arp-table, clearND clear-ipv6-nd-information.
func (r *Router) clearARP(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	return r.clearNeighbors(ctx, rpc, "-4", "clear-arp-table-results")
}

func (r *Router) clearND(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	return r.clearNeighbors(ctx, rpc, "-6", "ipv6-modify-nd")
}

// clearNeighbors forgets entries of the kernel's neighbor table and names
// those that went. Permanent ones stay.
func (r *Router) clearNeighbors(ctx context.Context, rpc *xmltree.Element, family, answer string) (*xmltree.Element, error) {
	known, err := r.kernelNeighbors(ctx, family == "-6")
	if err != nil {
		return nil, err
	}
	host := cmp.Or(rpc.Value("hostname"), rpc.Value("host"))
	if _, err := netip.ParseAddr(host); host != "" && err != nil {
		return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: host}
	}
	reply := xmltree.New(answer)
	for _, n := range known {
		unit := rpc.Value("interface")
		if host != "" && n.Address.String() != host || unit != "" && r.junosUnit(n.Device) != unit || n.MAC == "" || n.State == "permanent" {
			continue
		}
		if _, err := r.Sensor.Exec(ctx, "ip", family, "neigh", "flush", "to", n.Address.String(), "dev", n.Device); err != nil {
			return nil, err
		}
		reply.Leaf("deleted", n.Address.String())
	}
	return reply, nil
}

func clearedText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, e := range reply.All("deleted") {
		b.WriteString(e.Text + strings.Repeat(" ", max(1, 20-len(e.Text))) + "deleted\n")
	}
	return b.String()
}

// clearStatistics performs clear-interfaces-statistics: from now on the
// counters of the interfaces are told without what they are now. The kernel's
// own cannot be set.
func (r *Router) clearStatistics(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.rawViews(ctx)
	if err != nil {
		return nil, err
	}
	want, found := rpc.Value("interface-name"), false
	cleared := map[string]junosemu.LinkState{}
	for _, v := range all {
		whole, unit := matchInterface(want, v)
		switch {
		case whole:
			cleared[v.link.Device] = v.link
			for _, u := range v.units {
				l := v.unitLink(u)
				cleared[l.Device] = l
			}
		case unit != "":
			i := slices.IndexFunc(v.units, func(u junosemu.InterfaceIntent) bool { return u.Junos == unit })
			l := v.unitLink(v.units[i])
			cleared[l.Device] = l
		default:
			continue
		}
		found = true
	}
	if !found {
		return nil, &Refusal{Message: "device " + want + " not found"}
	}
	r.root().counters.forget(cleared, r.Now())
	return nil, nil
}
