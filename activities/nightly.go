package activities

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
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
	// Baseline is the run to compare with instead of the plan's baseline; the
	// run's own ID makes the run itself the one to compare with later, if it is
	// fit for that.
	Baseline string `json:"baseline,omitempty"`
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
	baseline, unfit, err := n.baseline(ctx, run, in)
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

// baseline is the run to compare a night with, nil if there is none; unfit is
// then why the night itself could not become it.
func (n *Nights) baseline(ctx context.Context, run *results.Run, in NightInput) (baseline *results.Run, unfit string, err error) {
	switch in.Baseline {
	case "":
		baseline, err = n.Store.Baseline(ctx, run.Plan)
	case run.ID:
		if unfit = notice.Fit(run, in.Problem); unfit == "" {
			baseline = run
		}
		return baseline, unfit, nil
	default:
		baseline, err = n.Store.Run(ctx, in.Baseline)
		if errors.Is(err, results.ErrNoRun) || err == nil && baseline.ID != in.Baseline {
			return nil, fmt.Sprintf("run %s, to be compared with, is gone", in.Baseline), nil
		}
		if err != nil {
			return nil, "", err
		}
		return chosen(baseline, run), "", nil
	}
	if !errors.Is(err, results.ErrNoBaseline) {
		return baseline, "", err
	}
	if !in.BaselineFirst {
		return nil, "", nil
	}
	if unfit = notice.Fit(run, in.Problem); unfit != "" {
		return nil, unfit, nil
	}
	return run, "", n.Store.SetBaseline(ctx, run.ID)
}

// chosen is the part of a full run of the same plan that a run of some of its
// cases can be compared with.
func chosen(full, run *results.Run) *results.Run {
	if full.PlanHash != run.PlanHash {
		return full
	}
	part := *full
	part.Cases = nil
	for i := range full.Cases {
		if run.Case(full.Cases[i].ID) != nil {
			part.Cases = append(part.Cases, full.Cases[i])
		}
	}
	return &part
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
