package oper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// vrrpOff is what Junos says of VRRP that is not configured.
const vrrpOff = "vrrp subsystem not running - not needed by configuration."

// A vrrpGroup is an entry of "show vrrp json": a group with its parts for the
// two address families.
type vrrpGroup struct {
	ID        int      `json:"vrid"`
	Interface string   `json:"interface"`
	V4        vrrpPart `json:"v4"`
	V6        vrrpPart `json:"v6"`
}

// A vrrpPart is one address family of a group.
type vrrpPart struct {
	Status   string `json:"status"`
	Priority int    `json:"effectivePriority"`
}

// vrrpStates are Junos's words for vrrpd's.
var vrrpStates = map[string]string{"Master": "master", "Backup": "backup", "Initialize": "init"}

// virtualRouter is the virtual router whose kernel device this is, or nil.
func (r *Router) virtualRouter(device string) *junosemu.VirtualRouter {
	routers := r.Intent().VirtualRouters
	for i := range routers {
		if routers[i].Device == device {
			return &routers[i]
		}
	}
	return nil
}

// A vrrpView is a virtual router as configured and as it is.
type vrrpView struct {
	junosemu.VirtualRouter
	up       bool   // its interface
	state    string // master, backup, init
	priority int    // less what is tracked
}

// vrrpViews are the virtual routers that a request is about.
func (r *Router) vrrpViews(ctx context.Context, rpc *xmltree.Element) ([]vrrpView, error) {
	routers := r.Intent().VirtualRouters
	if len(routers) == 0 {
		return nil, &inactiveError{vrrpOff}
	}
	var groups []vrrpGroup
	if err := r.ask(ctx, "vrrpd", "show vrrp json", &groups); errors.Is(err, junosemu.ErrNotRunning) {
		return nil, &inactiveError{vrrpOff}
	} else if err != nil {
		return nil, err
	}
	links, err := r.Sensor.Links(ctx)
	if err != nil {
		return nil, err
	}
	var views []vrrpView
	for _, v := range routers {
		if want := cmp.Or(rpc.Value("interface"), rpc.Value("interface-name")); want != "" && want != v.Junos && want != physical(v.Junos) {
			continue
		}
		view := vrrpView{VirtualRouter: v, state: "init", priority: v.Priority}
		for _, l := range links {
			view.up = view.up || l.Device == v.Parent && l.AdminUp && l.CarrierUp
		}
		for _, g := range groups {
			if g.ID == v.Group && g.Interface == v.Parent {
				view.is(g)
			}
		}
		views = append(views, view)
	}
	return views, nil
}

// is notes what vrrpd says. It goes on in its state while the link is down.
func (v *vrrpView) is(g vrrpGroup) {
	part := g.V4
	if v.IPv6 {
		part = g.V6
	}
	if v.up {
		v.state = cmp.Or(vrrpStates[part.Status], "unknown")
	}
	if !v.Owner() {
		v.priority = part.Priority
	}
}

// vrrp answers get-vrrp-information. vrrpd does not tell how its timers stand,
// nor a backup's master; so they are left out.
func (r *Router) vrrp(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	views, err := r.vrrpViews(ctx, rpc)
	if err != nil {
		return nil, err
	}
	level := level(rpc)
	reply := information("vrrp-information", "junos-vrrp").Set("junos:style", level)
	for _, v := range views {
		e := xmltree.New("vrrp-interface")
		if level == "detail" || level == "extensive" {
			r.vrrpDetail(e, v)
		} else {
			e.Leaf("interface", v.Junos).Leaf("interface-state", upDown(v.up)).Leaf("group", strconv.Itoa(v.Group)).
				Leaf("vrrp-state", v.state).Leaf("vrrp-mode", "Active").
				Leaf("local-interface-address", v.Own.Addr().String())
			for _, a := range v.Addresses {
				e.Leaf("virtual-ip-address", a.String())
			}
		}
		reply.Add(e)
	}
	return reply, nil
}

// level is how much a request wants to see: brief unless it says otherwise.
func level(rpc *xmltree.Element) string {
	for _, l := range []string{"extensive", "detail", "summary"} {
		if rpc.Has(l) {
			return l
		}
	}
	return "brief"
}

