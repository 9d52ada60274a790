package procedure

import (
	"context"
	"slices"
	"time"
)

// A LatencyRow is the delay of frames at the throughput rate. RFC 2544 tags one
// frame after 60 s of each of 20 trials; here every frame is tagged, so a trial
// has a distribution, and its mean takes the one frame's place.
type LatencyRow struct {
	FPS  float64       `json:"fps"`  // rate of the trials: the throughput
	Mean time.Duration `json:"mean"` // of the trials' means: the RFC's result
	// P50, P99 and P999 are the medians of the trials' percentiles; P50 and P999
	// are the typical and the worst case latency of RFC 8219, section 7.2. Min
	// and Max are those of all frames.
	Min  time.Duration `json:"min"`
	P50  time.Duration `json:"p50"`
	P99  time.Duration `json:"p99"`
	P999 time.Duration `json:"p999"`
	Max  time.Duration `json:"max"`
	// PDV is the median of the trials' packet delay variation (RFC 8219, section
	// 7.3.1).
	PDV time.Duration `json:"pdv"`
	// Trials is how many trials are in it.
	Trials int `json:"trials"`
}

// latency measures at the throughput rate (RFC 2544, section 26.2).
func (b *bench) latency(ctx context.Context) error {
	row := &LatencyRow{}
	b.row.Latency = row
	fps, err := b.rate(ctx)
	if err != nil || fps == 0 {
		return err
	}
	row.FPS = fps
	var valid []Trial
	invalid := ""
	for range b.o.Repeats {
		t, err := b.offer(ctx, fps, b.o.Trial)
		if err != nil {
			return err
		}
		if t.Invalid != "" {
			invalid = t.Invalid
		} else if t.Received > 0 {
			valid = append(valid, t)
		}
	}
	if len(valid) == 0 {
		b.row.TesterLimited = invalid
		return nil
	}
	row.add(valid)
	return nil
}

func (l *LatencyRow) add(trials []Trial) {
	l.Trials, l.Min = len(trials), trials[0].Latency.Min
	var sum time.Duration
	var p50, p99, p999, pdv []time.Duration
	for _, t := range trials {
		sum += t.Latency.Mean
		l.Min, l.Max = min(l.Min, t.Latency.Min), max(l.Max, t.Latency.Max)
		p50, p99 = append(p50, t.Latency.P50), append(p99, t.Latency.P99)
		p999, pdv = append(p999, t.Latency.P999), append(pdv, t.Latency.PDV)
	}
	l.Mean = sum / time.Duration(len(trials))
	l.P50, l.P99, l.P999, l.PDV = median(p50), median(p99), median(p999), median(pdv)
}

// median is the middle value, the lower one of two.
func median(values []time.Duration) time.Duration {
	slices.Sort(values)
	return values[(len(values)-1)/2]
}
