package clientstest

import (
	"encoding/json"
	"slices"
	"strings"
)

// truth is what FRR and the kernel of a router say, asked with their own tools.
func (l *lab) truth(node string) facts {
	l.Helper()
	f := facts{}
	l.ospfTruth(node, f)
	l.bgpTruth(node, f)
	l.linkTruth(node, f)
	l.routeTruth(node, f)
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
		l.Fatalf("%s: ospfd does not answer vtysh", node)
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

func (l *lab) bgpTruth(node string, f facts) {
	l.Helper()
	var known struct {
		Peers map[string]struct {
			State    string      `json:"state"`
			Accepted json.Number `json:"pfxRcd"`
		} `json:"peers"`
	}
	if !l.query(node, &known, "vtysh", "-d", "bgpd", "-c", "show bgp ipv4 unicast summary json") {
		f["bgp"] = notRunning
		return
	}
	for address, p := range known.Peers {
		f["bgp "+address] = p.State + " " + p.Accepted.String()
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
	makers := map[string][2]string{"kernel": {"Direct", "0"}, "ospf": {"OSPF", "10"}, "bgp": {"BGP", "170"}, "196": {"Static", "5"}, "static": {"Static", "5"}}
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

// sentence is a route in words, its next hops in order.
func sentence(protocol, preference string, hops []string) string {
	slices.Sort(hops)
	return protocol + "/" + preference + " " + strings.Join(hops, ", ")
}
