package activities

import (
	"context"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
)

// Results keeps the records of runs. Every call may be repeated.
type Results struct {
	Store *results.Store
}

// SaveRun records a run's header and its list of cases.
func (r *Results) SaveRun(ctx context.Context, run results.Run) error {
	return asActivityError(ctx, r.Store.SaveRun(ctx, &run))
}

// AttemptInput is one finished attempt of a case.
type AttemptInput struct {
	Run     string          `json:"run"`
	Case    string          `json:"case"`
	Attempt results.Attempt `json:"attempt"`
}

// SaveAttempt appends an attempt to a run.
func (r *Results) SaveAttempt(ctx context.Context, in AttemptInput) error {
	return asActivityError(ctx, r.Store.SaveAttempt(ctx, in.Run, in.Case, in.Attempt))
}

// FinishInput says when a run ended and, if it could not judge its cases, why.
type FinishInput struct {
	Run     string    `json:"run"`
	At      time.Time `json:"at"`
	Problem string    `json:"problem,omitempty"`
}

// FinishRun records the end of a run.
func (r *Results) FinishRun(ctx context.Context, in FinishInput) error {
	return asActivityError(ctx, r.Store.FinishRun(ctx, in.Run, in.At, in.Problem))
}
