package clientstest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// truth is what FRR and the kernel of a router say, asked with their own tools.
func (l *lab) truth(node string) facts {
	l.Helper()
	f := facts{}
	l.ospfTruth(node, f)
	l.ospf3Truth(node, f)
	l.isisTruth(node, f)
	l.bgpTruth(node, f)
	l.linkTruth(node, f)
	l.routeTruth(node, f)
	l.route6Truth(node, f)
	l.forwardingTruth(node, f)
	return f
}

// query runs a program in a router and reads its JSON. It reports whether the
// program succeeded.
func (l *lab) query(node string, out any, argv ...string) bool {
	l.Helper()
	r, err := l.backend.Exec(l.Context(), l.Name, node, argv)
	l.do(err)
	if r.Code != 0 {
		return false
	}
	if err := json.Unmarshal([]byte(r.Stdout), out); err != nil {
		l.Fatalf("%s: %q: %v in %q, %q", node, argv, err, r.Stdout, r.Stderr)
	}
	return true
}

func (l *lab) ospfTruth(node string, f facts) {
	l.Helper()
	var known struct {
		Neighbors map[string][]struct {
			State     string `json:"nbrState"`
			Interface string `json:"ifaceName"`
		} `json:"neighbors"`
	}
	if !l.query(node, &known, "vtysh", "-d", "ospfd", "-c", "show ip ospf neighbor json") {
		f["ospf"] = notRunning
		return
	}
	names := junosNames(l.Topology, node)
	words := map[string]string{"2-Way": "2Way", "ExChange": "Exchange", "Deleted": "Down"}
	for id, list := range known.Neighbors {
		for _, n := range list {
			device, _, _ := strings.Cut(n.Interface, ":")
			state, _, _ := strings.Cut(n.State, "/")
			if word, ok := words[state]; ok {
				state = word
			}
			f["ospf "+id+" "+names[device]+".0"] = state
		}
	}
}

func (l *lab) ospf3Truth(node string, f facts) {
	l.Helper()
	var known struct {
		Neighbors []struct {
			ID        string `json:"neighborId"`
			State     string `json:"state"`
			Interface string `json:"interfaceName"`
		} `json:"neighbors"`
	}
	if !l.query(node, &known, "vtysh", "-d", "ospf6d", "-c", "show ipv6 ospf6 neighbor json") {
		f["ospf3"] = notRunning
		return
	}
	names := junosNames(l.Topology, node)
	words := map[string]string{"Twoway": "2Way", "ExStart": "ExStart", "ExChange": "Exchange"}
	for _, n := range known.Neighbors {
		f["ospf3 "+n.ID+" "+names[n.Interface]+".0"] = cmp.Or(words[n.State], n.State)
	}
}

func (l *lab) isisTruth(node string, f facts) {
	l.Helper()
	var known struct {
		Areas []struct {
			Circuits []struct {
				System    string `json:"adj"`
				Interface string `json:"interface"`
				Level     int    `json:"level"`
				State     string `json:"state"`
			} `json:"circuits"`
		} `json:"areas"`
	}
	if !l.query(node, &known, "vtysh", "-d", "isisd", "-c", "show isis neighbor json") {
		f["isis"] = notRunning
		return
	}
	names := junosNames(l.Topology, node)
	for _, a := range known.Areas {
		for _, c := range a.Circuits {
			if c.System != "" {
				f["isis "+c.System+" "+names[c.Interface]+".0"] = fmt.Sprintf("%s level %d", c.State, c.Level)
			}
		}
	}
}

func (l *lab) bgpTruth(node string, f facts) {
	l.Helper()
	for _, family := range []string{"ipv4", "ipv6"} {
		var known struct {
			Peers map[string]struct {
				State    string      `json:"state"`
				Accepted json.Number `json:"pfxRcd"`
				Sent     json.Number `json:"pfxSnt"`
			} `json:"peers"`
		}
		if !l.query(node, &known, "vtysh", "-d", "bgpd", "-c", "show bgp "+family+" unicast summary json") {
			f["bgp"] = notRunning
			return
		}
		for address, p := range known.Peers {
			f["bgp "+address] = p.State + " " + p.Accepted.String()
			if p.State != "Established" {
				continue
			}
			var received struct {
				Total int `json:"totalPrefixCounter"`
			}
			l.query(node, &received, "vtysh", "-d", "bgpd", "-c", "show bgp "+family+" unicast neighbors "+address+" received-routes json")
			f["bgp "+address] += fmt.Sprintf(" of %d", received.Total)
			f["bgp advertised to "+address] = p.Sent.String()
		}
	}
}

// A link is an entry of "ip -json -statistics link".
type link struct {
	Name       string   `json:"ifname"`
	Flags      []string `json:"flags"`
	Statistics struct {
		Receive  map[string]uint64 `json:"rx"`
		Transmit map[string]uint64 `json:"tx"`
	} `json:"stats64"`
}

