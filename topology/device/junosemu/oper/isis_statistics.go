package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// isisSummary is the answer of "show isis summary json".
type isisSummary struct {
	SystemID string `json:"system-id"`
	Areas    []struct {
		Net      string         `json:"net"`
		Sent     map[string]int `json:"tx-pdu-type"` // l2-iih, p2p-iih, lsp-rxmt, …
		Received map[string]int `json:"rx-pdu-type"`
		Levels   []struct {
			ID          int `json:"id"`
			Regenerated int `json:"lsp0-regenerated"`
			Purged      int `json:"lsp-purged"`
			Runs        int `json:"last-run-count"`
		} `json:"levels"`
	} `json:"areas"`
}

func (r *Router) isisSummary(ctx context.Context) (isisSummary, error) {
	var known isisSummary
	err := r.askRunning(ctx, "isisd", "show isis summary json", isisOff, &known)
	return known, err
}

// runs counts the calculations of routes, by level.
func (s isisSummary) runs() map[string]int {
	runs := map[string]int{}
	for _, a := range s.Areas {
		for _, l := range a.Levels {
			runs[strconv.Itoa(l.ID)] += l.Runs
		}
	}
	return runs
}

// isisPDUs are Junos's names of packets and the ends of isisd's.
var isisPDUs = []struct{ name, frr string }{{"LSP", "lsp"}, {"IIH", "iih"}, {"CSNP", "csnp"}, {"PSNP", "psnp"}}

// isisStatistics answers get-isis-statistics-information. isisd counts what it
// received and sent; what Junos counts beside that is left out.
func (r *Router) isisStatistics(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	known, err := r.isisSummary(ctx)
	if err != nil {
		return nil, err
	}
	runs, regenerated, purged := 0, 0, 0
	sent, received := map[string]int{}, map[string]int{}
	for _, a := range known.Areas {
		for _, l := range a.Levels {
			runs, regenerated, purged = runs+l.Runs, regenerated+l.Regenerated, purged+l.Purged
		}
		countPDUs(sent, a.Sent)
		countPDUs(received, a.Received)
	}
	e := xmltree.New("isis-statistics").Leaf("system-name", r.Hostname()).
		Leaf("spf-runs", strconv.Itoa(runs)).
		Leaf("lsps-regenerated", strconv.Itoa(regenerated)).
		Leaf("purges-initiated", strconv.Itoa(purged))
	allSent, allReceived := 0, 0
	for _, p := range isisPDUs {
		pdu := xmltree.New("isis-pdu-statistics").Leaf("isis-pdu-type", p.name).
			Leaf("packets-received", strconv.Itoa(received[p.frr])).
			Leaf("packets-sent", strconv.Itoa(sent[p.frr]))
		if p.frr == "lsp" {
			pdu.Leaf("packets-retransmitted", strconv.Itoa(sent["rxmt"]))
		}
		e.Add(pdu)
		allSent, allReceived = allSent+sent[p.frr], allReceived+received[p.frr]
	}
	e.Add(xmltree.New("totals-information").
		Leaf("packets-received", strconv.Itoa(allReceived)).Leaf("packets-sent", strconv.Itoa(allSent)))
	return information("isis-statistics-information", "junos-routing").Add(e), nil
}

// countPDUs adds isisd's counters by what their names end in: l2-iih and
// p2p-iih are both iih.
func countPDUs(into, counters map[string]int) {
	for name, n := range counters {
		into[name[strings.LastIndexByte(name, '-')+1:]] += n
	}
}

func isisStatisticsText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, s := range reply.All("isis-statistics") {
		fmt.Fprintf(&b, "IS-IS statistics for %s:\n\nPDU type       Received    Processed        Drops         Sent       Rexmit\n", s.Value("system-name"))
		row := func(name string, e *xmltree.Element) {
			line := fmt.Sprintf("%-10s %12s %12s %12s %12s %12s", name, e.Value("packets-received"), "", "", e.Value("packets-sent"), e.Value("packets-retransmitted"))
			b.WriteString(strings.TrimRight(line, " ") + "\n")
		}
		for _, p := range s.All("isis-pdu-statistics") {
			row(p.Value("isis-pdu-type"), p)
		}
		total := s.Child("totals-information")
		row("Totals", total)
		fmt.Fprintf(&b, "\nTotal packets received: %s Sent: %s\n\n", total.Value("packets-received"), total.Value("packets-sent"))
		fmt.Fprintf(&b, "SPF runs:             %s\nLSP regenerations:    %s\nPurges initiated:     %s\n\n",
			s.Value("spf-runs"), s.Value("lsps-regenerated"), s.Value("purges-initiated"))
	}
	return b.String()
}

// isisOverview answers get-isis-overview-information.
func (r *Router) isisOverview(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	known, err := r.isisSummary(ctx)
	if err != nil {
		return nil, err
	}
	e := xmltree.New("isis-overview").Leaf("instance-name", r.instanceName()).
		LeafIf("isis-router-id", routerID(r.Intent().FRR)).
		Leaf("isis-router-hostname", r.Hostname()).
		Leaf("isis-router-sysid", known.SystemID)
	for _, a := range known.Areas {
		// 49.0001.0102.5500.0002.00 ends in the system ID and the selector.
		e.LeafIf("isis-router-areaid", strings.TrimSuffix(strings.TrimSuffix(a.Net, ".00"), "."+known.SystemID))
	}
	return information("isis-overview-information", "junos-routing").Add(e), nil
}

func isisOverviewText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, o := range reply.All("isis-overview") {
		fmt.Fprintf(&b, "Instance: %s\n", o.Value("instance-name"))
		line(&b, "Router ID", o.Value("isis-router-id"))
		line(&b, "Hostname", o.Value("isis-router-hostname"))
		line(&b, "Sysid", o.Value("isis-router-sysid"))
		for _, a := range o.All("isis-router-areaid") {
			line(&b, "Areaid", a.Text)
		}
	}
	return b.String()
}
