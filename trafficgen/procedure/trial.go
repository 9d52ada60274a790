package procedure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// errNoStatistics means that the generator broke its contract.
var errNoStatistics = errors.New("the generator did not report every stream")

// A bench runs the trials of one frame size.
type bench struct {
	gen       trafficgen.Generator
	o         *Options
	procedure Procedure
	row       *Row
	streams   []trafficgen.Stream // at the highest load
	number    *int                // of trials so far, over all sizes
}

// Run runs a procedure for each frame size. It returns what it has with the
// error that ended it.
func Run(ctx context.Context, gen trafficgen.Generator, p Procedure, o Options) (*Result, error) {
	measure := map[Procedure]func(*bench, context.Context) error{
		Throughput: (*bench).throughput, Latency: (*bench).latency, FrameLoss: (*bench).frameLoss,
		BackToBack: (*bench).backToBack, SystemRecovery: (*bench).systemRecovery, Reset: (*bench).reset,
		Forwarding: (*bench).forwarding, AddressCaching: (*bench).addressCaching, AddressLearning: (*bench).addressLearning,
	}[p]
	if measure == nil {
		return nil, fmt.Errorf("there is no procedure %q", p)
	}
	o, err := o.prepare(p)
	if err != nil {
		return nil, err
	}
	result := newResult(p, &o)
	number := 0
	for _, size := range o.Sizes {
		b := newBench(gen, p, &o, size, &number)
		err := measure(b, ctx)
		result.Rows = append(result.Rows, *b.row)
		if err != nil {
			return result, fmt.Errorf("%s with %d-byte frames: %w", p, size, err)
		}
	}
	return result, nil
}

func newBench(gen trafficgen.Generator, p Procedure, o *Options, size int, number *int) *bench {
	streams, highest := o.load(size)
	return &bench{gen: gen, o: o, procedure: p, streams: streams, number: number,
		row: &Row{FrameBytes: size, MaxFPS: highest}}
}

// at returns the streams with rates that add up to fps.
func (b *bench) at(fps float64, duration time.Duration) []trafficgen.Stream {
	scaled := make([]trafficgen.Stream, len(b.streams))
	for i, s := range b.streams {
		s.Rate *= fps / b.row.MaxFPS
		s.Duration = duration
		scaled[i] = s
	}
	return scaled
}

// offer runs trials at a load until one counts or the attempts are used up.
// The last is returned; its Invalid says whether it counts.
func (b *bench) offer(ctx context.Context, fps float64, duration time.Duration) (t Trial, err error) {
	for range b.o.Attempts {
		if t, _, err = b.trial(ctx, fps, b.at(fps, duration)); err != nil || t.Invalid == "" {
			return t, err
		}
	}
	return t, nil
}

// trial runs streams once, after a rest, and keeps the trial.
func (b *bench) trial(ctx context.Context, fps float64, streams []trafficgen.Stream) (Trial, []trafficgen.Stats, error) {
	if *b.number > 0 {
		if err := pause(ctx, b.o.Rest); err != nil {
			return Trial{}, nil, err
		}
	}
	*b.number++
	begin := time.Now()
	stats, err := b.gen.Run(ctx, streams, b.observer(fps))
	switch {
	case err != nil:
		return Trial{}, nil, fmt.Errorf("at %.0f fps: %w", fps, err)
	case ctx.Err() != nil: // a trial cut short says nothing
		return Trial{}, nil, context.Cause(ctx)
	case len(stats) != len(streams):
		return Trial{}, nil, errNoStatistics
	}
	t := b.sum(fps, stats)
	t.Started, t.Took = begin, time.Since(begin)
	b.keep(t)
	return t, stats, nil
}

// observer passes live counters to the progress callback.
func (b *bench) observer(fps float64) func([]trafficgen.Stats) {
	if b.o.Progress == nil {
		return nil
	}
	return func(live []trafficgen.Stats) { b.progress(Progress{FPS: fps, Live: live}) }
}

func (b *bench) progress(p Progress) {
	if b.o.Progress != nil {
		p.Procedure, p.FrameBytes, p.Number = b.procedure, b.row.FrameBytes, *b.number
		b.o.Progress(p)
	}
}

