package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"

	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Nights judges nightly runs by their plans' baselines.
type Nights struct {
	Store *results.Store
}

// NightInput is a nightly run that has ended.
type NightInput struct {
	Nightly string `json:"nightly"` // the schedule's ID
	Run     string `json:"run"`
	Plan    string `json:"plan"` // its file
	Dir     string `json:"dir"`  // of the run's documents
	Problem string `json:"problem,omitempty"`
	// BaselineFirst makes the run its plan's baseline if there is none and the
	// run is fit to be one.
	BaselineFirst bool `json:"baselineFirst,omitempty"`
	// Report is where the run's HTML report is.
	Report string `json:"report,omitempty"`
}

// JudgeNight says what came of a night and writes the comparison with the
// baseline next to the run's report, as comparison.txt and comparison.json.
func (n *Nights) JudgeNight(ctx context.Context, in NightInput) (*notice.Night, error) {
	run, err := n.Store.Run(ctx, in.Run)
	if errors.Is(err, results.ErrNoRun) {
		return notice.Unknown(in.Nightly, in.Run, PlanName(in.Plan), orElse(in.Problem, "the run left no record")), nil
	}
	if err != nil {
		return nil, err
	}
	if in.Problem == "" {
		in.Problem = run.Problem
	}
	baseline, err := n.Store.Baseline(ctx, run.Plan)
	unfit := ""
	if errors.Is(err, results.ErrNoBaseline) {
		baseline, err = nil, nil
		if in.BaselineFirst {
			if unfit = notice.Fit(run, in.Problem); unfit == "" {
				baseline, err = run, n.Store.SetBaseline(ctx, run.ID)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	night := notice.Judge(in.Nightly, run, baseline, in.Problem)
	night.Report = in.Report
	if night.Outcome == notice.NoBaseline {
		night.Problem = unfit
	}
	if baseline == nil || baseline.ID == run.ID {
		return night, nil
	}
	return night, writeComparison(in.Dir, results.Compare(baseline, run))
}

func writeComparison(dir string, c *results.Comparison) error {
	var text bytes.Buffer
	if err := report.Comparison(&text, c, report.Options{}); err != nil {
		return err
	}
	data, err := json.MarshalIndent(c, "", "  ")
	if err != nil {
		return err
	}
	return errors.Join(
		writeFile(filepath.Join(dir, "comparison.txt"), text.String()),
		writeFile(filepath.Join(dir, "comparison.json"), string(data)+"\n"))
}

// PlanName is the name to call a plan by while it has not been read.
func PlanName(file string) string {
	name := filepath.Base(file)
	return strings.TrimSuffix(name, filepath.Ext(name))
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
