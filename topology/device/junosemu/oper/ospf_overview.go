package oper

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An ospfOverview is the answer of "show ip ospf json".
type ospfOverview struct {
	RouterID string `json:"routerId"`
	Areas    map[string]struct {
		Full           int    `json:"nbrFullAdjacentCounter"`
		Authentication string `json:"authentication"`
		SPFRuns        int    `json:"spfExecutedCounter"`
	} `json:"areas"`
}

// ospfOverview answers get-ospf-overview-information.
func (r *Router) ospfOverview(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	var known ospfOverview
	if err := r.askRunning(ctx, "ospfd", "show ip ospf json", ospfOff, &known); err != nil {
		return nil, err
	}
	overview := xmltree.New("ospf-overview").
		Leaf("instance-name", r.instanceName()).
		Leaf("ospf-router-id", known.RouterID)
	runs := 0
	for _, area := range slices.Sorted(maps.Keys(known.Areas)) {
		a := known.Areas[area]
		runs += a.SPFRuns
		overview.Add(xmltree.New("ospf-area-overview").
			Leaf("ospf-area", area).
			Leaf("ospf-stub-type", r.stubType(area)).
			Leaf("authentication-type", ospfAuthentication(a.Authentication)).
			Add(xmltree.New("ospf-nbr-overview").Leaf("ospf-nbr-up-count", strconv.Itoa(a.Full))))
	}
	overview.Add(xmltree.New("ospf-topology-overview").
		Leaf("ospf-topology-name", "default").
		Leaf("ospf-topology-id", "0").
		Leaf("ospf-full-spf-count", strconv.Itoa(runs)))
	return information("ospf-overview-information", "junos-routing").Add(overview), nil
}

// ospf3Overview answers get-ospf3-overview-information. How often ospf6d has
// calculated routes it does not say.
func (r *Router) ospf3Overview(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	var known struct {
		RouterID string `json:"routerId"`
		Areas    map[string]struct {
			Stub bool `json:"areaIsStub"`
			NSSA bool `json:"areaIsNSSA"`
		} `json:"areas"`
	}
	if err := r.askRunning(ctx, "ospf6d", "show ipv6 ospf6 json", ospf3Off, &known); err != nil {
		return nil, err
	}
	full, err := r.ospf3Full(ctx)
	if err != nil {
		return nil, err
	}
	overview := xmltree.New("ospf-overview").
		Leaf("instance-name", r.instanceName()).
		Leaf("ospf-router-id", known.RouterID)
	for _, area := range slices.Sorted(maps.Keys(known.Areas)) {
		kind := "Not Stub"
		switch a := known.Areas[area]; {
		case a.NSSA:
			kind = "Not so stubby Stub"
		case a.Stub:
			kind = "Stub"
		}
		overview.Add(xmltree.New("ospf-area-overview").
			Leaf("ospf-area", area).
			Leaf("ospf-stub-type", kind).
			Add(xmltree.New("ospf-nbr-overview").Leaf("ospf-nbr-up-count", strconv.Itoa(full[area]))))
	}
	overview.Add(xmltree.New("ospf-topology-overview").Leaf("ospf-topology-name", "default").Leaf("ospf-topology-id", "0"))
	return information("ospf3-overview-information", "junos-routing").Add(overview), nil
}

// ospf3Full counts the neighbors of OSPFv3 that are full, by area.
func (r *Router) ospf3Full(ctx context.Context) (map[string]int, error) {
	interfaces := map[string]ospf3Interface{}
	if err := r.ask(ctx, "ospf6d", "show ipv6 ospf6 interface json", &interfaces); err != nil {
		return nil, err
	}
	var near struct {
		Neighbors []struct {
			Interface string `json:"interfaceName"`
			State     string `json:"state"`
		} `json:"neighbors"`
	}
	if err := r.ask(ctx, "ospf6d", "show ipv6 ospf6 neighbor json", &near); err != nil {
		return nil, err
	}
	full := map[string]int{}
	for _, n := range near.Neighbors {
		if n.State == "Full" {
			full[interfaces[n.Interface].Area]++
		}
	}
	return full, nil
}

// stubType is the kind of an area as the running configuration has it; FRR's
// JSON says it of some areas only.
func (r *Router) stubType(area string) string {
	for line := range strings.Lines(r.Intent().FRR["ospfd"]) {
		words := strings.Fields(line)
		if len(words) < 3 || words[0] != "area" || words[1] != area {
			continue
		}
		switch words[2] {
		case "stub":
			return "Stub"
		case "nssa":
			return "Not so stubby Stub"
		}
	}
	return "Not Stub"
}

func ospfAuthentication(frr string) string {
	switch frr {
	case "authenticationSimplePassword":
		return "Password"
	case "authenticationMessageDigest":
		return "MD5"
	}
	return "None"
}

func ospfOverviewText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, o := range reply.All("ospf-overview") {
		fmt.Fprintf(&b, "Instance: %s\n  Router ID: %s\n", o.Value("instance-name"), o.Value("ospf-router-id"))
		for _, a := range o.All("ospf-area-overview") {
			fmt.Fprintf(&b, "  Area: %s\n    Stub type: %s\n", a.Value("ospf-area"), a.Value("ospf-stub-type"))
			if kind := a.Value("authentication-type"); kind != "" {
				fmt.Fprintf(&b, "    Authentication Type: %s\n", kind)
			}
			fmt.Fprintf(&b, "    Neighbors\n      Up (in full state): %s\n", a.Value("ospf-nbr-overview", "ospf-nbr-up-count"))
		}
		t := o.Child("ospf-topology-overview")
		fmt.Fprintf(&b, "  Topology: %s (ID %s)\n", t.Value("ospf-topology-name"), t.Value("ospf-topology-id"))
		if runs := t.Value("ospf-full-spf-count"); runs != "" {
			fmt.Fprintf(&b, "    Full SPF runs: %s\n", runs)
		}
	}
	return b.String()
}
