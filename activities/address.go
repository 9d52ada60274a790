package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// address returns the first address of what a plan names: an address, or a
// node.
func (d *Device) address(ctx context.Context, ref LabRef, name string) (netip.Addr, error) {
	all, err := d.addresses(ctx, ref, name)
	if err != nil {
		return netip.Addr{}, err
	}
	return all[0], nil
}

// addresses returns every address by which a node may show itself, the one to
// reach it by first: the label of a generator port, the loopback interface of
// a router, the first interface of a host.
func (d *Device) addresses(ctx context.Context, ref LabRef, name string) ([]netip.Addr, error) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{addr}, nil
	}
	lab, node, err := d.Labs.Node(ref, name)
	if err != nil {
		return nil, err
	}
	var found []netip.Addr
	switch t := lab.Topology.Node(name); {
	case t != nil && t.IsGenerator():
		found = labelAddresses(t)
	case topology.IsJunos(node.Kind):
		found, err = d.routerAddresses(ctx, ref, name)
	default:
		found, err = d.hostAddresses(ctx, ref, name)
	}
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("node %s has no address", name)
	}
	return found, nil
}

func labelAddresses(n *topology.Node) []netip.Addr {
	var found []netip.Addr
	for _, word := range words(n.Labels[topology.LabelAddress]) {
		if prefix, err := netip.ParsePrefix(word); err == nil {
			found = append(found, prefix.Addr())
		}
	}
	return found
}

// routerAddresses reads a router's interfaces: those of lo0 first, IPv4 before
// IPv6.
func (d *Device) routerAddresses(ctx context.Context, ref LabRef, node string) ([]netip.Addr, error) {
	var reply []byte
	err := d.with(ctx, ref, node, func(s device.Session) (err error) {
		reply, err = s.Get(ctx, "<get-interface-information><terse/></get-interface-information>")
		return err
	})
	if err != nil {
		return nil, err
	}
	return parseInterfaceAddresses(reply)
}

func parseInterfaceAddresses(reply []byte) ([]netip.Addr, error) {
	var doc struct {
		Logical []struct {
			Name   string   `xml:"name"`
			Locals []string `xml:"address-family>interface-address>ifa-local"`
		} `xml:"physical-interface>logical-interface"`
	}
	start, dec, err := findElement(reply, "interface-information")
	if err == nil {
		err = dec.DecodeElement(&doc, &start)
	}
	if err != nil {
		return nil, fmt.Errorf("interfaces: %w", err)
	}
	var ranks [4][]netip.Addr // lo0 IPv4, lo0 IPv6, others IPv4, others IPv6
	for _, l := range doc.Logical {
		for _, local := range l.Locals {
			text, _, _ := strings.Cut(strings.TrimSpace(local), "/")
			addr, err := netip.ParseAddr(text)
			if err != nil || addr.IsLoopback() || addr.IsLinkLocalUnicast() {
				continue
			}
			rank := 0
			if addr.Is6() {
				rank = 1
			}
			if !strings.HasPrefix(strings.TrimSpace(l.Name), "lo0.") {
				rank += 2
			}
			ranks[rank] = append(ranks[rank], addr)
		}
	}
	var found []netip.Addr
	for _, addrs := range ranks {
		found = append(found, addrs...)
	}
	return found, nil
}

// hostAddresses asks a host's kernel, IPv4 before IPv6.
func (d *Device) hostAddresses(ctx context.Context, ref LabRef, node string) ([]netip.Addr, error) {
	result, err := d.exec(ctx, ref, node, "ip", "-json", "address", "show")
	if err != nil {
		return nil, err
	}
	if result.Code != 0 {
		return nil, fmt.Errorf("ip address show on %s: %s", node, strings.TrimSpace(result.Stderr))
	}
	return parseHostAddresses([]byte(result.Stdout))
}

func parseHostAddresses(output []byte) ([]netip.Addr, error) {
	var links []struct {
		Addresses []struct {
			Local netip.Addr `json:"local"`
			Scope string     `json:"scope"`
		} `json:"addr_info"`
	}
	if err := json.Unmarshal(output, &links); err != nil {
		return nil, fmt.Errorf("ip address show: %w", err)
	}
	var v4, v6 []netip.Addr
	for _, l := range links {
		for _, a := range l.Addresses {
			switch {
			case a.Scope != "global":
			case a.Local.Is4():
				v4 = append(v4, a.Local)
			default:
				v6 = append(v6, a.Local)
			}
		}
	}
	return append(v4, v6...), nil
}