func (b *bench) keep(t Trial) {
	b.row.Trials = append(b.row.Trials, t)
	b.progress(Progress{FPS: t.WantedFPS, Trial: &t})
}

// sum makes a trial of its streams' counters.
func (b *bench) sum(fps float64, stats []trafficgen.Stats) Trial {
	t := Trial{WantedFPS: fps}
	var invalid []string
	for i := range stats {
		st := &stats[i]
		t.OfferedFPS += st.OfferedFPS
		t.Sent, t.Received, t.Lost = t.Sent+st.Sent, t.Received+st.Received, t.Lost+st.Lost
		if why := disowned(st, b.o.LossLimit); why != "" {
			if len(stats) > 1 {
				why = "stream " + st.Stream + ": " + why
			}
			invalid = append(invalid, why)
		}
		if len(stats) == 1 {
			t.Latency = st.Latency
			continue
		}
		t.Latency = worse(t.Latency, st.Latency)
		t.Streams = append(t.Streams, Part{Stream: st.Stream, Sent: st.Sent, Lost: st.Lost, Latency: st.Latency})
	}
	t.Invalid = strings.Join(invalid, "; ")
	t.Passed = t.Invalid == "" && t.Sent > 0 && t.LossRatio() <= b.o.LossLimit
	return t
}

// worse takes the higher of each value.
func worse(a, b trafficgen.Latency) trafficgen.Latency {
	return trafficgen.Latency{
		Min: max(a.Min, b.Min), Mean: max(a.Mean, b.Mean), Max: max(a.Max, b.Max),
		P50: max(a.P50, b.P50), P90: max(a.P90, b.P90), P99: max(a.P99, b.P99), P999: max(a.P999, b.P999),
		Jitter: max(a.Jitter, b.Jitter), PDV: max(a.PDV, b.PDV), IPDV: max(a.IPDV, b.IPDV), IPDVMax: max(a.IPDVMax, b.IPDVMax),
	}
}

const (
	// rateTolerance is the share of the wanted frames that must have left.
	rateTolerance = 0.99
	// lateTolerated is a lateness of the transmitter that is no stall.
	lateTolerated = 2 * time.Millisecond
)

// doubtTolerated is the share of the lost frames that the generator may have lost
// itself where that does not decide a trial.
const doubtTolerated = 0.1

// disowned is why a stream's counters say nothing about the device, or "". limit
// is the share of frames that may be lost.
func disowned(st *trafficgen.Stats, limit float64) string {
	if len(st.Faults) > 0 {
		return strings.Join(st.Faults, "; ")
	}
	if st.Sent == 0 {
		return "no frame was sent"
	}
	missing := st.WantedFPS*st.Duration.Seconds() + 1 - float64(st.Sent)
	if missing > 2 && missing > (1-rateTolerance)*(float64(st.Sent)+missing) {
		return fmt.Sprintf("offered %.0f of the wanted %.0f frames per second", st.OfferedFPS, st.WantedFPS)
	}
	if doubtful := st.Lost - st.LeastLost(); doubtful > 0 && st.LossRatio() > limit {
		decides := float64(st.LeastLost()) <= limit*float64(st.Sent)
		if decides || float64(doubtful) > doubtTolerated*float64(st.Lost) {
			return fmt.Sprintf("%d of %d lost frames may not be the device's doing: %s", doubtful, st.Lost, strings.Join(st.Doubts(), "; "))
		}
	}
	// After it stood still a transmitter makes up for what it owes. Where no
	// more frames were lost than it owed, the loss may be of its making: the
	// uncertainty is one interval and the worst lateness beside the losses.
	if st.Lost > 0 && st.OfferedFPS > 0 {
		late := st.Uncertainty - time.Duration(float64(time.Second)/st.OfferedFPS)
		if late > lateTolerated && float64(st.Lost) <= math.Ceil(late.Seconds()*st.OfferedFPS) {
			return fmt.Sprintf("%d frames were lost beside a stall of the transmitter of %v", st.Lost, late.Round(100*time.Microsecond))
		}
	}
	return ""
}

// pause lets the device settle.
func pause(ctx context.Context, d time.Duration) error {
	if d <= 0 {
		return nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
