package engine

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// What RFC 2544 says where a ThroughputSpec does not.
const (
	rfcTrial          = 60 * time.Second // section 24
	rfcRestabilize    = 5 * time.Second  // section 23, after each trial
	defaultResolution = 0.01
	defaultMaxTrials  = 20 // a size; 1 % of the rate takes 8
	// attempts is how often a rate is tried whose trial the instrument disowns.
	attempts = 3
)

// Throughput searches, for each frame size, the highest rate at which the loss
// is within the limit (RFC 2544, section 26.1), by bisection from the stream's
// rate down. progress, if not nil, is called after each trial.
//
// A trial with a fault of the generator is repeated, and if it stays so its
// rate is taken as out of the tester's reach: the result is then TesterLimited
// unless the device failed at a lower rate. A rate of 0 means that no trial
// passed. It returns what it has with the error that ended it.
func Throughput(ctx context.Context, gen trafficgen.Generator, spec trafficgen.ThroughputSpec, progress func(trafficgen.Trial)) ([]trafficgen.Throughput, error) {
	if len(spec.Sizes) == 0 {
		spec.Sizes = []int{spec.Stream.Size}
	}
	if spec.Trial == 0 {
		spec.Trial = rfcTrial
	}
	if spec.Resolution == 0 {
		spec.Resolution = defaultResolution
	}
	if spec.MaxTrials == 0 {
		spec.MaxTrials = defaultMaxTrials
	}
	switch {
	case spec.Resolution < 0 || spec.Resolution >= 1:
		return nil, fmt.Errorf("throughput of %s: resolution %v is not a fraction of the highest rate", spec.Stream.Name, spec.Resolution)
	case spec.LossLimit < 0 || spec.LossLimit >= 1:
		return nil, fmt.Errorf("throughput of %s: loss limit %v is not a fraction of the frames", spec.Stream.Name, spec.LossLimit)
	case spec.Trial < 0:
		return nil, fmt.Errorf("throughput of %s: trials of %v", spec.Stream.Name, spec.Trial)
	}
	var results []trafficgen.Throughput
	for _, size := range spec.Sizes {
		s := &search{gen: gen, spec: spec, progress: progress, hi: spec.Stream.Rate}
		s.spec.Stream.Size = size
		s.result = trafficgen.Throughput{FrameBytes: size, Shortened: spec.Trial < rfcTrial}
		err := s.run(ctx)
		results = append(results, s.result)
		if err != nil {
			return results, err
		}
	}
	return results, nil
}

// search is the bisection for one frame size.
type search struct {
	gen      trafficgen.Generator
	spec     trafficgen.ThroughputSpec
	progress func(trafficgen.Trial)

	lo       float64 // highest rate that passed
	hi       float64 // lowest that did not, or the highest to try
	disowned bool    // hi is the tester's limit, not the device's
	result   trafficgen.Throughput
}

func (s *search) run(ctx context.Context) error {
	highest := s.spec.Stream.Rate
	for rate := highest; len(s.result.Trials) < s.spec.MaxTrials; rate = (s.lo + s.hi) / 2 {
		trial, err := s.try(ctx, rate)
		if err != nil {
			return err
		}
		s.judge(rate, trial)
		if s.lo >= highest || s.hi-s.lo <= s.spec.Resolution*highest {
			break
		}
	}
	s.result.TesterLimited = s.disowned
	s.result.BitsPerSec = s.result.FPS * float64(s.result.FrameBytes) * 8
	return nil
}

// judge narrows the search by the last trial at a rate.
func (s *search) judge(rate float64, t trafficgen.Trial) {
	harmless := t.Sent > 0 && float64(t.Lost) <= s.spec.LossLimit*float64(t.Sent)
	switch {
	case t.Passed:
		s.lo, s.result.FPS = rate, t.OfferedFPS
	case t.Invalid != "":
		s.hi, s.disowned = rate, true
		// Less than was wanted, but that much the device did carry.
		if harmless && t.OfferedFPS < rate && t.OfferedFPS > s.result.FPS {
			s.lo, s.result.FPS = t.OfferedFPS, t.OfferedFPS
		}
	default:
		s.hi, s.disowned = rate, false
	}
}

// try runs trials at a rate until one counts.
func (s *search) try(ctx context.Context, rate float64) (t trafficgen.Trial, err error) {
	for range attempts {
		if t, err = s.trial(ctx, rate); err != nil {
			return t, err
		}
		s.result.Trials = append(s.result.Trials, t)
		if s.progress != nil {
			s.progress(t)
		}
		if t.Invalid == "" || len(s.result.Trials) == s.spec.MaxTrials {
			break
		}
	}
	return t, nil
}

func (s *search) trial(ctx context.Context, rate float64) (trafficgen.Trial, error) {
	if n := len(s.result.Trials); n > 0 {
		if err := pause(ctx, s.spec.Trial); err != nil {
			return trafficgen.Trial{}, err
		}
	}
	stream := s.spec.Stream
	stream.Rate, stream.Duration = rate, s.spec.Trial
	begin := time.Now()
	stats, err := s.gen.Run(ctx, []trafficgen.Stream{stream}, nil)
	if err != nil {
		return trafficgen.Trial{}, fmt.Errorf("throughput of %s with %d-byte frames at %.0f fps: %w", stream.Name, stream.Size, rate, err)
	}
	if ctx.Err() != nil { // a trial cut short says nothing
		return trafficgen.Trial{}, context.Cause(ctx)
	}
	st := stats[0]
	t := trafficgen.Trial{
		WantedFPS: rate, OfferedFPS: st.OfferedFPS, Sent: st.Sent, Lost: st.Lost,
		Invalid: strings.Join(st.Faults, "; "), Took: time.Since(begin),
	}
	t.Passed = t.Invalid == "" && st.Sent > 0 && st.LossRatio() <= s.spec.LossLimit
	return t, nil
}

// pause lets the device settle after a trial: as long as RFC 2544 asks for
// after its 60 s, in proportion after a shorter one.
func pause(ctx context.Context, trial time.Duration) error {
	timer := time.NewTimer(min(rfcRestabilize, rfcRestabilize*trial/rfcTrial))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
