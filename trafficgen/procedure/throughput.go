package procedure

import "context"

// A ThroughputRow is the highest rate at which all frames arrived.
type ThroughputRow struct {
	// FPS is what was offered in the best trial that passed, all streams
	// together. 0 means that none passed.
	FPS float64 `json:"fps"`
	// BitsPerSec is that rate in bits of frames with FCS, no preamble or gap.
	BitsPerSec float64 `json:"bps"`
	// LowestLossy is the lowest rate that the device failed at, 0 if it failed
	// at none: the throughput is between the two.
	LowestLossy float64 `json:"lowestLossyFps,omitempty"`
}

// throughput searches the highest rate at which the loss is within the limit
// (RFC 2544, section 26.1), by bisection from the highest load down until the
// result is known within the resolution.
//
// A rate whose trials the tester spoilt is taken as out of its reach: the row
// is then TesterLimited, unless the device failed at a lower rate.
func (b *bench) throughput(ctx context.Context) error {
	s := newSearch(b)
	err := s.run(ctx)
	b.row.Throughput, b.row.TesterLimited = s.result(), s.disowned
	return err
}

// A search is the bisection for one frame size.
type search struct {
	b        *bench
	lo, hi   float64 // highest rate that passed; lowest that did not, or the highest to try
	best     float64 // offered in the best trial
	failed   float64 // lowest rate at which the device failed
	disowned string  // why hi is the tester's limit; empty: it is the device's
}

func newSearch(b *bench) *search { return &search{b: b, hi: b.row.MaxFPS} }

func (s *search) run(ctx context.Context) error {
	highest, first := s.b.row.MaxFPS, len(s.b.row.Trials)
	for rate := highest; len(s.b.row.Trials)-first < s.b.o.MaxTrials; rate = (s.lo + s.hi) / 2 {
		t, err := s.b.offer(ctx, rate, s.b.o.Trial)
		if err != nil {
			return err
		}
		s.judge(rate, t)
		if s.known() {
			break
		}
	}
	return nil
}

// known says that the search is as exact as it was asked to be.
func (s *search) known() bool {
	resolution, highest := s.b.o.Resolution, s.b.row.MaxFPS
	// A device that carries next to nothing is not searched for for ever.
	return s.lo >= highest || s.hi-s.lo <= resolution*s.hi || s.hi <= resolution*highest/10
}

// judge narrows the search by the last trial at a rate.
func (s *search) judge(rate float64, t Trial) {
	switch {
	case t.Passed:
		s.lo, s.best = rate, min(rate, t.OfferedFPS) // more is the error of the clock
	case t.Invalid != "":
		s.hi, s.disowned = rate, t.Invalid
		// Less than was wanted, but that much the device did carry.
		if harmless(t, s.b.o.LossLimit) && t.OfferedFPS < rate && t.OfferedFPS > s.best {
			s.lo, s.best = t.OfferedFPS, t.OfferedFPS
		}
	default:
		s.hi, s.failed, s.disowned = rate, rate, ""
	}
}

// harmless says that a trial lost no more than the limit, valid or not.
func harmless(t Trial, limit float64) bool { return t.Sent > 0 && t.LossRatio() <= limit }

func (s *search) result() *ThroughputRow {
	return &ThroughputRow{FPS: s.best, BitsPerSec: s.best * float64(s.b.row.FrameBytes) * 8, LowestLossy: s.failed}
}

// rate is the throughput that another procedure builds on: the one that was
// given or, failing that, measured now. If it is 0 the row says why, should it
// be the tester's doing.
func (b *bench) rate(ctx context.Context) (float64, error) {
	if fps := b.o.Rates[b.row.FrameBytes]; fps > 0 {
		return min(fps, b.row.MaxFPS), nil
	}
	search := *b.o
	if search.Trial = RFCTrial; b.o.Trial < b.procedure.trial() { // shortened
		search.Trial = min(b.o.Trial, RFCTrial)
	}
	s := newSearch(newBench(b.gen, Throughput, &search, b.row.FrameBytes, b.number))
	err := s.run(ctx)
	if s.best == 0 {
		b.row.TesterLimited = s.disowned
	}
	return s.best, err
}
