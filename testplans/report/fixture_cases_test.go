package report_test

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// ringCases are the 20 cases of the fixture, in the plan's order.
func ringCases() []results.Case {
	b := &caseBuilder{now: started.Add(9 * time.Second)}
	b.adjacencies()
	b.policy()
	b.forwarding()
	b.convergence()
	b.rest()
	return b.cases
}

func (b *caseBuilder) adjacencies() {
	s := b.step("wait-until", "Wait at most 30 s until all OSPF neighbors of r1, r2, r3 and r4 are full", ms(2130))
	for _, n := range []string{"r1", "r2", "r3", "r4"} {
		s = found(s, check.Pass, n, "OSPF neighbors", "2 in state Full", "2 in state Full")
	}
	b.add("OSPF-001", "All OSPF adjacencies are full", "R1", s)

	s = b.step("check", "Check the OSPFv3 neighbors of r1", ms(48))
	b.add("OSPF-002", "All OSPFv3 adjacencies are full", "R4", found(s, check.Pass, "r1", "OSPFv3 neighbors", "2 in state Full", "2 in state Full"))

	s = b.step("check", "Check that every BGP session of r1 and r4 is established", ms(64))
	s = found(s, check.Pass, "r1", "BGP neighbor 10.255.0.2", "Established", "Established")
	s = found(s, check.Fail, "r1", "BGP neighbor 10.0.41.1 (r4)", "Established", "Active (last error: Open Message Error: bad peer AS)")
	s = found(s, check.Fail, "r4", "BGP neighbor 10.0.41.2 (r1)", "Established", "Active (last error: Open Message Error: bad peer AS)")
	b.add("BGP-001", "Every BGP session is established", "R1", s)

	s = b.step("check", "Check the version of r1", ms(31))
	b.add("SYS-001", "The agreed release runs everywhere", "", found(s, check.Pass, "r1", "release", "24.2R1", "24.2R1.17"))
}

func (b *caseBuilder) policy() {
	for _, pref := range []string{"50", "150", "250"} {
		apply := b.step("configure", "Configure r2: policy-options policy-statement lp then local-preference "+pref, ms(212))
		apply = event(apply, ms(180), "commit", "r2", "local-preference "+pref)
		apply.Evidence = []results.EvidenceFile{{ID: "r2-diff", Node: "r2", What: "commit diff"}}
		look := b.step("check", "Check the local preference of 203.0.113.0/24 on r4", ms(44))
		c := b.add("POL-001[pref="+pref+"]", "Local preference "+pref+" is seen on the far side", "R3", apply,
			found(look, check.Pass, "r4", "local preference of 203.0.113.0/24", pref, pref))
		c.Params = map[string]string{"pref": pref}
	}
	apply := b.step("rollback", "Roll r2 back to its last configuration", ms(190))
	apply = event(apply, ms(150), "commit", "r2", "rollback 1")
	b.add("CFG-001", "A rollback restores the previous configuration", "", apply)
	refuse := b.step("configure", "Configure r3 with a neighbor in no group; the device must refuse it", ms(88))
	b.add("CFG-002", "An incomplete change is refused and changes nothing", "",
		found(refuse, check.Pass, "r3", "commit", "refused with “mandatory statement”", "Missing mandatory statement: 'peer-as'"))
}

func (b *caseBuilder) forwarding() {
	b.add("IP-001", "h1 reaches h2", "R4", b.step("ping", "Ping h2 from h1, 5 packets", ms(834)))
	b.add("IP-002", "h1 reaches h2 over IPv6", "R4", b.step("ping", "Ping 2001:db8:1:3::2 from h1, 5 packets", ms(829)))
	b.add("IP-003", "The path to h2 is through r2", "", b.step("traceroute", "Trace the route from h1 to h2 via r1 and r2", ms(420)))

	run := b.step("traffic", "Run stream g1-g2 for 10 s without loss", ms(10240))
	run.Stats = []trafficgen.Stats{stats("g1-g2", 1000, 512, run.Started.Add(ms(120)), 10*time.Second, 0, 0)}
	b.add("TRF-001", "Ten seconds of traffic passes without loss", "R5", run)

	b.throughput()
}