// links are a router's ports by their Junos names.
func (l *lab) links(node string) map[string]link {
	l.Helper()
	var all []link
	if !l.query(node, &all, "ip", "-json", "-statistics", "link") {
		l.Fatalf("%s: ip link failed", node)
	}
	names := junosNames(l.Topology, node)
	ports := map[string]link{}
	for _, k := range all {
		if name := names[k.Name]; name != "" && name != "lo0" {
			ports[name] = k
		}
	}
	return ports
}

func (l *lab) linkTruth(node string, f facts) {
	l.Helper()
	for name, k := range l.links(node) {
		status := map[bool]string{true: "up", false: "down"}
		f["interface "+name] = status[slices.Contains(k.Flags, "UP")] + " " + status[slices.Contains(k.Flags, "LOWER_UP")]
	}
}

// kernelCounters are the kernel's counters by port and Junos name.
func (l *lab) kernelCounters(node string) map[string]map[string]uint64 {
	l.Helper()
	all := map[string]map[string]uint64{}
	for name, k := range l.links(node) {
		all[name] = map[string]uint64{
			"input-packets": k.Statistics.Receive["packets"], "input-bytes": k.Statistics.Receive["bytes"],
			"output-packets": k.Statistics.Transmit["packets"], "output-bytes": k.Statistics.Transmit["bytes"],
		}
	}
	return all
}

// A hop is a next hop of "ip -json route".
type hop struct {
	Gateway string   `json:"gateway"`
	Device  string   `json:"dev"`
	Flags   []string `json:"flags"`
}

// routeTruth is the kernel's main table: what packets really do.
func (l *lab) routeTruth(node string, f facts) {
	l.Helper()
	var all []struct {
		hop
		Type        string `json:"type"`
		Destination string `json:"dst"`
		Protocol    string `json:"protocol"`
		NextHops    []hop  `json:"nexthops"`
	}
	if !l.query(node, &all, "ip", "-json", "-4", "route", "show", "table", "main") {
		l.Fatalf("%s: ip route failed", node)
	}
	names := junosNames(l.Topology, node)
	// What made a route, and Junos's preference for it.
	makers := map[string][2]string{"kernel": {"Direct", "0"}, "ospf": {"OSPF", "10"}, "bgp": {"BGP", "170"}, "196": {"Static", "5"}, "static": {"Static", "5"}, "isis": {"IS-IS", "18"}, "gated": {"Aggregate", "130"}}
	for _, r := range all {
		if slices.Contains(r.Flags, "linkdown") {
			continue // the kernel does not use it
		}
		if len(r.NextHops) == 0 && r.Device != "" {
			r.NextHops = []hop{r.hop}
		}
		var hops []string
		for _, h := range r.NextHops {
			hops = append(hops, strings.TrimSpace(h.Gateway+" via "+names[h.Device]+".0"))
		}
		if r.Type == "blackhole" {
			hops = append(hops, "Discard")
		}
		if !strings.Contains(r.Destination, "/") {
			r.Destination += "/32"
		}
		maker := makers[r.Protocol]
		f["route "+r.Destination] = sentence(maker[0], maker[1], hops)
	}
}

// route6Truth is the kernel's table of IPv6. Of BGP's next hops only the
// interface is compared: the kernel has the neighbor's link-local address, Junos
// shows the global one.
func (l *lab) route6Truth(node string, f facts) {
	l.Helper()
	var all []struct {
		hop
		Type        string `json:"type"`
		Destination string `json:"dst"`
		Protocol    string `json:"protocol"`
		NextHops    []hop  `json:"nexthops"`
	}
	if !l.query(node, &all, "ip", "-json", "-6", "route", "show", "table", "main") {
		l.Fatalf("%s: ip route failed", node)
	}
	names := junosNames(l.Topology, node)
	makers := map[string]string{"kernel": "Direct/0", "ospf": "OSPF3/10", "bgp": "BGP/170", "isis": "IS-IS/18", "196": "Static/5", "static": "Static/5"}
	for _, r := range all {
		if slices.Contains(r.Flags, "linkdown") || !strings.Contains(r.Destination, "/") && r.Protocol == "kernel" || strings.HasPrefix(r.Destination, "fe80:") {
			continue
		}
		if len(r.NextHops) == 0 {
			r.NextHops = []hop{r.hop}
		}
		var vias []string
		for _, h := range r.NextHops {
			if r.Protocol == "bgp" {
				h.Gateway = ""
			}
			vias = append(vias, strings.TrimSpace(h.Gateway+" via "+names[h.Device]+".0"))
		}
		if r.Type == "blackhole" {
			vias = []string{"Discard"}
		}
		if !strings.Contains(r.Destination, "/") {
			r.Destination += "/128"
		}
		slices.Sort(vias)
		f["route6 "+r.Destination] = makers[r.Protocol] + " " + strings.Join(vias, ", ")
	}
}

// sentence is a route in words, its next hops in order.
func sentence(protocol, preference string, hops []string) string {
	slices.Sort(hops)
	return protocol + "/" + preference + " " + strings.Join(hops, ", ")
}
