package report_test

import (
	"fmt"
	"math"
	"net/netip"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// started is when the fixture's run began.
var started = time.Date(2026, 11, 23, 5, 30, 12, 0, time.UTC)

// ringRun is a finished run of 21 cases on the ring lab, with every verdict, a
// flaky case, measured convergence and benchmarks, and events of every kind.
func ringRun() *results.Run {
	run := &results.Run{
		ID: "ring-rollout-20261123-053012", Plan: "ring-rollout", Title: "OSPF and BGP roll-out on the ring",
		Type: "feature-rollout", PlanHash: "6f1c0b7e5a3d92e84b17c6a0d5f38e2917b4ac60f3d281e95c7a4b60d18f2e39",
		PlanFile: "testplans/plans/ring-rollout.yaml", Started: started, Finished: started.Add(104 * time.Second),
		Lab: "ring", Backend: "netns", Topology: ringTopology(), Streams: ringStreams(),
		Requirements: []results.Requirement{
			{ID: "R1", Text: "Every adjacency is up within 30 s of a cold start"},
			{ID: "R2", Text: "A single link failure costs less than 200 ms"},
			{ID: "R3", Text: "Customer routes carry local preference 200 across the mesh"},
			{ID: "R4", Text: "IPv6 reaches everything that IPv4 reaches"},
			{ID: "R5", Text: "The ring carries 20 000 frames per second of 512 bytes without loss"},
			{ID: "R6", Text: "Control-plane policing protects the routing engine"},
		},
	}
	for _, name := range []string{"r1", "r2", "r3", "r4"} {
		p := results.Platform{Node: name, Kind: "juniper_vjunosrouter", Platform: "Junos emulator (FRR 8.4.4)", Release: "24.2R1.17"}
		if name == "r2" {
			p.Notes = []string{"stored, not acted on: class-of-service schedulers be-sched transmit-rate percent 40"}
		}
		run.Platforms = append(run.Platforms, p)
	}
	for _, name := range []string{"h1", "h2"} {
		run.Platforms = append(run.Platforms, results.Platform{Node: name, Kind: "linux", Platform: "Linux network namespace", Release: "6.18"})
	}
	run.Cases = ringCases()
	return run
}

func ringTopology() *topology.Topology {
	t := &topology.Topology{Name: "ring", File: "labs/ring/ring.clab.yml"}
	for _, name := range []string{"r1", "r2", "r3", "r4"} {
		t.Nodes = append(t.Nodes, &topology.Node{Name: name, Kind: "juniper_vjunosrouter"})
	}
	t.Nodes = append(t.Nodes, &topology.Node{Name: "h1", Kind: "linux"}, &topology.Node{Name: "h2", Kind: "linux"})
	for i, name := range []string{"g1", "g2"} {
		t.Nodes = append(t.Nodes, &topology.Node{Name: name, Kind: "linux", Labels: map[string]string{
			topology.LabelRole: "generator", topology.LabelAddress: fmt.Sprintf("10.2.%d.2/24", 1+2*i)}})
	}
	link := func(a, ai, b, bi string) {
		t.Links = append(t.Links, &topology.Link{A: topology.Endpoint{Node: a, Interface: ai}, B: topology.Endpoint{Node: b, Interface: bi}})
	}
	link("r1", "ge-0/0/0", "r2", "ge-0/0/1")
	link("r2", "ge-0/0/0", "r3", "ge-0/0/1")
	link("r3", "ge-0/0/0", "r4", "ge-0/0/1")
	link("r4", "ge-0/0/0", "r1", "ge-0/0/1")
	link("r1", "ge-0/0/2", "h1", "eth1")
	link("r3", "ge-0/0/2", "h2", "eth1")
	link("r1", "ge-0/0/3", "g1", "eth1")
	link("r3", "ge-0/0/3", "g2", "eth1")
	return t
}

func ringStreams() []trafficgen.Stream {
	port := func(node, address string) trafficgen.PortID {
		return trafficgen.PortID{Node: node, Device: "eth1", Address: netip.MustParsePrefix(address)}
	}
	g1, g2 := port("g1", "10.2.1.2/24"), port("g2", "10.2.3.2/24")
	return []trafficgen.Stream{
		{Name: "g1-g2", From: g1, To: g2, DstPort: 5001, Size: 512, Rate: 1000},
		{Name: "g2-g1", From: g2, To: g1, DstPort: 5001, Size: 512, Rate: 1000, DSCP: 46},
		{Name: "bulk", From: g1, To: g2, DstPort: 5002, Size: 1518, Rate: 25000},
		{Name: "labels", From: g1, To: g2, Sizes: trafficgen.SimpleIMIX(), Load: 0.25, Burst: trafficgen.Burst{Frames: 100, Gap: time.Millisecond},
			Layers: []trafficgen.Layer{{Kind: "eth"}, {Kind: "mpls"}, {Kind: "ip"}, {Kind: "udp"}}},
	}
}

// A caseBuilder strings together the cases of the fixture on one clock.
type caseBuilder struct {
	now   time.Time
	cases []results.Case
}

func (b *caseBuilder) step(kind, title string, took time.Duration) results.Step {
	s := results.Step{
		Phase: results.PhaseSteps, Kind: kind, Title: title, Verdict: check.Pass, Started: b.now, Finished: b.now.Add(took),
		Where: fmt.Sprintf("ring-rollout.yaml:%d:7", 20+6*len(b.cases)),
	}
	b.now = s.Finished
	return s
}

// add appends a case whose only attempt has these steps.
func (b *caseBuilder) add(id, title, requirement string, steps ...results.Step) *results.Case {
	b.cases = append(b.cases, results.Case{ID: id, Title: title, Requirement: requirement, Priority: "high"})
	c := &b.cases[len(b.cases)-1]
	b.attempt(c, steps...)
	return c
}

// attempt appends an attempt that ends with the device's return to the baseline.
func (b *caseBuilder) attempt(c *results.Case, steps ...results.Step) {
	a := results.Attempt{Number: len(c.Attempts) + 1, Started: b.now, Steps: steps}
	if len(steps) > 0 {
		a.Started = steps[0].Started
	}
	reset := b.step("reset", "Return r1, r2, r3 and r4 to the baseline of the run", 40*time.Millisecond)
	reset.Phase = results.PhaseReset
	a.Steps = append(a.Steps, reset)
	var verdicts []check.Verdict
	for i := range a.Steps {
		s := &a.Steps[i]
		verdicts = append(verdicts, s.Verdict)
		for j := range s.Evidence {
			s.Evidence[j].Path = results.EvidencePath(c.ID, a.Number, i+1, s.Evidence[j].ID, "xml")
		}
		if a.Reason == "" && s.Verdict != check.Pass {
			a.Reason = s.Reason
		}
	}
	a.Verdict, a.Finished = check.Worst(verdicts...), b.now
	if a.Reason == "" {
		a.Reason = "every step held"
	}
	c.Attempts = append(c.Attempts, a)
}

// found gives a step a finding with its evidence; the step takes its verdict.
func found(s results.Step, v check.Verdict, node, subject, expected, seen string) results.Step {
	id := fmt.Sprintf("%s-%s-%d", node, s.Kind, len(s.Evidence)+1)
	s.Findings = append(s.Findings, check.Finding{Verdict: v, Node: node, Subject: subject, Expected: expected, Seen: seen, Evidence: id})
	s.Evidence = append(s.Evidence, results.EvidenceFile{ID: id, Node: node, What: "get-" + s.Kind + "-information"})
	s.Verdict = check.Worst(s.Verdict, v)
	if v != check.Pass && s.Reason == "" {
		s.Reason = fmt.Sprintf("%s: %s is %s, expected %s", node, subject, seen, expected)
	}
	return s
}

// event adds a moment to the step, after its start.
func event(s results.Step, after time.Duration, kind, node, text string) results.Step {
	s.Events = append(s.Events, results.Event{At: s.Started.Add(after), Kind: kind, Node: node, Text: text})
	return s
}

func ms(n float64) time.Duration { return time.Duration(n * float64(time.Millisecond)) }

// stats are the counters of a stream that ran for length with one outage.
func stats(stream string, rate float64, size int, at time.Time, length, outageAt, outage time.Duration) trafficgen.Stats {
	const tick = 100 * time.Millisecond
	s := trafficgen.Stats{
		Stream: stream, FrameBytes: size, WantedFPS: rate, OfferedFPS: rate * 0.9998, Duration: length, Started: at,
		Engine: "socket", Uncertainty: ms(1000/rate + 0.4),
		Latency: trafficgen.Latency{Min: 41 * time.Microsecond, Mean: 63 * time.Microsecond, P50: 58 * time.Microsecond,
			P90: 120 * time.Microsecond, P99: 212 * time.Microsecond, P999: ms(1.2), Max: ms(1.9), Jitter: 9 * time.Microsecond,
			PDV: 1159 * time.Microsecond, IPDV: 7 * time.Microsecond, IPDVMax: ms(1.7)},
	}
	lostUntil := func(t time.Duration) uint64 {
		return uint64(math.Round(rate * max(0, min(t-outageAt, outage)).Seconds()))
	}
	for t := time.Duration(0); t <= length; t += tick {
		sent := uint64(math.Round(rate * t.Seconds()))
		s.Series = append(s.Series, trafficgen.Sample{Offset: t, Sent: sent, Received: sent - lostUntil(t)})
	}
	s.Sent, s.Lost = uint64(rate*length.Seconds()), lostUntil(length)
	s.Received = s.Sent - s.Lost
	if s.Lost > 0 {
		first := uint64(rate * outageAt.Seconds())
		s.Outages = []trafficgen.Outage{{FirstSeq: first, LastSeq: first + s.Lost - 1, Frames: s.Lost,
			Start: at.Add(outageAt), End: at.Add(outageAt + outage - time.Duration(float64(time.Second)/rate)), Duration: outage}}
		s.FlowCount, s.FlowsLossy = 100, 1
		s.Flows = []trafficgen.FlowStats{{Name: "udp.sport 49187, ip.dst 10.2.3.2", Sent: s.Sent / 100, Received: s.Sent/100 - min(s.Lost, s.Sent/100), Lost: min(s.Lost, s.Sent/100)}}
		s.Flows[0].Outage = trafficgen.Outage{FirstSeq: first, LastSeq: first + 100*(s.Flows[0].Lost-1), Frames: s.Flows[0].Lost,
			Start: at.Add(outageAt), Duration: outage}
		s.FlowsSlow = []trafficgen.FlowStats{{Name: "udp.sport 49190, ip.dst 10.2.3.5", Sent: s.Sent / 100, Received: s.Sent / 100,
			Latency: trafficgen.Latency{Min: 40 * time.Microsecond, Mean: 95 * time.Microsecond, P50: 90 * time.Microsecond, P90: 120 * time.Microsecond,
				P99: 260 * time.Microsecond, P999: 300 * time.Microsecond, Max: 310 * time.Microsecond, Jitter: 12 * time.Microsecond}}}
		s.FlowResolution = 1.0 / 32
	}
	return s
}