func (b *caseBuilder) throughput() {
	s := b.step("rfc2544", "Search the throughput of stream bulk with frames of 64, 512, 1518 bytes", ms(21400))
	s.Benchmark = benchmarkOf(procedure.Throughput, 2*time.Second)
	for _, r := range []struct {
		size    int
		fps     float64
		limited string
	}{{64, 22650, ""}, {512, 21875, ""}, {1518, 25000, "offered 25000 of the wanted 30000 frames per second"}} {
		row := procedure.Row{FrameBytes: r.size, MaxFPS: 25000, TesterLimited: r.limited,
			Throughput: &procedure.ThroughputRow{FPS: r.fps, BitsPerSec: r.fps * float64(r.size) * 8}}
		for i, rate := range []float64{25000, (25000 + r.fps) / 2, r.fps} {
			passed := i == 2 || r.limited != ""
			trial := procedure.Trial{WantedFPS: rate, OfferedFPS: rate, Sent: uint64(rate * 2), Passed: passed, Started: s.Started, Took: 2 * time.Second}
			if !passed {
				trial.Lost = uint64(37 + i)
				row.Throughput.LowestLossy = rate
			}
			row.Trials = append(row.Trials, trial)
			if passed {
				break
			}
		}
		s.Benchmark.Rows = append(s.Benchmark.Rows, row)
	}
	s = found(s, check.Pass, "g1", "throughput with 512-byte frames", ">= 20000fps", "21875 fps")
	b.add("PERF-001", "The ring carries 20 000 frames a second", "R5", s)

	loss := b.step("rfc2544", "Measure the frame loss of stream bulk at falling loads", ms(9200))
	loss.Benchmark = benchmarkOf(procedure.FrameLoss, 60*time.Second)
	loss.Benchmark.Departures = nil
	for i, size := range []int{64, 1518} {
		row := procedure.Row{FrameBytes: size, MaxFPS: 25000, FrameLoss: &procedure.FrameLossRow{}}
		for _, load := range []float64{1, 0.9, 0.8, 0.7} {
			lost := max(0, load-0.85+0.1*float64(i))
			row.FrameLoss.Points = append(row.FrameLoss.Points, procedure.LossPoint{
				Load: load, OfferedFPS: 25000 * load, Sent: uint64(1500000 * load), Lost: uint64(1500000 * lost), Ratio: lost / load})
		}
		loss.Benchmark.Rows = append(loss.Benchmark.Rows, row)
	}
	loss = found(loss, check.Pass, "g1", "frame loss at the highest load of 64-byte frames", "a measurement", "15% (225000 of 1500000 frames at 25000 frames per second)")
	b.add("PERF-002", "The loss under overload is known", "R5", loss)
}

// benchmarkOf is a benchmark without rows.
func benchmarkOf(p procedure.Procedure, trial time.Duration) *procedure.Result {
	return &procedure.Result{Procedure: p, Reference: p.Reference(), Streams: []string{"bulk"}, Speed: 1e9, Trial: trial, Rest: 5 * time.Second,
		Departures: []string{"shortened trials: 2s instead of 1m0s"}}
}

// measuredOf is the convergence of one stream that lost frames at once.
func measuredOf(stream string, event time.Time, outage time.Duration) *procedure.Convergence {
	r := procedure.RouteConvergence{Stream: stream, Recovered: true, Uncertainty: ms(1.4)}
	if outage > 0 {
		r.First, r.Last, r.Lost = event, event.Add(outage-ms(1)), uint64(outage.Milliseconds())
		r.Convergence, r.LossOfConnectivity, r.LossDerived = outage, outage, outage
		r.RateDerived, r.Sampling = outage.Truncate(ms(100)), ms(100)
	}
	return &procedure.Convergence{Event: event, FirstRoute: outage, Full: outage, Partial: 0, Converged: true, Routes: []procedure.RouteConvergence{r}}
}

