package cli

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// bounds are what a stream must hold for the command to succeed, as flags say
// it.
type bounds struct{ maxLoss, loss, latency string }

func (b *bounds) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&b.maxLoss, "max-loss", "", "exit with 3 if more than so many per cent of a stream's frames are lost: 0, 0.1")
	cmd.Flags().StringVar(&b.loss, "loss", "", "exit with 3 unless the loss, in frames or per cent, is so: '= 0', '< 20', '<= 0.1%'")
	cmd.Flags().StringVar(&b.latency, "latency", "", "exit with 3 unless the 99th percentile is so: '< 5ms'")
}

// check reads the flags: --max-loss becomes a bound of the loss.
func (b *bounds) check() error {
	if b.maxLoss != "" {
		if b.loss != "" {
			return usageError("--max-loss %s and --loss %q both bound the loss: give one of them", b.maxLoss, b.loss)
		}
		percent, err := strconv.ParseFloat(strings.TrimSuffix(b.maxLoss, "%"), 64)
		if err != nil || !(percent >= 0 && percent <= 100) {
			return usageError("--max-loss %q is no percentage, 0 to 100", b.maxLoss)
		}
		b.loss = fmt.Sprintf("<= %v%%", percent)
	}
	for _, e := range []struct {
		flag, bound string
		dimensions  []check.Dimension
	}{{"loss", b.loss, []check.Dimension{check.Number, check.Share}}, {"latency", b.latency, []check.Dimension{check.Time}}} {
		if e.bound == "" {
			continue
		}
		if err := check.Bound(e.bound).Check(e.dimensions...); err != nil {
			return usageError("--%s: %w", e.flag, err)
		}
	}
	return nil
}

// judgeTraffic holds what was counted of streams against the bounds. A stream
// of which nothing arrived misses them even if there are none.
func (a *App) judgeTraffic(b bounds, streams []trafficgen.Stream, stats []trafficgen.Stats) error {
	missed := false
	for _, s := range stats {
		var outcomes []check.Outcome
		if b.loss != "" {
			outcomes = append(outcomes, check.JudgeLoss(check.Bound(b.loss), s))
		}
		if b.latency != "" {
			outcomes = append(outcomes, check.JudgeLatency(check.Bound(b.latency), s))
		}
		for _, o := range outcomes {
			if o.Verdict != check.Pass {
				missed = true
				a.say("%s: %s", o.Verdict, o.Reason)
			}
		}
	}
	if missed || b.loss == "" {
		if err := nothingArrived(streams, stats); err != nil {
			return err
		}
	}
	if missed {
		return errCasesFailed
	}
	return nil
}

// nothingArrived says of which streams every frame was lost, and what to look
// at. It is nil if there are none.
func nothingArrived(streams []trafficgen.Stream, stats []trafficgen.Stats) error {
	var silent []error
	var hint string
	for i := range stats {
		st := &stats[i]
		at := slices.IndexFunc(streams, func(s trafficgen.Stream) bool { return s.Name == st.Stream })
		if at < 0 || st.Elsewhere || st.Sent == 0 || st.Received > 0 {
			continue
		}
		from, to := port.Name(streams[at].From), port.Name(streams[at].To)
		silent = append(silent, fmt.Errorf("stream %s: nothing arrived: %d frames left %s and none of them whole came to %s", st.Stream, st.Sent, from, to))
		if hint == "" {
			hint = pathHint(st, from, to)
		}
	}
	if len(silent) == 0 {
		return nil
	}
	return withHint(&exitError{code: ExitCasesFailed, err: errors.Join(silent...)}, "%s", hint)
}

// pathHint is what to look at when nothing of a stream arrived.
func pathHint(st *trafficgen.Stats, from, to string) string {
	switch {
	case st.Misrouted > 0:
		return fmt.Sprintf("%d of them came to another port of the generator: are links or routes mixed up?", st.Misrouted)
	case st.Corrupted > 0:
		return fmt.Sprintf("%d of them came damaged; ccl traffic capture %s records them", st.Corrupted, to)
	}
	return fmt.Sprintf("is every link on the way up, does every router on it have a route there and back, does a filter drop the frames? "+
		"ping from %s to %s goes the same way; ccl traffic capture, at one port on the way after the other, shows how far they come", from, to)
}
