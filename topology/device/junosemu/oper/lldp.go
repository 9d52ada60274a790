package oper

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// lldpOff is the answer where LLDP is not configured: an empty table would say
// that nobody is there.
const lldpOff = "LLDP is not running"

// lldpSettings are what the running configuration says of LLDP.
func (r *Router) lldpSettings() (*junosemu.LLDP, error) {
	if settings := r.Intent().LLDP; settings != nil {
		return settings, nil
	}
	return nil, &inactiveError{lldpOff}
}

// heard are the systems heard on a port, or on all ports if there is no name.
func (r *Router) heard(ctx context.Context, port string) ([]junosemu.LLDPNeighbor, error) {
	settings, err := r.lldpSettings()
	if err != nil {
		return nil, err
	}
	speaker, ok := r.Sensor.(junosemu.LLDPSpeaker)
	if !ok {
		return nil, &inactiveError{lldpOff}
	}
	all, err := speaker.LLDPNeighbors(ctx)
	if err != nil {
		return nil, err
	}
	device := ""
	if port != "" {
		if device = r.portDevice(port); device == "" {
			return nil, &Refusal{Message: "interface name is not valid", BadElement: port}
		}
	}
	all = slices.DeleteFunc(slices.Clone(all), func(n junosemu.LLDPNeighbor) bool {
		return device != "" && n.Device != device || lldpPort(settings, n.Device) == nil
	})
	return all, nil
}

// portDevice is the kernel device of a port, "" if there is none of that name.
func (r *Router) portDevice(name string) string {
	for _, p := range r.Identity.Ports {
		if p.Junos == name || p.Junos+".0" == name {
			return p.Device
		}
	}
	return ""
}

// lldpPort is the port of a kernel device, nil where LLDP is not spoken.
func lldpPort(settings *junosemu.LLDP, device string) *junosemu.LLDPPort {
	for i := range settings.Ports {
		if settings.Ports[i].Device == device {
			return &settings.Ports[i]
		}
	}
	return nil
}

// askedPort is the port that a request is about, by either of its RPCs.
func askedPort(rpc *xmltree.Element) string {
	return cmp.Or(rpc.Value("interface-device"), rpc.Value("interface-name"), rpc.Value("interface"))
}

// lldpNeighbors answers get-lldp-neighbors-information, and in detail
// get-lldp-interface-neighbors.
func (r *Router) lldpNeighbors(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	neighbors, err := r.heard(ctx, askedPort(rpc))
	if err != nil {
		return nil, err
	}
	settings := r.Intent().LLDP
	detail := askedPort(rpc) != "" || rpc.Has("detail") || rpc.Name == "get-lldp-neighbor-detail-information"
	style := "brief"
	if detail {
		style = "detail"
	}
	reply := information("lldp-neighbors-information", "junos-lldp").Set("junos:style", style)
	for i, n := range neighbors {
		e := xmltree.New("lldp-neighbor-information")
		port := lldpPort(settings, n.Device)
		if detail {
			r.lldpDetail(e, n, port, i+1)
		} else {
			e.Leaf("lldp-local-port-id", port.Junos).Leaf("lldp-local-parent-interface-name", "-")
			lldpRemote(e, n)
			e.LeafIf("lldp-remote-system-name", n.SystemName)
		}
		reply.Add(e)
	}
	return reply, nil
}

// lldpRemote is how the neighbor names itself and its port.
func lldpRemote(e *xmltree.Element, n junosemu.LLDPNeighbor) {
	e.Leaf("lldp-remote-chassis-id-subtype", subtype(chassisSubtypes, n.ChassisSubtype)).
		Leaf("lldp-remote-chassis-id", n.ChassisID).
		Leaf("lldp-remote-port-id-subtype", subtype(portSubtypes, n.PortSubtype)).
		Leaf("lldp-remote-port-id", n.PortID).
		LeafIf("lldp-remote-port-description", n.PortDescription)
}

// Junos's words for the subtypes of chassis and port IDs.
var (
	chassisSubtypes = map[int]string{1: "Chassis component", 2: "Interface alias", 3: "Port component", 4: "Mac address", 5: "Network address", 6: "Interface name", 7: "Locally assigned"}
	portSubtypes    = map[int]string{1: "Interface alias", 2: "Port component", 3: "Mac address", 4: "Network address", 5: "Interface name", 6: "Agent circuit ID", 7: "Locally assigned"}
)

func subtype(words map[int]string, number int) string {
	return cmp.Or(words[number], "Reserved "+strconv.Itoa(number))
}

