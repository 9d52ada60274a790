package oper

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// pointToPointSNPA is what isisd shows of a neighbor without a hardware
// address: one on a point-to-point circuit.
const pointToPointSNPA = "2020.2020.2020"

// snpa is the hardware address of a neighbor as Junos shows it (2:37:38:b6:2a:fb
// of isisd's 0237.38b6.2afb), empty on a point-to-point circuit.
func snpa(isisd string) string {
	digits := strings.ReplaceAll(isisd, ".", "")
	if isisd == pointToPointSNPA || len(digits) != 12 {
		return ""
	}
	var parts []string
	for i := 0; i < len(digits); i += 2 {
		n, err := strconv.ParseUint(digits[i:i+2], 16, 8)
		if err != nil {
			return ""
		}
		parts = append(parts, strconv.FormatUint(n, 16))
	}
	return strings.Join(parts, ":")
}

// addTo adds what the detailed form has more to an adjacency.
func (d isisDetail) addTo(e *xmltree.Element) {
	since, _ := time.ParseDuration(d.Since)
	levels := map[string]string{"L1": "1", "L2": "2", "L1L2": "3"}
	e.Leaf("transition-count", strconv.Itoa(d.Flaps)).
		Add(spanLeaf("last-transition-time", since, age)).
		LeafIf("circuit-type", levels[d.Circuit]).
		LeafIf("adjacency-speaks", strings.NewReplacer("IPv4", "IP").Replace(d.Speaks)).
		LeafIf("snpa", snpa(d.SNPA)).
		LeafIf("ip-address", d.IPv4.Address).LeafIf("ipv6-address", d.IPv6.Address)
}

// isisAdjacencyDetails is "show isis adjacency detail".
func isisAdjacencyDetails(reply *xmltree.Element) string {
	var b strings.Builder
	for _, a := range reply.All("isis-adjacency") {
		fmt.Fprintf(&b, "%s\n  Interface: %s, Level: %s, State: %s, Expires in %s secs\n", a.Value("system-name"),
			a.Value("interface-name"), a.Value("level"), a.Value("adjacency-state"), a.Value("holdtime"))
		fmt.Fprintf(&b, "  Up/Down transitions: %s, Last transition: %s ago\n", a.Value("transition-count"), a.Value("last-transition-time"))
		fmt.Fprintf(&b, "  Circuit type: %s, Speaks: %s", a.Value("circuit-type"), a.Value("adjacency-speaks"))
		if mac := a.Value("snpa"); mac != "" {
			fmt.Fprintf(&b, ", MAC address: %s", mac)
		}
		b.WriteByte('\n')
		line(&b, "IP addresses", a.Value("ip-address"))
		line(&b, "IPv6 addresses", a.Value("ipv6-address"))
		b.WriteByte('\n')
	}
	return b.String()
}
