package oper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// kernelNeighbors reads the kernel's neighbor table of one address family, in
// the order of addresses, without entries of interfaces Junos does not have.
func (r *Router) kernelNeighbors(ctx context.Context, ipv6 bool) ([]junosemu.Neighbor, error) {
	all, err := r.Sensor.Neighbors(ctx)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(n junosemu.Neighbor) bool {
		unit := r.junosUnit(n.Device)
		return n.Address.Is6() != ipv6 || n.Address.IsMulticast() || unit == n.Device ||
			ipv6 && r.Families != nil && !r.speaksIPv6(unit, nil)
	})
	slices.SortFunc(all, func(a, b junosemu.Neighbor) int {
		return cmp.Or(a.Address.Compare(b.Address), cmp.Compare(a.Device, b.Device))
	})
	return all, nil
}

// arpTable answers get-arp-table-information. Entries without a hardware
// address are questions without an answer; Junos does not list them. When an
// entry expires is not known beforehand: the kernel asks again while it is used.
func (r *Router) arpTable(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.kernelNeighbors(ctx, false)
	if err != nil {
		return nil, err
	}
	reply := information("arp-table-information", "junos-arp").Set("junos:style", "normal")
	count := 0
	for _, n := range all {
		unit := r.junosUnit(n.Device)
		want := cmp.Or(rpc.Value("interface"), rpc.Value("interface-name"))
		if n.MAC == "" || want != "" && want != unit {
			continue
		}
		e := xmltree.New("arp-table-entry").
			Leaf("mac-address", n.MAC).
			Leaf("ip-address", n.Address.String())
		if !rpc.Has("no-resolve") {
			e.Leaf("hostname", n.Address.String())
		}
		flags := xmltree.New("arp-table-entry-flags")
		if n.State == "permanent" {
			flags.Add(xmltree.New("permanent"))
		} else {
			flags.Add(xmltree.New("none"))
		}
		reply.Add(e.Leaf("interface-name", unit).Add(flags))
		count++
	}
	return reply.Leaf("arp-entry-count", strconv.Itoa(count)), nil
}

func arpTableText(rpc, reply *xmltree.Element) string {
	var b strings.Builder
	names := !rpc.Has("no-resolve")
	if names {
		b.WriteString("MAC Address       Address         Name                      Interface               Flags\n")
	} else {
		b.WriteString("MAC Address       Address         Interface         Flags    \n")
	}
	for _, e := range reply.All("arp-table-entry") {
		flags := e.Child("arp-table-entry-flags").Children[0].Name
		if names {
			fmt.Fprintf(&b, "%-17s %-15s %-25s %-23s %s\n", e.Value("mac-address"), e.Value("ip-address"), e.Value("hostname"), e.Value("interface-name"), flags)
		} else {
			fmt.Fprintf(&b, "%-17s %-15s %-17s %s\n", e.Value("mac-address"), e.Value("ip-address"), e.Value("interface-name"), flags)
		}
	}
	fmt.Fprintf(&b, "Total entries: %s\n", reply.Value("arp-entry-count"))
	return b.String()
}

// ndTable answers get-ipv6-nd-information.
func (r *Router) ndTable(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.kernelNeighbors(ctx, true)
	if err != nil {
		return nil, err
	}
	reply := information("ipv6-nd-information", "junos-ipv6-nd")
	for _, n := range all {
		reply.Add(xmltree.New("ipv6-nd-entry").
			Leaf("ipv6-nd-neighbor-address", n.Address.String()).
			Leaf("ipv6-nd-neighbor-l2-address", cmp.Or(n.MAC, "none")).
			Leaf("ipv6-nd-state", n.State).
			Leaf("ipv6-nd-interface-name", r.junosUnit(n.Device)))
	}
	return reply.Leaf("ipv6-nd-total", strconv.Itoa(len(all))), nil
}

func ndTableText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("IPv6 Address                            Linklayer Address  State       Interface\n")
	for _, e := range reply.All("ipv6-nd-entry") {
		fmt.Fprintf(&b, "%-39s %-18s %-11s %s\n", e.Value("ipv6-nd-neighbor-address"), e.Value("ipv6-nd-neighbor-l2-address"),
			e.Value("ipv6-nd-state"), e.Value("ipv6-nd-interface-name"))
	}
	fmt.Fprintf(&b, "Total entries: %s\n", reply.Value("ipv6-nd-total"))
	return b.String()
}