func (r *Router) lldpDetail(e *xmltree.Element, n junosemu.LLDPNeighbor, port *junosemu.LLDPPort, index int) {
	e.Leaf("lldp-index", strconv.Itoa(index)).
		Leaf("lldp-ttl", strconv.Itoa(n.TTL)).
		Leaf("lldp-timemark", n.Heard.Format("Mon Jan _2 15:04:05 2006")).
		Leaf("lldp-age", strconv.Itoa(int(max(0, r.Now().Sub(n.Heard))/time.Second))).
		Leaf("lldp-local-interface", port.Junos).
		Leaf("lldp-local-parent-interface-name", "-").
		Leaf("lldp-local-port-id", strconv.Itoa(port.Index)).
		Leaf("lldp-local-port-ageout-count", strconv.Itoa(n.Ageouts))
	lldpRemote(e, n)
	e.LeafIf("lldp-remote-system-name", n.SystemName)
	if n.SystemDescription != "" {
		e.Add(xmltree.New("lldp-system-description").Leaf("lldp-remote-system-description", n.SystemDescription))
	}
	e.LeafIf("lldp-remote-system-capabilities-supported", capabilities(n.Supported)).
		LeafIf("lldp-remote-system-capabilities-enabled", capabilities(n.Enabled))
	for _, a := range n.Management {
		family := "IPv4(1)"
		if a.Is6() {
			family = "IPv6(2)"
		}
		e.Leaf("lldp-remote-management-address-type", family).Leaf("lldp-remote-management-address", a.String())
	}
}

// capabilities are a set of 802.1AB's system capabilities in words.
func capabilities(set uint16) string {
	var words []string
	for bit, word := range []string{"Other", "Repeater", "Bridge", "WLAN Access Point", "Router", "Telephone", "Docsis", "Station Only"} {
		if set&(1<<bit) != 0 {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

// lldpGlobal answers get-lldp-information.
func (r *Router) lldpGlobal(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	s, err := r.lldpSettings()
	if err != nil {
		return nil, err
	}
	kind := "locally-assigned"
	if s.PortIDByName {
		kind = "interface-name"
	}
	reply := information("lldp-information", "junos-lldp").
		Leaf("lldp-global-status", "Enabled").
		Leaf("lldp-advertisement-interval", strconv.Itoa(s.Interval)).
		Leaf("lldp-hold-time-interval", strconv.Itoa(s.TTL)).
		Leaf("lldp-med-global-status", "Disabled").
		Leaf("lldp-port-id-subtype", kind)
	for _, p := range s.Ports {
		reply.Add(xmltree.New("lldp-port-information").
			Leaf("lldp-local-port-id", p.Junos).
			Leaf("lldp-local-parent-interface-name", "-").
			Leaf("lldp-port-status", "Enabled"))
	}
	return reply, nil
}

// lldpLocal answers get-lldp-local-info: what this router says of itself.
func (r *Router) lldpLocal(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	s, err := r.lldpSettings()
	if err != nil {
		return nil, err
	}
	links, err := r.Sensor.Links(ctx)
	if err != nil {
		return nil, err
	}
	state := map[string]junosemu.LinkState{}
	for _, l := range links {
		state[l.Device] = l
	}
	reply := information("lldp-local-info", "junos-lldp").
		Leaf("lldp-local-chassis-id", state[s.Chassis].MAC).
		Leaf("lldp-local-system-name", s.System).
		Leaf("lldp-local-system-description", s.Description).
		Leaf("lldp-local-system-capabilities-supported", "Bridge Router").
		Leaf("lldp-local-system-capabilities-enabled", "Bridge Router")
	for _, a := range s.Management {
		reply.Leaf("lldp-local-management-address-address", a.String())
	}
	for _, p := range s.Ports {
		status := "Down"
		if l := state[p.Device]; l.AdminUp && l.CarrierUp {
			status = "Up"
		}
		reply.Add(xmltree.New("lldp-local-interface-info").
			Leaf("lldp-local-interface-name", p.Junos).
			Leaf("lldp-parent-local-interface-name", "-").
			Leaf("lldp-local-interface-id", strconv.Itoa(p.Index)).
			Leaf("lldp-local-interface-description", p.Description).
			Leaf("lldp-local-interface-status", status))
	}
	return reply, nil
}

// clearLLDP performs clear-lldp-neighbors and clear-lldp-interface-neighbors.
func (r *Router) clearLLDP(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	if _, err := r.heard(ctx, askedPort(rpc)); err != nil {
		return nil, err
	}
	return nil, r.Sensor.(junosemu.LLDPSpeaker).ForgetLLDP(ctx, r.portDevice(askedPort(rpc)))
}

func lldpNeighborsText(_, reply *xmltree.Element) string {
	if reply.Attr("junos:style") == "detail" {
		return lldpDetailText(reply)
	}
	var b strings.Builder
	b.WriteString("Local Interface    Parent Interface    Chassis Id          Port info          System Name\n")
	for _, n := range reply.All("lldp-neighbor-information") {
		fmt.Fprintf(&b, "%-18s %-19s %-19s %-18s %s\n", n.Value("lldp-local-port-id"), n.Value("lldp-local-parent-interface-name"),
			n.Value("lldp-remote-chassis-id"), cmp.Or(n.Value("lldp-remote-port-description"), n.Value("lldp-remote-port-id")), n.Value("lldp-remote-system-name"))
	}
	return b.String()
}
