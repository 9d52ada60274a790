package oper

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// databaseSummary counts the LSAs of a link-state database by area and type.
// Those outside of areas are in a summary without an area.
func databaseSummary(database *xmltree.Element) *xmltree.Element {
	reply := information("ospf-database-information", "junos-routing")
	var summary *xmltree.Element
	for _, e := range database.Children {
		switch e.Name {
		case "ospf-area-header":
			summary = xmltree.New("ospf-database-summary").Leaf("ospf-area", e.Value("ospf-area"))
			reply.Add(summary)
		case "ospf-as-scope-header":
			summary = xmltree.New("ospf-database-summary")
			reply.Add(summary)
		default:
			countLSA(summary, e.Value("lsa-type"))
		}
	}
	return reply
}

// countLSA counts one LSA more of its type. A count is before its type.
func countLSA(summary *xmltree.Element, kind string) {
	last := len(summary.Children) - 1
	if last >= 0 && summary.Children[last].Name == "ospf-lsa-type" && summary.Children[last].Text == kind {
		n, _ := strconv.Atoi(summary.Children[last-1].Text)
		summary.Children[last-1].Text = strconv.Itoa(n + 1)
		return
	}
	summary.Leaf("ospf-lsa-count", "1").Leaf("ospf-lsa-type", kind)
}

func databaseSummaryText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, s := range reply.All("ospf-database-summary") {
		if area := s.Value("ospf-area"); area != "" {
			fmt.Fprintf(&b, "Area %s:\n", area)
		} else {
			b.WriteString("Externals:\n")
		}
		counts := s.All("ospf-lsa-count")
		for i, kind := range s.All("ospf-lsa-type") {
			fmt.Fprintf(&b, "%4s %s LSAs\n", counts[i].Text, kind.Text)
		}
	}
	return b.String()
}
