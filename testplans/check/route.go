package check

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/antchfx/xmlquery"
)

// An entry is one path to a destination, as a rt-entry element tells it.
type entry struct {
	active                    bool
	protocol, nhType          string
	nextHops, via             []string
	localPref, metric, asPath string
	communities               []string
}

// entries reads the paths to a destination in one table. Junos writes the
// destination as 10.0.2.0/24 in brief, and in detail its length apart.
func entries(doc *xmlquery.Node, table, prefix string) []entry {
	var all []entry
	for _, t := range xmlquery.Find(doc, "//route-table") {
		if name := child(t, "table-name"); name != "" && name != table {
			continue
		}
		for _, rt := range xmlquery.Find(t, "rt") {
			destination := child(rt, "rt-destination")
			if length := child(rt, "rt-prefix-length"); length != "" && !strings.Contains(destination, "/") {
				destination += "/" + length
			}
			if !samePrefix(destination, prefix) {
				continue
			}
			for _, e := range xmlquery.Find(rt, "rt-entry") {
				all = append(all, readEntry(e))
			}
		}
	}
	return all
}

func readEntry(n *xmlquery.Node) entry {
	tag := child(n, "active-tag")
	e := entry{
		active:      strings.ContainsAny(tag, "*+") || xmlquery.FindOne(n, "current-active") != nil,
		protocol:    child(n, "protocol-name"),
		nhType:      child(n, "nh-type"),
		localPref:   child(n, "local-preference"),
		metric:      child(n, "metric"),
		asPath:      strings.TrimSpace(strings.TrimPrefix(child(n, "as-path"), "AS path:")),
		communities: children(n, ".//community"),
		nextHops:    children(n, "nh/to"),
		via:         append(children(n, "nh/via"), children(n, "nh/nh-local-interface")...),
	}
	if e.metric == "" {
		e.metric = child(n, "med") // brief form of BGP
	}
	if e.asPath == "" {
		e.asPath = child(n, "bgp-path-attributes/attr-as-path-effective/attr-value")
	}
	return e
}

// from reports whether the path comes from a protocol. Junos calls OSPFv3's
// routes OSPF3, older releases OSPF.
func (e entry) from(protocol string) bool {
	name := strings.ToLower(strings.ReplaceAll(e.protocol, "-", ""))
	want := strings.ReplaceAll(protocol, "-", "")
	switch want {
	case "ospf", "ospf3":
		return name == "ospf" || name == "ospf3"
	}
	return name == want
}

// takes reports whether the path has the next hop and the interface that the
// check asks for.
func (e entry) takes(r *Route) bool {
	if r.Via != "" && !slices.ContainsFunc(e.via, func(v string) bool { return sameInterface(r.Via, v) }) {
		return false
	}
	if r.NextHop == "" || strings.EqualFold(r.NextHop, e.nhType) {
		return true
	}
	return slices.ContainsFunc(e.nextHops, func(to string) bool { return sameAddress(to, r.NextHop) })
}

// String is the path in words: "OSPF through 10.0.41.4 out of ge-0/0/1.0".
func (e entry) String() string {
	s := e.protocol
	switch {
	case len(e.nextHops) > 0:
		s += " through " + conjoined(e.nextHops)
	case e.nhType != "":
		s += " (" + e.nhType + ")"
	}
	if len(e.via) > 0 {
		s += " out of " + conjoined(e.via)
	}
	return s
}

// wanted is the path that the check asks for, in words.
func (r *Route) wanted() string {
	s := "an active route"
	if r.Protocol != "" {
		s += " by " + r.protocolWord()
	}
	if r.NextHop != "" {
		s += " through " + r.NextHop
	}
	if r.Via != "" {
		s += " out of " + r.Via
	}
	return s
}

func (r *Route) judge(c *court) {
	for _, q := range r.queries() {
		subject, expected := "route "+r.Prefix, r.wanted()
		if r.Absent {
			expected = "no" + strings.TrimPrefix(expected, "an")
		}
		doc, ok := c.document(q, "route-information", subject, expected)
		if !ok {
			continue
		}
		var active []entry
		for _, e := range entries(doc, r.table(), r.Prefix) {
			if e.active {
				active = append(active, e)
			}
		}
		c.judgeRoute(q, r, active, subject, expected)
	}
}

func (c *court) judgeRoute(q Query, r *Route, active []entry, subject, expected string) {
	seen := "no active route in " + r.table()
	if len(active) > 0 {
		words := make([]string, len(active))
		for i, e := range active {
			words[i] = e.String()
		}
		seen = strings.Join(words, "; ")
	}
	i := slices.IndexFunc(active, func(e entry) bool {
		return (r.Protocol == "" || e.from(r.Protocol)) && e.takes(r)
	})
	c.find(q, (i >= 0) != r.Absent, subject, expected, seen)
	if i >= 0 && !r.Absent {
		c.attributes(q, r, active[i])
	}
}

// attributes judges what the matching route carries.
func (c *court) attributes(q Query, r *Route, e entry) {
	number := func(name string, want Bound, seen string) {
		if want != "" {
			c.find(q, want.holdsText(seen), fmt.Sprintf("%s of %s", name, r.Prefix), want.Words(), orNone(seen))
		}
	}
	number("local preference", r.LocalPref, e.localPref)
	number("metric", r.Metric, e.metric)
	if r.ASPath != "" {
		re, err := regexp.Compile(r.ASPath)
		if err != nil {
			c.add(q, Error, "AS path of "+r.Prefix, "/"+r.ASPath+"/", err.Error())
		} else {
			c.find(q, re.MatchString(e.asPath), "AS path of "+r.Prefix, "a match of /"+r.ASPath+"/", orNone(e.asPath))
		}
	}
	if r.Community != "" {
		c.find(q, slices.Contains(e.communities, r.Community), "communities of "+r.Prefix, r.Community, orNone(strings.Join(e.communities, " ")))
	}
}

func orNone(s string) string {
	if s == "" {
		return "none"
	}
	return s
}
