package procedure

import (
	"context"
	"math"
	"time"
)

// A BackToBackRow is the longest burst at the highest load of which every frame
// arrived, over many repetitions (RFC 9004).
type BackToBackRow struct {
	Average float64 `json:"average"` // frames
	Min     uint64  `json:"min"`
	Max     uint64  `json:"max"`
	StdDev  float64 `json:"stdDev"`
	// Bursts are the results of the repetitions.
	Bursts []uint64 `json:"bursts"`
	// Throughput is the rate at which the device empties its buffer meanwhile,
	// in frames per second; 0 if it is not known.
	Throughput float64 `json:"throughputFps"`
	// ImpliedBuffer is the average burst's time at the highest load;
	// CorrectedBuffer is what is left of it when the frames are taken off that
	// the device forwarded meanwhile (RFC 9004, section 6).
	ImpliedBuffer   time.Duration `json:"impliedBuffer"`
	CorrectedBuffer time.Duration `json:"correctedBuffer"`
	// Unbounded says that the device carries the highest load for as long as a
	// burst may be: the bursts say nothing about its buffer.
	Unbounded bool `json:"unbounded,omitempty"`
}

// backToBack searches the longest burst, Repeats times. Options.Trial is the
// longest burst that is tried.
func (b *bench) backToBack(ctx context.Context) error {
	row := &BackToBackRow{}
	b.row.BackToBack = row
	longest := uint64(math.Max(1, b.row.MaxFPS*b.o.Trial.Seconds()))
	guess := uint64(0)
	for range b.o.Repeats {
		s := burstSearch{b: b, hi: longest + 1}
		err := s.run(ctx, guess)
		if err != nil {
			return err
		}
		if s.disowned != "" {
			b.row.TesterLimited = s.disowned
			break
		}
		guess = s.lo
		row.Bursts = append(row.Bursts, s.lo)
		if s.lo == longest {
			row.Unbounded = true
			break // more of the same
		}
	}
	row.conclude(b.row.MaxFPS)
	if len(row.Bursts) == 0 || row.Unbounded {
		return nil
	}
	return b.correct(ctx, row)
}

// correct takes off the buffer time what the device forwarded meanwhile. The
// throughput is measured with trials of the RFC's length, or of the burst's if
// that was shortened, and only if it is not known.
func (b *bench) correct(ctx context.Context, row *BackToBackRow) (err error) {
	limited := b.row.TesterLimited
	row.Throughput, err = b.rate(ctx)
	if b.row.TesterLimited = limited; err != nil || row.Throughput == 0 {
		return err
	}
	left := 1 - min(1, row.Throughput/b.row.MaxFPS)
	row.CorrectedBuffer = time.Duration(float64(row.ImpliedBuffer) * left)
	return nil
}

func (r *BackToBackRow) conclude(maxFPS float64) {
	if len(r.Bursts) == 0 {
		return
	}
	r.Min = r.Bursts[0]
	n := float64(len(r.Bursts))
	for _, burst := range r.Bursts {
		r.Average += float64(burst) / n
		r.Min, r.Max = min(r.Min, burst), max(r.Max, burst)
	}
	for _, burst := range r.Bursts {
		r.StdDev += (float64(burst) - r.Average) * (float64(burst) - r.Average) / n
	}
	r.StdDev = math.Sqrt(r.StdDev)
	r.ImpliedBuffer = seconds(r.Average / maxFPS)
}

// A burstSearch is one search of the longest burst without loss.
type burstSearch struct {
	b        *bench
	lo, hi   uint64 // longest that passed, shortest that did not or one too many
	disowned string
}

// run bisects to a single frame or, of long bursts, within the resolution. A
// guess from an earlier repetition is tried first, from both its sides.
func (s *burstSearch) run(ctx context.Context, guess uint64) error {
	near := max(1, uint64(float64(guess)*s.b.o.Resolution))
	first := []uint64{s.hi - 1}
	if guess > 0 {
		first = []uint64{guess - min(near, guess-1), guess + near}
	}
	for _, n := range first {
		if err := s.try(ctx, n); err != nil || s.disowned != "" {
			return err
		}
	}
	for s.hi-s.lo > s.step() {
		if err := s.try(ctx, s.lo+(s.hi-s.lo)/2); err != nil || s.disowned != "" {
			return err
		}
	}
	return nil
}

// step is the distance at which the search ends: RFC 9004 has no more than the
// resolution's share, and a burst is whole frames.
func (s *burstSearch) step() uint64 {
	return max(1, uint64(float64(s.lo)*s.b.o.Resolution/4))
}

// try sends a burst of n frames, unless its fate is known.
func (s *burstSearch) try(ctx context.Context, n uint64) error {
	if n <= s.lo || n >= s.hi {
		return nil
	}
	t, err := s.b.offer(ctx, s.b.row.MaxFPS, seconds(float64(n)/s.b.row.MaxFPS))
	switch {
	case err != nil:
		return err
	case t.Passed:
		s.lo = n
	case t.Invalid != "":
		s.disowned = t.Invalid
	default:
		s.hi = n
	}
	return nil
}

func seconds(s float64) time.Duration { return time.Duration(math.Round(s * float64(time.Second))) }
