package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// trafficView shows counters while streams run: ten times a second on a
// terminal, not at all elsewhere.
type trafficView struct {
	w     io.Writer
	live  bool
	lines int // on the screen
}

func newTrafficView(w io.Writer) *trafficView { return &trafficView{w: w, live: terminal(w)} }

func (v *trafficView) update(stats []trafficgen.Stats) {
	if !v.live {
		return
	}
	v.clear()
	text := trafficTable(stats)
	fmt.Fprint(v.w, text)
	v.lines = strings.Count(text, "\n")
}

func (v *trafficView) clear() {
	if v.lines > 0 {
		fmt.Fprintf(v.w, "\x1b[%dA\x1b[J", v.lines)
	}
	v.lines = 0
}

// trafficTable has a line for each stream.
func trafficTable(stats []trafficgen.Stats) string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "STREAM\tSENT\tRATE\tRECEIVED\tLOST\tDUP\tREORDERED\tLATENCY p50 / p99 / max\tENGINE")
	for i := range stats {
		fmt.Fprintln(w, strings.Join(trafficRow(&stats[i]), "\t"))
	}
	_ = w.Flush()
	return b.String()
}

func trafficRow(s *trafficgen.Stats) []string {
	row := []string{s.Stream, fmt.Sprint(s.Sent), frameRate(s.OfferedFPS)}
	if s.Elsewhere {
		return append(row, "elsewhere", "-", "-", "-", "-", s.Engine)
	}
	lost := fmt.Sprint(s.Lost)
	if s.Lost > 0 {
		lost += fmt.Sprintf(" (%.3g%%)", 100*s.LossRatio())
	}
	latency := "-"
	if l := s.Latency; l.Max > 0 {
		latency = fmt.Sprintf("%s / %s / %s", brief(l.P50), brief(l.P99), brief(l.Max))
	}
	return append(row, fmt.Sprint(s.Received), lost, fmt.Sprint(s.Duplicate), fmt.Sprint(s.Reordered), latency, s.Engine)
}

// frameRate is a rate with a unit that fits it.
func frameRate(fps float64) string {
	switch {
	case fps >= 1e6:
		return fmt.Sprintf("%.3gMfps", fps/1e6)
	case fps >= 1e4:
		return fmt.Sprintf("%.4gkfps", fps/1e3)
	}
	return fmt.Sprintf("%.4gfps", fps)
}

// brief is a duration with three digits or so.
func brief(d time.Duration) time.Duration {
	for _, unit := range []time.Duration{time.Second, time.Millisecond, time.Microsecond} {
		if d >= 100*unit {
			return d.Round(unit)
		}
		if d >= unit {
			return d.Round(unit / 100)
		}
	}
	return d
}

// trafficNotes are the lines below the final table: outages and whatever makes
// the numbers worth less.
func trafficNotes(stats []trafficgen.Stats) string {
	const most = 5
	var b strings.Builder
	for i := range stats {
		s := &stats[i]
		for n, o := range s.Outages {
			if n == most {
				fmt.Fprintf(&b, "%s: %s more\n", s.Stream, count(len(s.Outages)-most, "outage"))
				break
			}
			fmt.Fprintf(&b, "%s: outage of %s ± %s from %s, sequences %d to %d\n", s.Stream, brief(o.Duration), brief(s.Uncertainty),
				o.Start.Format("15:04:05.000"), o.FirstSeq, o.FirstSeq+o.Frames-1)
		}
		b.WriteString(flowNotes(s))
		if s.Corrupted > 0 {
			fmt.Fprintf(&b, "%s: %d frames arrived damaged\n", s.Stream, s.Corrupted)
		}
		if s.Misrouted > 0 {
			fmt.Fprintf(&b, "%s: %d frames arrived at another port\n", s.Stream, s.Misrouted)
		}
		for _, fault := range s.Faults {
			fmt.Fprintf(&b, "%s: the generator was at fault: %s\n", s.Stream, fault)
		}
		if doubtful := s.Lost - s.LeastLost(); doubtful > 0 {
			fmt.Fprintf(&b, "%s: %d of %d lost frames may be the generator's own doing: %s\n", s.Stream, doubtful, s.Lost, strings.Join(s.Doubts(), "; "))
		}
	}
	return b.String()
}