// cut is a case that breaks something under traffic and judges the outage.
func (b *caseBuilder) cut(id, title, what, node string, outages map[string]float64) {
	flow := b.step("traffic", "Start streams g1-g2 and g2-g1", ms(780))
	fault := event(b.step("fault", "Take "+what, ms(15)), ms(4), "fault", node, what)
	steps := []results.Step{flow, fault}
	for _, stream := range []string{"g1-g2", "g2-g1"} {
		outage := ms(outages[stream])
		s := b.step("converge", "Wait until "+stream+" flows again and judge its outage", ms(1900))
		s.Convergence = &results.Convergence{Stream: stream, Event: what, Outage: outage, LostFrames: uint64(outage.Milliseconds()),
			Uncertainty: ms(1.4), Limit: "< 200ms", Measured: measuredOf(stream, fault.Started, outage)}
		st := stats(stream, 1000, 512, flow.Started.Add(ms(60)), 3900*time.Millisecond, fault.Started.Sub(flow.Started)+ms(-50), outage)
		s.Stats = []trafficgen.Stats{st}
		if outage > 0 {
			lost := st.Outages[0]
			s.Events = append(s.Events, results.Event{At: lost.Start, Kind: "first-loss", Text: "stream " + stream},
				results.Event{At: lost.Start.Add(lost.Duration), Kind: "last-loss", Text: "stream " + stream})
		}
		v := check.Pass
		if outage >= 200*time.Millisecond {
			v = check.Fail
		}
		steps = append(steps, found(s, v, "g1", "stream "+stream+" outage", "< 200ms", fmt.Sprintf("%s ± 1.4ms", outage)))
	}
	repair := event(b.step("fault", "Repair "+what, ms(15)), ms(5), "fault", node, "repair of "+what)
	repair.Phase = results.PhaseTeardown
	b.add(id, title, "R2", append(steps, repair)...)
}

func (b *caseBuilder) convergence() {
	b.cut("CONV-001", "Traffic survives a cut of r1–r2", "link r1:ge-0/0/0 down", "r1", map[string]float64{"g1-g2": 180, "g2-g1": 164})
	b.cut("CONV-002", "Traffic survives a cut of r3–r4", "link r3:ge-0/0/0 down", "r3", map[string]float64{"g1-g2": 0, "g2-g1": 12})
	b.cut("CONV-003", "Traffic survives the death of OSPF on r2", "process ospfd on r2 killed", "r2", map[string]float64{"g1-g2": 312, "g2-g1": 305})
}

func (b *caseBuilder) rest() {
	broken := b.step("traffic", "Run stream bulk for 5 s without loss", ms(5180))
	st := stats("bulk", 25000, 1518, broken.Started, 5*time.Second, ms(4000), ms(80))
	st.Stalls = []trafficgen.Stall{{FirstSeq: 99_974, LastSeq: 110_151, Start: st.Started.Add(ms(4000)), End: st.Started.Add(ms(4406.04)), Late: ms(81)}}
	judged := check.JudgeLoss("= 0", st)
	broken.Stats, broken.Verdict, broken.Reason, broken.Findings = []trafficgen.Stats{st}, judged.Verdict, judged.Reason, judged.Findings
	c := b.add("TRF-002", "Bulk traffic passes without loss", "R5", broken)
	again := broken
	again.Started, again.Finished = b.now, b.now.Add(ms(5170))
	b.now = again.Finished
	again.Verdict, again.Reason, again.Findings = check.Pass, "", nil
	again.Stats = []trafficgen.Stats{stats("bulk", 25000, 1518, again.Started, 5*time.Second, 0, 0)}
	b.attempt(c, again)

	b.cases = append(b.cases, results.Case{ID: "SEC-001", Title: "The routing engine is policed", Requirement: "R6", Priority: "medium",
		Attempts: []results.Attempt{{Number: 1, Verdict: check.Skip, Reason: "not emulated: firewall policers (the emulator stores them and does not act on them)", Started: b.now, Finished: b.now}}})
	lost := b.step("check", "Check the alarms of r3", ms(5000))
	lost.Verdict, lost.Reason = check.Error, "r3: get-alarm-information: the session was lost: i/o timeout"
	b.add("SYS-002", "No alarm is left at the end", "", lost)
}
