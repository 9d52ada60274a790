package oper

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// loopback is the kernel device below lo0.
const loopback = "lo"

// ethernetHeader is what Junos counts to the MTU of a physical Ethernet
// interface and the kernel does not.
const ethernetHeader = 14

// A view is one physical interface with its units, joined from the identity,
// the running configuration and the kernel.
type view struct {
	name  string // ge-0/0/0
	index int    // position in slot order, from 1
	link  junosemu.LinkState
	units []junosemu.InterfaceIntent
	links map[string]junosemu.LinkState // the kernel devices of units, by the units' names
	desc  string
}

// views lists the physical interfaces: the ports in slot order, then lo0. What is
// in a routing instance is seen there; of an instance alone, only what it has. What
// was counted before the counters were cleared is not in them.
func (r *Router) views(ctx context.Context) ([]view, error) {
	return r.viewsWith(ctx, r.root().counters.since)
}

// rawViews are the interfaces with the kernel's own counters.
func (r *Router) rawViews(ctx context.Context) ([]view, error) {
	return r.viewsWith(ctx, func(l junosemu.LinkState) junosemu.LinkState { return l })
}

// devices are the kernel devices of the instances that are asked about, by their
// names and by those of the units above them. Every instance has a loopback; by
// its name it is the first one's.
func (r *Router) devices(ctx context.Context, as func(junosemu.LinkState) junosemu.LinkState) (byName, byUnit map[string]junosemu.LinkState, err error) {
	byName, byUnit = map[string]junosemu.LinkState{}, map[string]junosemu.LinkState{}
	for _, instance := range r.all() {
		list, err := instance.Sensor.Links(ctx)
		if err != nil {
			return nil, nil, err
		}
		own := map[string]junosemu.LinkState{}
		for _, l := range list {
			device := l.Device
			if device == loopback {
				l.Device = instance.table(loopback)
			}
			own[device] = as(l)
			if _, there := byName[device]; !there {
				byName[device] = own[device]
			}
		}
		for _, u := range instance.Intent().Interfaces {
			byUnit[u.Junos] = own[u.Device]
		}
	}
	return byName, byUnit, nil
}

func (r *Router) viewsWith(ctx context.Context, as func(junosemu.LinkState) junosemu.LinkState) ([]view, error) {
	links, byUnit, err := r.devices(ctx, as)
	if err != nil {
		return nil, err
	}
	var all []view
	ports := append(slices.Clone(r.Identity.Ports), junosemu.Port{Junos: "lo0", Device: "lo"})
	for i, port := range ports {
		link, ok := links[port.Device]
		if !ok {
			continue // a port the lab gave no link
		}
		v := view{name: port.Junos, index: i + 1, link: link, units: r.unitsOf(port.Junos), links: byUnit}
		if r.instance != "" && len(v.units) == 0 {
			continue
		}
		for _, in := range r.configuredUnits() {
			if physical(in.Junos) == port.Junos && in.PortDescription != "" {
				v.desc = in.PortDescription
			}
		}
		all = append(all, v)
	}
	return all, nil
}

// interfaces answers get-interface-information in its styles: terse, brief,
// the default, detail and extensive; interface-name may be a glob.
func (r *Router) interfaces(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	all, err := r.views(ctx)
	if err != nil {
		return nil, err
	}
	want, found := rpc.Value("interface-name"), false
	s := style(rpc)
	reply := information("interface-information", "junos-interface")
	switch {
	case rpc.Has("descriptions"):
		s = "description"
		reply.Set("junos:style", s)
	case s == "":
		reply.Set("junos:style", "normal")
	default:
		reply.Set("junos:style", s)
	}
	for _, v := range all {
		wholePhysical, unit := matchInterface(want, v)
		if !wholePhysical && unit == "" {
			continue
		}
		found = true
		if unit != "" {
			v.units = slices.DeleteFunc(v.units, func(u junosemu.InterfaceIntent) bool { return u.Junos != unit })
		}
		switch {
		case s == "description":
			reply.Add(v.descriptions()...)
		case s == "terse" && unit != "":
			reply.Add(r.terseUnits(v)...)
		case s == "terse":
			reply.Add(r.terse(v))
		case unit != "":
			reply.Add(r.unitElement(v, v.units[0], s))
		default:
			reply.Add(r.physicalElement(v, s, rpc.Has("media")))
		}
	}
	if want != "" && !found && !strings.ContainsAny(want, "*?[") {
		return nil, &Refusal{Message: "device " + want + " not found"}
	}
	return reply, nil
}

