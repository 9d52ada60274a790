package activities

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// A recorder is the record of a step while it is being made.
type recorder struct {
	results.Step
	in    StepInput
	pulse *pulse // what its heartbeats say
}

// step runs one step: it heartbeats while do works, notes the times, and gives
// an error its type. do sets the verdict.
func step(ctx context.Context, in StepInput, do func(context.Context, *recorder) error) (*results.Step, error) {
	r := &recorder{in: in, pulse: &pulse{}}
	defer r.pulse.beat(ctx)()
	r.Phase, r.Kind, r.Title = in.At.Phase, in.Step.Kind(), in.Step.Title
	r.Where, r.Round, r.Branch = where(in), in.Step.Round, in.Step.Branch
	r.Started = time.Now()
	if err := do(ctx, r); err != nil {
		return nil, asActivityError(ctx, err)
	}
	r.Finished = time.Now()
	return &r.Step, nil
}

// where is the step's place in its plan, without the directory.
func where(in StepInput) string {
	pos := in.Step.Pos
	if pos.File != "" {
		pos.File = filepath.Base(pos.File)
	}
	return pos.String()
}

// repeated reports whether this activity was begun before and did not report.
func repeated(ctx context.Context) bool {
	return activity.IsActivity(ctx) && activity.GetInfo(ctx).Attempt > 1
}

// judge takes an outcome as the step's verdict.
func (r *recorder) judge(o check.Outcome) {
	r.Verdict, r.Reason, r.Findings = o.Verdict, o.Reason, o.Findings
}

// verdict sets the verdict with its sentence.
func (r *recorder) verdict(v check.Verdict, format string, args ...any) {
	r.Verdict, r.Reason = v, fmt.Sprintf(format, args...)
}

// event notes a moment on the run's timeline.
func (r *recorder) event(at time.Time, kind, node, format string, args ...any) {
	r.Events = append(r.Events, results.Event{At: at, Kind: kind, Node: node, Text: fmt.Sprintf(format, args...)})
}

// keep writes a piece of evidence and lists it in the step. An empty one is
// not kept.
func (r *recorder) keep(id, node, what, ext, content string) error {
	if content == "" {
		return nil
	}
	path := results.EvidencePath(r.in.At.Case, r.in.At.Attempt, r.in.At.Step, id, ext)
	file := filepath.Join(r.in.Evidence, filepath.FromSlash(path))
	if err := writeFile(file, content); err != nil {
		return fmt.Errorf("keep the evidence: %w", err)
	}
	r.Evidence = append(r.Evidence, results.EvidenceFile{ID: id, Node: node, What: what, Path: path})
	return nil
}

// writeFile replaces a file as a whole, so that a reader never sees half.
func writeFile(file, content string) error { return writeFrom(file, strings.NewReader(content)) }

// writeFrom is writeFile with what a reader has.
func writeFrom(file string, content io.Reader) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(file), ".new-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	_, err = io.Copy(tmp, content)
	if err == nil {
		err = tmp.Chmod(0o644)
	}
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(tmp.Name(), file)
}
