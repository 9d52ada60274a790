package report_test

import (
	"net/netip"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

func equalPrefix(a, b netip.Prefix) bool { return a == b }
func equalAddr(a, b netip.Addr) bool     { return a == b }

// laterRun is ringRun a day later: the sessions are repaired, the path to h2
// has changed, an outage has grown, a case is gone and one is new.
func laterRun() *results.Run {
	run := ringRun()
	run.ID = "ring-rollout-20261124-053009"
	run.Started = run.Started.Add(24 * time.Hour)
	run.Finished = run.Started.Add(99 * time.Second)
	run.PlanHash = "0" + run.PlanHash[1:]
	for i := range run.Platforms {
		if run.Platforms[i].Release == "24.2R1.17" {
			run.Platforms[i].Release = "24.4R1.9"
		}
	}
	set := func(id string, v check.Verdict, reason string) *results.Attempt {
		a := run.Case(id).Last()
		a.Verdict, a.Reason = v, reason
		return a
	}
	set("BGP-001", check.Pass, "every step held")
	set("IP-003", check.Fail, "r1: path to 10.1.3.2 is via 10.0.41.1, expected via r2")
	slow := set("CONV-001", check.Fail, "g1: stream g1-g2 outage is 262ms ± 1.4ms, expected < 200ms")
	slow.Steps[2].Convergence.Outage = 262 * time.Millisecond
	kept := run.Cases[:0]
	for _, c := range run.Cases {
		if c.ID != "SYS-001" {
			kept = append(kept, c)
		}
	}
	run.Cases = append(kept, results.Case{ID: "BGP-002", Title: "Graceful restart keeps the routes"})
	return run
}