// matchInterface compares a name or glob with a physical interface and its
// units: either the whole interface is meant or one unit of it.
func matchInterface(want string, v view) (whole bool, unit string) {
	if want == "" {
		return true, ""
	}
	// A glob's * matches the slashes of an interface name as well.
	glob := func(name string) bool {
		ok, err := path.Match(strings.ReplaceAll(want, "/", ":"), strings.ReplaceAll(name, "/", ":"))
		return err == nil && ok
	}
	if glob(v.name) {
		return true, ""
	}
	for _, u := range v.units {
		if glob(u.Junos) {
			return false, u.Junos
		}
	}
	return false, ""
}

func upDown(up bool) string {
	if up {
		return "up"
	}
	return "down"
}

// unitLink is the kernel device of a unit.
func (v view) unitLink(u junosemu.InterfaceIntent) junosemu.LinkState { return v.links[u.Junos] }

// operational reports whether a link forwards. A loopback has no carrier to lose.
func operational(l junosemu.LinkState) bool {
	return l.AdminUp && (l.CarrierUp || l.Device == loopback || strings.HasSuffix(l.Device, "."+loopback))
}

func (v view) descriptions() []*xmltree.Element {
	var all []*xmltree.Element
	status := func(name string, l junosemu.LinkState, text, kind string) {
		if text != "" {
			all = append(all, xmltree.New(kind).Leaf("name", name).Leaf("admin-status", upDown(l.AdminUp)).
				Leaf("oper-status", upDown(operational(l))).Leaf("description", text))
		}
	}
	status(v.name, v.link, v.desc, "physical-interface")
	for _, u := range v.units {
		status(u.Junos, v.unitLink(u), u.Description, "logical-interface")
	}
	return all
}

func (r *Router) terse(v view) *xmltree.Element {
	return xmltree.New("physical-interface").
		Leaf("name", v.name).
		Leaf("admin-status", upDown(v.link.AdminUp)).
		Leaf("oper-status", upDown(operational(v.link))).
		Add(r.terseUnits(v)...)
}

func (r *Router) terseUnits(v view) []*xmltree.Element {
	var all []*xmltree.Element
	for _, u := range v.units {
		l := v.unitLink(u)
		e := xmltree.New("logical-interface").
			Leaf("name", u.Junos).
			Leaf("admin-status", upDown(l.AdminUp && !u.Disabled)).
			Leaf("oper-status", upDown(operational(l))).
			Leaf("filter-information", "")
		for _, f := range r.unitFamilies(u, l) {
			e.Add(terseFamily(f, v.name == "lo0"))
		}
		all = append(all, e)
	}
	return all
}

// terseFamily is a family with its addresses; those of a loopback lead to
// anywhere, as Junos has it.
func terseFamily(f unitFamily, loopback bool) *xmltree.Element {
	emit := func(name, text string) *xmltree.Element { return xmltree.Leaf(name, text).Set("junos:emit", "emit") }
	e := xmltree.New("address-family").Leaf("address-family-name", f.name)
	for _, a := range f.addresses {
		text := a.String()
		if a.IsSingleIP() {
			text = a.Addr().String() // Junos leaves /32 and /128 out
		}
		ia := xmltree.New("interface-address").Add(emit("ifa-local", text))
		if loopback && a.Addr().Is4() {
			ia.Add(emit("ifa-destination", "0/0"))
		}
		e.Add(ia)
	}
	for _, a := range f.iso {
		e.Add(xmltree.New("interface-address").Add(emit("ifa-local", a)))
	}
	return e
}

// flapped is when a link last changed.
func (r *Router) flapped(l junosemu.LinkState) *xmltree.Element {
	return r.momentOrNever("interface-flapped", l.LastFlap)
}

// momentOrNever is a moment in Junos's form: when and how long ago, or Never.
func (r *Router) momentOrNever(name string, t time.Time) *xmltree.Element {
	if t.IsZero() {
		return xmltree.Leaf(name, "Never").Set("junos:seconds", "0")
	}
	since := max(0, r.Now().Sub(t))
	return xmltree.Leaf(name, stamp(t)+" ("+ago(since)+" ago)").Set("junos:seconds", strconv.Itoa(int(since/time.Second)))
}
