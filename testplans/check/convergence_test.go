package check

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

func TestJudgeConvergence(t *testing.T) {
	const ms = time.Millisecond
	measured := func(change ...func(*procedure.Convergence)) procedure.Convergence {
		c := procedure.Convergence{FirstRoute: 100 * ms, Full: 300 * ms, Converged: true, Routes: []procedure.RouteConvergence{
			{Stream: "a", Lost: 100, LossDerived: 100 * ms, RateDerived: 200 * ms, Sampling: 100 * ms, Uncertainty: ms, Recovered: true},
			{Stream: "b", Lost: 250, LossDerived: 250 * ms, RateDerived: 300 * ms, Sampling: 100 * ms, Uncertainty: 2 * ms, Recovered: true},
		}}
		for _, f := range change {
			f(&c)
		}
		return c
	}
	flowing := []trafficgen.Stats{stats(100), stats(250)}
	unsampled := func(c *procedure.Convergence) { c.Routes[1].Sampling = 0 }
	lasting := func(c *procedure.Convergence) { c.Converged = false }
	for _, test := range []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"full", JudgeConvergence(ConvergenceBounds{Full: "< 1s"}, measured(), flowing), Pass, "full convergence time is 300ms ± 2ms"},
		{"full, too slow", JudgeConvergence(ConvergenceBounds{Full: "< 300ms"}, measured(), flowing), Fail, "expected less than 300ms, saw 300ms ± 2ms, the limit being within the uncertainty"},
		{"first route", JudgeConvergence(ConvergenceBounds{FirstRoute: "< 90ms"}, measured(), flowing), Fail, "first route convergence time: expected less than 90ms, saw 100ms"},
		{"loss-derived", JudgeConvergence(ConvergenceBounds{LossDerived: "< 200ms"}, measured(), flowing), Fail, "of stream b: expected less than 200ms, saw 250ms ± 2ms"},
		{"rate-derived", JudgeConvergence(ConvergenceBounds{RateDerived: "< 1s"}, measured(), flowing), Pass, "of stream a is 200ms ± 100ms"},
		{"not sampled", JudgeConvergence(ConvergenceBounds{RateDerived: "< 1s"}, measured(unsampled), flowing), Error, "no samples"},
		{"never", JudgeConvergence(ConvergenceBounds{Full: "< 1s"}, measured(lasting), flowing), Fail, "some frames are still lost"},
		{"generator at fault", JudgeConvergence(ConvergenceBounds{Full: "< 1s"}, measured(), []trafficgen.Stats{stats(0, stalled)}), Error, "transmitter stalled"},
		{"nothing sent", JudgeConvergence(ConvergenceBounds{Full: "< 1s"}, measured(), []trafficgen.Stats{stats(0, silent)}), Error, "no frame"},
		{"wrong bound", JudgeConvergence(ConvergenceBounds{Full: "< 1fps"}, measured(), flowing), Error, "frame rate"},
	} {
		t.Run(test.name, func(t *testing.T) { holds(t, test.got, test.want, test.reason) })
	}
	if got := JudgeConvergence(ConvergenceBounds{}, measured(), flowing); got.Verdict != Error {
		t.Errorf("nothing bounded, yet %s", got.Verdict)
	}
}
