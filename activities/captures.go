package activities

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen/capture"
)

// Captures starts recordings of the frames that pass ports, and stops them.
type Captures struct {
	Labs       *Labs
	Streams    *Streams
	Recordings *Recordings
}

// afterLoss is how long a capture around a loss goes on after it.
const afterLoss = 500 * time.Millisecond

// StartCapture starts a capture and leaves it running.
func (c *Captures) StartCapture(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		wanted := in.Step.Capture
		lab, err := c.Labs.Lab(in.Lab)
		if err != nil {
			return err
		}
		o := capture.Options{Filter: wanted.Filter, Ring: wanted.Ring, After: afterLoss}
		for _, id := range wanted.Ports {
			if err := ResolvePort(lab, &id); err != nil {
				var cannot *topology.UnsupportedError
				if errors.As(err, &cannot) {
					cannot.What = "a capture at " + id.Node
				}
				return err
			}
			if name := c.Streams.deaf(in.Lab, id); name != "" {
				r.verdict(check.Error, "capture %s cannot hear stream %s, which is counted and taken off before it comes there: start the capture first", wanted.Start, name)
				return nil
			}
			o.Ports = append(o.Ports, id)
		}
		k := key(in, wanted.Start)
		rec, err := c.Recordings.start(ctx, k, in.Evidence, o)
		if err != nil {
			r.verdict(check.Error, "capture %s: %v", wanted.Start, err)
			return nil
		}
		var watched []streamKey
		for _, name := range wanted.AroundLoss {
			watched = append(watched, key(in, name))
		}
		rec.watch(c.Streams, watched)
		r.event(time.Now(), "capture", "", "capture %s started", wanted.Start)
		r.verdict(check.Pass, "capture %s records", wanted.Start)
		return nil
	})
}

// StopCapture stops a capture that a former step started, and keeps its file.
func (c *Captures) StopCapture(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		name := in.Step.Capture.Stop
		rec := c.Recordings.get(key(in, name))
		switch {
		case rec == nil && in.Started:
			return interrupted("capture %s ended with the worker that ran it", name)
		case rec == nil:
			r.verdict(check.Error, "capture %s has not been started in this case", name)
			return nil
		}
		sum, stopped := rec.stop()
		r.event(time.Now(), "capture", "", "capture %s stopped", name)
		file, err := rec.keep(in.Evidence, in.At, name)
		if err != nil {
			return err
		}
		if file != nil {
			r.Evidence = append(r.Evidence, *file)
		} else {
			sum = capture.Summary{} // what is not kept does not count
		}
		if stopped != nil {
			r.verdict(check.Error, "capture %s: %v", name, stopped)
			return nil
		}
		r.judgeCapture(name, sum, file != nil, in.Step.Capture.Frames)
		return nil
	})
}

// judgeCapture judges how many frames were recorded. A file that lacks some
// proves nothing about their number.
func (r *recorder) judgeCapture(name string, sum capture.Summary, kept bool, frames check.Bound) {
	switch {
	case frames != "" && sum.Dropped > 0:
		r.verdict(check.Error, "capture %s is not whole: %d frames passed too fast to be recorded", name, sum.Dropped)
	case frames != "":
		r.judge(check.JudgeNumber(frames, "frames in capture "+name, int(sum.Frames)))
	case !kept:
		r.verdict(check.Pass, "nothing was lost, so that capture %s keeps nothing", name)
	case sum.Dropped > 0:
		r.verdict(check.Pass, "capture %s has %d frames and lacks %d, which passed too fast", name, sum.Frames, sum.Dropped)
	default:
		r.verdict(check.Pass, "capture %s has %d frames", name, sum.Frames)
	}
}

// StopCapturesInput says whose captures are to be stopped, and where what they
// have heard goes.
type StopCapturesInput struct {
	At       Place  `json:"at"`
	Lab      LabRef `json:"lab"`
	Evidence string `json:"evidence"`
}

// StopCaptures stops every capture that a case has left running, because a
// step between its start and its stop did not pass, for example. What they
// have recorded may say why, and is kept. What cannot be kept is no reason to
// hold the lab for unclean.
func (c *Captures) StopCaptures(ctx context.Context, in StopCapturesInput) ([]results.EvidenceFile, error) {
	defer heartbeat(ctx)()
	var files []results.EvidenceFile
	for k, rec := range c.Recordings.takeCase(in.Lab, in.At.owner()) {
		if rec.ended() { // its file is kept already
			_ = rec.close()
			continue
		}
		_, stopped := rec.stop()
		file, err := rec.keep(in.Evidence, in.At, k.name)
		if file != nil {
			files = append(files, *file)
		}
		_ = rec.close() // stopped is what it would say
		if err := errors.Join(stopped, err); err != nil {
			slog.Warn("a capture that was left running is not whole", "capture", k.name, "case", in.At.Case, "error", err)
		}
	}
	slices.SortFunc(files, func(a, b results.EvidenceFile) int { return strings.Compare(a.ID, b.ID) })
	return files, nil
}
