package intent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// The order of filters that see the same packet on its way out: first the one of
// all that the router sends, then the interface's.
const (
	priorityVRRP      = -320
	priorityRouter    = -310
	priorityInterface = -300
)

// silence keeps the router from answering to the addresses of virtual routers
// that are not configured to; neighbors may still ask for their MAC address.
func (f *firewall) silence() {
	chain := junosemu.FirewallChain{Name: "vrrp.input", Hook: "input", Priority: priorityVRRP}
	for _, v := range f.c.out.VirtualRouters {
		if v.Accept || v.Owner() {
			continue
		}
		for _, a := range v.Addresses {
			if v.IPv6 {
				chain.Rules = append(chain.Rules, "ip6 daddr "+a.String()+" icmpv6 type != { 135, 136 } drop",
					"ip6 daddr "+a.String()+" meta l4proto != 58 drop")
			} else {
				chain.Rules = append(chain.Rules, "ip daddr "+a.String()+" drop")
			}
		}
	}
	if len(chain.Rules) > 0 {
		f.out.Chains = append(f.out.Chains, chain)
	}
}

// devices are the kernel devices by which packets of an interface come in: its
// own, and those of its virtual routers.
func (c *compiler) devices(u unit) []string {
	devices := []string{u.device}
	for _, v := range c.out.VirtualRouters {
		if v.Parent == u.device {
			devices = append(devices, v.Device)
		}
	}
	return devices
}

// A hook is a place where filters are bound: a base chain, and how it knows the
// packets of a device.
type hook struct {
	chain    junosemu.FirewallChain
	loopback bool   // it is lo0's
	output   bool   // it is for output filters
	device   string // match of a device's packets, with %s for its name
}

// hooks are the base chains. Rejecting works in all of them.
func hooks() []*hook {
	chain := func(name, hook string, priority int) junosemu.FirewallChain {
		return junosemu.FirewallChain{Name: name, Hook: hook, Priority: priority}
	}
	return []*hook{
		{chain: chain("interface.input", "prerouting", priorityInterface), device: `iifname "%s"`},
		{chain: chain("router.input", "input", priorityInterface), loopback: true, device: `iifname != "%s"`},
		{chain: chain("router.output", "output", priorityRouter), loopback: true, output: true, device: `oifname != "%s"`},
		{chain: chain("interface.output", "output", priorityInterface), output: true, device: `oifname "%s"`},
		{chain: chain("interface.forward", "forward", priorityInterface), output: true, device: `oifname "%s"`},
	}
}

// bind makes the base chains that some interface needs, and tells whether there
// is one.
func (f *firewall) bind() (bound bool) {
	all := hooks()
	for _, u := range f.filtered() {
		for _, family := range []string{"inet", "inet6"} {
			ifd, number, _ := strings.Cut(u.name, ".")
			at := f.c.root.Lookup("interfaces", ifd, "unit", number, "family", family)
			for _, direction := range []string{"input", "output"} {
				f.bindUnit(all, u, at, family, direction)
			}
		}
	}
	for _, h := range all {
		if len(h.chain.Rules) > 0 {
			f.out.Chains = append(f.out.Chains, h.chain)
			bound = true
		}
	}
	return bound
}

// filtered are the interfaces whose filters count: those of the instance. A
// routing instance without a loopback of its own is protected by the master one's.
func (f *firewall) filtered() []unit {
	loopback := slices.ContainsFunc(f.c.units, unit.loopback)
	if f.c.instance == "" || loopback {
		return f.c.units
	}
	return append(slices.Clone(f.c.units), unit{name: "lo0.0", device: "lo"})
}

// bindUnit binds one direction of an interface's address family.
func (f *firewall) bindUnit(all []*hook, u unit, at *config.Node, family, direction string) {
	if !at.Has("filter", direction) && !at.Has("filter", direction+"-list") {
		return
	}
	names := at.Values("filter", direction+"-list")
	isList := len(names) > 0
	if one := at.Value("filter", direction, "filter-name"); one != "" {
		names, isList = []string{one}, false
	}
	chains := f.bound(u, at, family, direction, names, isList)
	for _, h := range all {
		if h.loopback != u.loopback() || h.output != (direction == "output") {
			continue
		}
		for _, device := range f.c.devices(u) {
			match := fmt.Sprintf(h.device, device) + " meta nfproto " + nfproto(family)
			for _, chain := range chains {
				h.chain.Rules = append(h.chain.Rules, match+" jump "+chain)
			}
			h.chain.Rules = append(h.chain.Rules, match+" drop")
		}
	}
}

func nfproto(family string) string {
	if family == "inet6" {
		return "ipv6"
	}
	return "ipv4"
}

// bound are the chains of the filters that are bound somewhere. The filters of a
// list, and those that ask for it, are there for this place alone, with counters
// of their own.
func (f *firewall) bound(u unit, at *config.Node, family, direction string, names []string, isList bool) (chains []string) {
	label := "-" + u.name + "-" + direction[:1]
	shown := ""
	for _, name := range names {
		n := f.c.filterNode(family, name)
		if n == nil {
			f.c.fail(at, "filter", fmt.Sprintf("Referenced filter '%s' is not defined", name))
			continue
		}
		fl := filter{node: n, v6: family == "inet6"}
		want := ""
		switch {
		case isList:
			fl.label, want = label, label[1:]
		case n.Has("interface-specific"):
			fl.label, want = label, name+label
		}
		if want != shown {
			f.show(want)
			shown = want
		}
		if want != "" {
			fl.shown = &f.out.Filters[len(f.out.Filters)-1]
		}
		chains = append(chains, f.chain(fl))
	}
	return chains
}

// filterNode finds a filter that is referred to.
func (c *compiler) filterNode(family, name string) *config.Node {
	for _, n := range c.filterNodes(family) {
		if n.Key() == name {
			return n
		}
	}
	return nil
}
