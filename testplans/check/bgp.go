package check

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
)

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

func (b *BGP) judge(c *court) {
	for _, q := range b.queries() {
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
