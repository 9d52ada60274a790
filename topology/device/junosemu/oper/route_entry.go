package oper

import (
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// briefEntry is a route in the default form.
func briefEntry(rt route) *xmltree.Element {
	e := entryHead(rt)
	e.Add(spanLeaf("age", rt.age, age))
	if rt.metric != nil {
		e.Leaf("metric", strconv.Itoa(*rt.metric))
	}
	if rt.tag != 0 {
		e.Leaf("rt-tag", strconv.Itoa(rt.tag))
	}
	if p := rt.path; p != nil {
		if p.med != nil {
			e.Leaf("med", strconv.Itoa(*p.med))
		}
		e.Leaf("local-preference", strconv.Itoa(p.localPref))
		e.Leaf("learned-from", p.peer.String())
		e.Leaf("as-path", p.asPath)
		e.Leaf("validation-state", "unverified")
	}
	addNextHops(e, rt)
	return e
}

// entryHead starts an rt-entry: which protocol, and whether it is in use.
func entryHead(rt route) *xmltree.Element {
	e := xmltree.New("rt-entry")
	if rt.active {
		e.Leaf("active-tag", "*").Add(xmltree.New("current-active"), xmltree.New("last-active"))
	} else {
		e.Leaf("active-tag", " ")
	}
	return e.Leaf("protocol-name", rt.protocol).Leaf("preference", strconv.Itoa(rt.preference))
}

func addNextHops(e *xmltree.Element, rt route) {
	switch rt.kind {
	case "Local", "Discard", "Reject":
		e.Leaf("nh-type", rt.kind)
	}
	for i, h := range rt.hops {
		nh := xmltree.New("nh")
		switch {
		case rt.kind == "Local":
			e.Add(nh.Leaf("nh-local-interface", h.via))
			continue
		case i == 0:
			nh.Add(xmltree.New("selected-next-hop"))
		}
		if h.to.IsValid() {
			nh.Leaf("to", h.to.String())
		}
		e.Add(nh.Leaf("via", h.via))
	}
}

// detailEntry is a route in the form of "detail" and "extensive".
func detailEntry(rt route) *xmltree.Element {
	e := entryHead(rt)
	if rt.path != nil {
		// Junos shows the complement of the local preference as the second one.
		e.Leaf("preference2", strconv.Itoa(-1-rt.path.localPref))
	}
	if rt.kind == "Router" || rt.kind == "Interface" {
		e.Leaf("nh-type", rt.kind)
	}
	if rt.path != nil {
		e.Leaf("gateway", rt.path.peer.String())
	}
	addNextHops(e, rt)
	if p := rt.path; p != nil && !p.external {
		e.Add(xmltree.New("protocol-nh").Leaf("to", p.nextHop.String()))
	}
	e.Leaf("rt-entry-state", state(rt))
	if p := rt.path; p != nil && p.peerAS != 0 {
		e.Leaf("local-as", strconv.Itoa(p.localAS)).Leaf("peer-as", strconv.Itoa(p.peerAS))
	}
	e.Add(spanLeaf("age", rt.age, elapsed))
	if rt.metric != nil {
		e.Leaf("metric", strconv.Itoa(*rt.metric))
	}
	if rt.tag != 0 {
		e.Leaf("rt-tag", strconv.Itoa(rt.tag))
	}
	if rt.path != nil {
		addAttributes(e, rt.path)
	} else {
		e.Leaf("as-path", asPathLabel+"I")
	}
	return e
}

// asPathLabel is before the path in the detailed forms, as Junos has it.
const asPathLabel = "AS path: "

func addAttributes(e *xmltree.Element, p *bgpPath) {
	if p.med != nil {
		e.Leaf("metric", strconv.Itoa(*p.med))
	}
	e.Leaf("validation-state", "unverified")
	e.Leaf("as-path", asPathLabel+p.asPath)
	if len(p.communities) > 0 {
		list := xmltree.New("communities")
		for _, c := range p.communities {
			list.Leaf("community", c)
		}
		e.Add(list)
	}
	e.Leaf("bgp-rt-flag", "Accepted")
	e.Leaf("local-preference", strconv.Itoa(p.localPref))
	e.LeafIf("peer-id", p.routerID)
}

// state is Junos's list of flags of a route: in use or not, and inside or
// outside the AS.
func state(rt route) string {
	flags := "NotBest"
	switch {
	case rt.active:
		flags = "Active"
	case rt.hidden:
		flags = "Hidden"
	}
	if rt.path != nil && rt.path.external {
		return flags + " Ext"
	}
	return flags + " Int"
}
