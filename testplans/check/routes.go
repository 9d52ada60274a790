package check

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// JudgeInstallation judges how long after their announcement all of a sample of
// routes worked, as streams to them saw it.
func JudgeInstallation(b Bound, c procedure.Convergence, streams []trafficgen.Stats) Outcome {
	still := 0
	for _, r := range c.Routes {
		if !r.Recovered {
			still++
		}
	}
	subject := fmt.Sprintf("time until %d of the routes work", len(streams))
	return judgeFollowing(b, subject, c.Full, c.Converged, fmt.Sprintf("traffic to %d of them does not flow", max(still, 1)), streams)
}

// JudgeRemoval judges how long after their withdrawal the last of a sample of
// routes was gone.
func JudgeRemoval(b Bound, r routes.Removal, streams []trafficgen.Stats) Outcome {
	subject := fmt.Sprintf("time until %d of the routes are gone", len(streams))
	return judgeFollowing(b, subject, r.Full, r.Complete, "traffic to some of them still flows", streams)
}

// judgeFollowing judges how long streams took to follow routes, if they did.
func judgeFollowing(b Bound, subject string, took time.Duration, followed bool, otherwise string, streams []trafficgen.Stats) Outcome {
	if len(streams) == 0 {
		return conclude("", []Finding{{Verdict: Error, Subject: subject, Expected: b.Words(), Seen: "no stream that could show it"}})
	}
	var worst time.Duration
	for _, s := range streams {
		if o, unusable := instrument(s, b, Time); unusable {
			return o
		}
		worst = max(worst, s.Uncertainty)
	}
	if !followed {
		return conclude("", []Finding{finding(false, "", subject, b.Words(), otherwise)})
	}
	f := within(b, subject, took, worst)
	return conclude(subject+" is "+f.Seen, []Finding{f})
}
