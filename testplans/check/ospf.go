package check

import (
	"slices"
	"strconv"
	"strings"

	"github.com/antchfx/xmlquery"
)

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