func (r *Router) vrrpDetail(e *xmltree.Element, v vrrpView) {
	ifd, number, _ := strings.Cut(v.Junos, ".")
	vlan := xmltree.New("vrrp-vlan").Leaf("physical-interface", ifd).Leaf("unit", number)
	if _, tag, tagged := strings.Cut(v.Parent, "."); tagged {
		vlan.Leaf("vlan-id", tag)
	}
	e.Add(vlan).
		Leaf("local-interface-address", v.Own.String()).
		Leaf("vrrp-version", strconv.Itoa(v.Version)).
		Leaf("interface-state", upDown(v.up)).Leaf("group", strconv.Itoa(v.Group)).
		Leaf("vrrp-state", v.state).Leaf("vrrp-mode", "Active").
		Leaf("priority", strconv.Itoa(v.priority)).
		Leaf("advertisement-interval", strconv.FormatFloat(float64(v.Interval)/1000, 'f', -1, 64)).
		Leaf("authentication-type", "none").
		Leaf("preempt", yesNo(v.Preempt)).Leaf("accept-data-mode", yesNo(v.Accept || v.Owner())).
		Leaf("vip-count", strconv.Itoa(len(v.Addresses)))
	for _, a := range v.Addresses {
		e.Leaf("virtual-ip-address", a.String())
	}
	if v.state == "master" {
		e.Leaf("master-router", v.Own.Addr().String())
	}
	e.Leaf("virtual-mac", v.MAC)
	if len(v.Tracks) == 0 {
		e.Leaf("vrrp-tracking", "disabled")
		return
	}
	e.Leaf("vrrp-tracking", "enabled").
		Leaf("current-priority", strconv.Itoa(v.priority)).Leaf("configured-priority", strconv.Itoa(v.Priority))
	for _, t := range v.Tracks {
		e.Add(xmltree.New("interface-tracking").Leaf("interface-name", t.Junos).Leaf("priority-cost", strconv.Itoa(t.Cost)))
	}
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}

func vrrpText(_, reply *xmltree.Element) string {
	switch reply.Attr("junos:style") {
	case "detail", "extensive":
		return vrrpDetailText(reply)
	case "summary":
		return vrrpTable(reply, "Interface     State       Group   VR state       VR Mode    Type   Address\n", "%-13s %-10s %6s   %-14s  %-9s %s    %s\n")
	}
	return vrrpTable(reply, "Interface     State       Group   VR state VR Mode   Timer    Type   Address\n", "%-13s %-10s %6s   %-8s %-18s   %s    %s\n")
}

// vrrpTable has a line for each address of each group.
func vrrpTable(reply *xmltree.Element, head, line string) string {
	var b strings.Builder
	b.WriteString(head)
	for _, e := range reply.All("vrrp-interface") {
		fmt.Fprintf(&b, line, e.Value("interface"), e.Value("interface-state"), e.Value("group"), e.Value("vrrp-state"),
			e.Value("vrrp-mode"), "lcl", e.Value("local-interface-address"))
		for _, a := range e.All("virtual-ip-address") {
			fmt.Fprintf(&b, line, "", "", "", "", "", "vip", a.Text)
		}
	}
	return b.String()
}

func vrrpDetailText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, e := range reply.All("vrrp-interface") {
		vlan := e.Child("vrrp-vlan")
		fmt.Fprintf(&b, "Physical interface: %s, Unit: %s", vlan.Value("physical-interface"), vlan.Value("unit"))
		if tag := vlan.Value("vlan-id"); tag != "" {
			fmt.Fprintf(&b, ", Vlan-id: %s", tag)
		}
		fmt.Fprintf(&b, ", Address: %s\n", e.Value("local-interface-address"))
		fmt.Fprintf(&b, "  VRRP-Traps: disabled, VRRP-Version: %s\n", e.Value("vrrp-version"))
		fmt.Fprintf(&b, "  Interface state: %s, Group: %s, State: %s, VRRP Mode: %s\n",
			e.Value("interface-state"), e.Value("group"), e.Value("vrrp-state"), e.Value("vrrp-mode"))
		fmt.Fprintf(&b, "  Priority: %s, Advertisement interval: %s, Authentication type: %s\n",
			e.Value("priority"), e.Value("advertisement-interval"), e.Value("authentication-type"))
		var addresses []string
		for _, a := range e.All("virtual-ip-address") {
			addresses = append(addresses, a.Text)
		}
		fmt.Fprintf(&b, "  Preempt: %s, Accept-data mode: %s, VIP count: %s, VIP: %s\n",
			e.Value("preempt"), e.Value("accept-data-mode"), e.Value("vip-count"), strings.Join(addresses, ", "))
		if master := e.Value("master-router"); master != "" {
			fmt.Fprintf(&b, "  Master router: %s\n", master)
		}
		fmt.Fprintf(&b, "  Virtual Mac: %s\n  Tracking: %s\n", e.Value("virtual-mac"), e.Value("vrrp-tracking"))
		if e.Has("current-priority") {
			fmt.Fprintf(&b, "    Current priority: %s, Configured priority: %s\n", e.Value("current-priority"), e.Value("configured-priority"))
		}
		for _, t := range e.All("interface-tracking") {
			fmt.Fprintf(&b, "    Interface: %s, Priority cost: %s\n", t.Value("interface-name"), t.Value("priority-cost"))
		}
		b.WriteByte('\n')
	}
	return b.String()
}
