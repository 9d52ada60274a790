package cli

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/ccl-lab/ccl/trafficgen"
)

// flowNotes say how the flows of a stream differ, and show the worst of them, or
// all that were asked for.
func flowNotes(s *trafficgen.Stats) string {
	var b strings.Builder
	if len(s.Flows) > 0 && s.FlowsLossy > 0 {
		worst := s.Flows[0]
		fmt.Fprintf(&b, "%s: %d of %s lost frames, most of them %s: %d of %d\n", s.Stream, s.FlowsLossy, count(s.FlowCount, "flow"),
			worst.Name, worst.Lost, worst.Sent)
	}
	if len(s.FlowDelays) == 2 {
		fast, slow := s.FlowDelays[0], s.FlowDelays[1]
		fmt.Fprintf(&b, "%s: flows take %s (%s) to %s (%s) on average\n", s.Stream,
			brief(fast.Latency.Mean), fast.Name, brief(slow.Latency.Mean), slow.Name)
	}
	flows, which := worstFlows(s), "the worst of "
	if len(s.EveryFlow) > 0 {
		flows, which = s.EveryFlow, "all "
	}
	if len(flows) > 0 {
		fmt.Fprintf(&b, "%s: %s%s%s\n", s.Stream, which, count(s.FlowCount, "flow"), flowResolution(s))
		b.WriteString(flowTable(flows))
	}
	return b.String()
}

// flowResolution says how precise the percentiles of flows are, if there are
// any.
func flowResolution(s *trafficgen.Stats) string {
	if s.FlowResolution == 0 {
		return ""
	}
	return fmt.Sprintf(", percentiles ± %.2g%%", 100*s.FlowResolution)
}

// worstFlows are the flows that were harmed most, and then the slowest of the
// others, a few of each.
func worstFlows(s *trafficgen.Stats) []trafficgen.FlowStats {
	const most = 5 // of each
	flows := slices.Clone(s.Flows[:min(len(s.Flows), most)])
	for _, slow := range s.FlowsSlow[:min(len(s.FlowsSlow), most)] {
		if !slices.ContainsFunc(flows, func(f trafficgen.FlowStats) bool { return f.Name == slow.Name }) {
			flows = append(flows, slow)
		}
	}
	return flows
}

// flowTable has a line for each flow.
func flowTable(flows []trafficgen.FlowStats) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "  FLOW\tSENT\tLOST\tOUTAGE\tDUP\tREORDERED\tLATENCY p50 / p99 / max\tJITTER")
	for i := range flows {
		f := &flows[i]
		latency, jitter := "-", "-"
		if l := f.Latency; l.P50 > 0 {
			latency = fmt.Sprintf("%s / %s / %s", brief(l.P50), brief(l.P99), brief(l.Max))
		} else if l.Max > 0 {
			latency = fmt.Sprintf("- / - / %s", brief(l.Max))
		}
		if f.Latency.Max > 0 {
			jitter = brief(f.Latency.Jitter).String()
		}
		outage := "-"
		if f.Outage.Frames > 0 {
			outage = brief(f.Outage.Duration).String()
		}
		fmt.Fprintf(w, "  %s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\n", f.Name, f.Sent, f.Lost, outage, f.Duplicate, f.Reordered, latency, jitter)
	}
	_ = w.Flush()
	return b.String()
}
