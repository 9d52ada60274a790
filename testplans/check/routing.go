package check

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
)

// stateWords are the states of sessions and adjacencies as Junos prints them.
var stateWords = map[string]string{
	"opensent": "OpenSent", "openconfirm": "OpenConfirm", "2way": "2Way", "exstart": "ExStart",
}

func stateWord(state string) string {
	if w := stateWords[strings.ToLower(state)]; w != "" {
		return w
	}
	if state == "" {
		return "unknown"
	}
	return strings.ToUpper(state[:1]) + strings.ToLower(state[1:])
}

func (b *BGP) wantState() string {
	if b.State == "" {
		return "Established"
	}
	return stateWord(b.State)
}

func (b *BGP) family() string {
	if b.Family == "" {
		return "inet"
	}
	return b.Family
}

// A peer is one BGP session as a node sees it.
type peer struct {
	address   string
	state     string
	lastError string
	received  map[string]int // by routing table
}

// seen is the peer's state and, if it is not up, why.
func (p peer) seen() string {
	s := stateWord(p.state)
	if p.lastError != "" && !strings.EqualFold(p.state, "Established") {
		s += " (last error: " + p.lastError + ")"
	}
	return s
}

// peers reads the summary form (a bare address) and the neighbor form (the
// address with a port).
func peers(doc *xmlquery.Node) []peer {
	var all []peer
	for _, n := range xmlquery.Find(doc, "//bgp-peer") {
		address, _, _ := strings.Cut(child(n, "peer-address"), "+")
		p := peer{address: address, state: child(n, "peer-state"), lastError: child(n, "last-error"), received: map[string]int{}}
		if strings.EqualFold(p.lastError, "none") {
			p.lastError = ""
		}
		for _, rib := range xmlquery.Find(n, "bgp-rib") {
			if count, err := strconv.Atoi(child(rib, "received-prefix-count")); err == nil {
				p.received[child(rib, "name")] += count
			}
		}
		all = append(all, p)
	}
	return all
}

func (c *court) bgp(b *BGP) {
	for _, q := range (&Spec{BGP: b}).Queries() {
		subject, expected := "BGP sessions", b.wantState()
		if b.Neighbor != "" {
			subject = "BGP neighbor " + b.Neighbor
		} else if b.Count != "" {
			expected = b.Count.Words() + " " + expected
		}
		doc, ok := c.document(q, "bgp-information", subject, expected)
		if !ok {
			continue
		}
		all := peers(doc)
		if b.Count != "" {
			c.countPeers(q, b, all)
		} else {
			c.eachPeer(q, b, all, subject, expected)
		}
	}
}

func (c *court) eachPeer(q Query, b *BGP, all []peer, subject, expected string) {
	if len(all) == 0 {
		c.find(q, false, subject, expected, "none: no BGP neighbor is configured")
		return
	}
	found := false
	for _, p := range all {
		if b.Neighbor != "" && !sameAddress(p.address, b.Neighbor) {
			continue
		}
		found = true
		c.find(q, strings.EqualFold(p.state, expected), "BGP neighbor "+p.address, expected, p.seen())
		c.received(q, b, p)
	}
	if !found {
		c.find(q, false, subject, expected, "no such neighbor; there is "+conjoined(addresses(all)))
	}
}

func addresses(all []peer) []string {
	list := make([]string, len(all))
	for i, p := range all {
		list[i] = p.address
	}
	return list
}

// countPeers judges how many sessions are in the wanted state.
func (c *court) countPeers(q Query, b *BGP, all []peer) {
	n := 0
	var others []string
	for _, p := range all {
		if b.Neighbor != "" && !sameAddress(p.address, b.Neighbor) {
			continue
		}
		if strings.EqualFold(p.state, b.wantState()) {
			n++
			c.received(q, b, p)
		} else {
			others = append(others, p.address+" "+p.seen())
		}
	}
	seen := strconv.Itoa(n)
	if len(all) == 0 {
		seen = "none: no BGP neighbor is configured"
	} else if len(others) > 0 {
		seen += "; " + strings.Join(others, ", ")
	}
	c.find(q, b.Count.Holds(float64(n)), "BGP sessions", b.Count.Words()+" "+b.wantState(), seen)
}

// received judges the prefixes from one peer, in inet.0 and its like in
// routing instances (customer.inet.0).
func (c *court) received(q Query, b *BGP, p peer) {
	if b.Received == "" {
		return
	}
	count, found := 0, false
	for table, n := range p.received {
		if table == b.family()+".0" || strings.HasSuffix(table, "."+b.family()+".0") {
			count, found = count+n, true
		}
	}
	subject := fmt.Sprintf("%s prefixes received from BGP neighbor %s", b.family(), p.address)
	seen := strconv.Itoa(count)
	if !found {
		seen = fmt.Sprintf("no %s routes; the session is %s", b.family(), p.seen())
	}
	c.find(q, found && b.Received.Holds(float64(count)), subject, b.Received.Words(), seen)
}

// sameAddress compares addresses, not their spelling.
func sameAddress(a, b string) bool {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Unmap() == y.Unmap()
}

func (o *OSPF) wantState() string {
	if o.State == "" {
		return "Full"
	}
	return stateWord(o.State)
}

func (o *OSPF) protocol() string {
	if o.Version == 3 {
		return "OSPFv3"
	}
	return "OSPF"
}

func (c *court) ospf(o *OSPF) {
	element := "ospf-neighbor"
	if o.Version == 3 {
		element = "ospf3-neighbor"
	}
	for _, q := range (&Spec{OSPF: o}).Queries() {
		subject := o.protocol() + " neighbors"
		if o.Interface != "" {
			subject += " on " + o.Interface
		}
		expected := "all " + o.wantState() + ", at least one"
		if o.Neighbors != "" {
			expected = o.Neighbors.Words() + " " + o.wantState()
		}
		doc, ok := c.document(q, element+"-information", subject, expected)
		if !ok {
			continue
		}
		in, others := o.count(xmlquery.Find(doc, "//"+element))
		seen := strconv.Itoa(len(in)) + " " + o.wantState()
		if len(in)+len(others) == 0 {
			seen = "none"
		} else if rest := append(slices.Clone(in), others...); len(rest) > 0 {
			seen += ": " + strings.Join(rest, ", ")
		}
		holds := len(in) > 0 && len(others) == 0
		if o.Neighbors != "" {
			holds = o.Neighbors.Holds(float64(len(in)))
		}
		c.find(q, holds, subject, expected, seen)
	}
}

// count sorts neighbors into those in the wanted state and the others, each in
// words.
func (o *OSPF) count(neighbors []*xmlquery.Node) (in, others []string) {
	for _, n := range neighbors {
		ifname := child(n, "interface-name")
		if o.Interface != "" && !sameInterface(o.Interface, ifname) {
			continue
		}
		state := child(n, "ospf-neighbor-state")
		if state == "" {
			state = child(n, "ospf3-neighbor-state")
		}
		where := child(n, "neighbor-id") + " on " + ifname
		if strings.EqualFold(state, o.wantState()) {
			in = append(in, where)
		} else {
			others = append(others, where+" "+stateWord(state))
		}
	}
	return in, others
}

// sameInterface reports whether name is the wanted interface, or, if no unit
// is wanted, one of its units.
func sameInterface(want, name string) bool {
	if name == want {
		return true
	}
	physical, _, _ := strings.Cut(name, ".")
	return physical == want && !strings.Contains(want, ".")
}
