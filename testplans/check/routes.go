package check

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// JudgeInstallation judges how long after their announcement all of a sample of
// routes worked, as streams to them saw it.
func JudgeInstallation(b Bound, m routes.Measurement) Outcome {
	still := 0
	for _, r := range m.Installation.Routes {
		if !r.Recovered {
			still++
		}
	}
	subject := fmt.Sprintf("time until traffic to %d of %d routes flows", m.Sample, m.Routes)
	otherwise := fmt.Sprintf("that to %d of them does not", max(still, 1))
	return judgeFollowing(b, subject, m.Installation.Full, m.Installation.Converged, otherwise, since(m.Installation.Event, m.Stats))
}

// JudgeRemoval judges how long after their withdrawal the last of a sample of
// routes was gone.
func JudgeRemoval(b Bound, m routes.Measurement) Outcome {
	subject := fmt.Sprintf("time until traffic to %d of %d routes ends", m.Sample, m.Routes)
	return judgeFollowing(b, subject, m.Removal.Full, m.Removal.Complete, "some of it still flows", since(m.Withdrawal.Began, m.Stats))
}

// since is OutagesSince of several streams.
func since(event time.Time, streams []trafficgen.Stats) []trafficgen.Stats {
	all := make([]trafficgen.Stats, len(streams))
	for i, s := range streams {
		all[i] = OutagesSince(s, event)
	}
	return all
}

// judgeFollowing judges how long streams took to follow routes, if they did.
func judgeFollowing(b Bound, subject string, took time.Duration, followed bool, otherwise string, streams []trafficgen.Stats) Outcome {
	if len(streams) == 0 {
		return conclude("", []Finding{{Verdict: Error, Subject: subject, Expected: b.Words(), Seen: "no stream that could show it"}})
	}
	var worst, stood time.Duration
	var why []string
	for _, s := range streams {
		if o, unusable := instrument(s, b, Time); unusable {
			return o
		}
		worst = max(worst, precision(&s))
		if s.LongestStall() > stood {
			stood, why = s.LongestStall(), s.OutageDoubts()
		}
	}
	if !followed {
		return conclude("", []Finding{finding(false, "", subject, b.Words(), otherwise)})
	}
	f := within(b, subject, took, spanOf(max(0, took-stood), took+stood, why...), worst)
	return conclude(subject+" is "+f.Seen, []Finding{f})
}
