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
			fmt.Fprintf(&b, "  Area: %s\n    Stub type: %s\n    Authentication Type: %s\n    Neighbors\n      Up (in full state): %s\n",
				a.Value("ospf-area"), a.Value("ospf-stub-type"), a.Value("authentication-type"),
				a.Value("ospf-nbr-overview", "ospf-nbr-up-count"))
		}
		t := o.Child("ospf-topology-overview")
		fmt.Fprintf(&b, "  Topology: %s (ID %s)\n    Full SPF runs: %s\n",
			t.Value("ospf-topology-name"), t.Value("ospf-topology-id"), t.Value("ospf-full-spf-count"))
	}
	return b.String()
}
