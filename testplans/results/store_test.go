package results_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

var start = time.Date(2026, 11, 23, 5, 30, 12, 0, time.UTC)

// ring returns a run of the plan "ring" with cases A, B and C that have not run.
func ring(id string, at time.Time) *results.Run {
	return &results.Run{
		ID: id, Plan: "ring", Title: "The ring", Type: "regression", PlanHash: "abc", Started: at, Backend: "netns",
		Requirements: []results.Requirement{{ID: "R1", Text: "It works"}},
		Cases:        []results.Case{{ID: "A", Title: "a", Requirement: "R1"}, {ID: "B", Title: "b"}, {ID: "C[x=1]", Title: "c", Params: map[string]string{"x": "1"}}},
	}
}

func attempt(number int, v check.Verdict) results.Attempt {
	return results.Attempt{
		Number: number, Verdict: v, Reason: "because " + string(v), Started: start, Finished: start.Add(time.Second),
		Steps: []results.Step{{
			Phase: results.PhaseSteps, Kind: "check", Title: "Check it", Verdict: v, Started: start, Finished: start.Add(time.Second),
			Findings: []check.Finding{{Verdict: v, Node: "r1", Subject: "it", Expected: "1", Seen: "2"}},
			Stats:    []trafficgen.Stats{{Stream: "s", Sent: 10, Received: 10, Series: []trafficgen.Sample{{Offset: time.Second, Sent: 10}}}},
		}},
	}
}

func open(t *testing.T, path string) *results.Store {
	t.Helper()
	s, err := results.Open(t.Context(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestSaveAndLoad(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "deep", "er dir", "results?.db")
	s := open(t, "sqlite:"+path)
	run := ring("ring-1", start)
	must(t, s.SaveRun(ctx, run))
	must(t, s.SaveAttempt(ctx, "ring-1", "A", attempt(1, check.Fail)))
	must(t, s.SaveAttempt(ctx, "ring-1", "A", attempt(2, check.Pass)))
	must(t, s.SaveAttempt(ctx, "ring-1", "C[x=1]", attempt(1, check.Skip)))
	must(t, s.FinishRun(ctx, "ring-1", start.Add(time.Minute), "cancelled by the operator"))

	run.Finished, run.Problem = start.Add(time.Minute), "cancelled by the operator"
	run.Cases[0].Attempts = []results.Attempt{attempt(1, check.Fail), attempt(2, check.Pass)}
	run.Cases[2].Attempts = []results.Attempt{attempt(1, check.Skip)}
	again := open(t, path) // a bare path, a second opening
	got, err := again.Run(ctx, "ring-1")
	must(t, err)
	if diff := cmp.Diff(run, got); diff != "" {
		t.Errorf("loaded run (-saved +loaded):\n%s", diff)
	}
	listed, err := again.List(ctx, results.Filter{})
	must(t, err)
	if len(listed) != 1 || len(listed[0].Cases[0].Attempts) != 2 || listed[0].Cases[0].Attempts[0].Steps != nil {
		t.Errorf("List = %+v, want the run with attempts without steps", listed)
	}
	if got, want := listed[0].Summary(), run.Summary(); !cmp.Equal(got, want) {
		t.Errorf("summary from the list differs: %s", cmp.Diff(want, got))
	}
}

func TestAttemptsAreAppendOnlyAndIdempotent(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "r.db"))
	must(t, s.SaveRun(ctx, ring("ring-1", start)))
	for range 3 {
		must(t, s.SaveAttempt(ctx, "ring-1", "A", attempt(1, check.Fail)))
	}
	var conflict *results.AttemptConflictError
	if err := s.SaveAttempt(ctx, "ring-1", "A", attempt(1, check.Pass)); !errors.As(err, &conflict) || conflict.Number != 1 {
		t.Errorf("another attempt 1: error %v, want an AttemptConflictError", err)
	}
	got, err := s.Run(ctx, "ring-1")
	must(t, err)
	if n := got.Cases[0].Attempts; len(n) != 1 || n[0].Verdict != check.Fail {
		t.Errorf("attempts of A = %+v, want the first one only", n)
	}
	for name, c := range map[string]struct {
		run, kase string
		a         results.Attempt
		want      string
	}{
		"unknown run":  {"ring-2", "A", attempt(1, check.Pass), `did you mean "ring-1"`},
		"unknown case": {"ring-1", "Z", attempt(1, check.Pass), "no case Z"},
		"number 0":     {"ring-1", "B", attempt(0, check.Pass), "numbered from 1"},
		"no verdict":   {"ring-1", "B", attempt(1, ""), "no verdict"},
	} {
		if err := s.SaveAttempt(ctx, c.run, c.kase, c.a); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: error %v, want %q", name, err, c.want)
		}
	}
}

func TestSaveRunAgain(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "r.db"))
	run := ring("ring-1", start)
	must(t, s.SaveRun(ctx, run))
	must(t, s.SaveAttempt(ctx, "ring-1", "B", attempt(1, check.Pass)))
	must(t, s.FinishRun(ctx, "ring-1", start.Add(time.Hour), "lab lost"))

	// A worker that starts over saves what it knew at the start, and more.
	run.Platforms = []results.Platform{{Node: "r1", Platform: "Junos emulator"}}
	run.Cases = run.Cases[:2] // C never ran
	must(t, s.SaveRun(ctx, run))
	got, err := s.Run(ctx, "ring-1")
	must(t, err)
	if len(got.Platforms) != 1 || len(got.Cases) != 2 || len(got.Cases[1].Attempts) != 1 {
		t.Errorf("after the update: %d platforms, %d cases, B %+v", len(got.Platforms), len(got.Cases), got.Cases[1])
	}
	if got.Finished.IsZero() || got.Problem != "lab lost" {
		t.Errorf("finished %v, problem %q: the end was forgotten", got.Finished, got.Problem)
	}
	run.Cases = run.Cases[:1]
	if err := s.SaveRun(ctx, run); err == nil || !strings.Contains(err.Error(), "B has run") {
		t.Errorf("dropping a case that ran: error %v", err)
	}
	run.Cases = append(run.Cases, run.Cases[0])
	if err := s.SaveRun(ctx, run); err == nil || !strings.Contains(err.Error(), "twice") {
		t.Errorf("a case listed twice: error %v", err)
	}
}

func TestRunByReference(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "r.db"))
	if _, err := s.Run(ctx, "last"); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("last of none: %v, want ErrNoRun", err)
	}
	for i, id := range []string{"ring-20261123-01", "ring-20261123-02", "ring-20261124-01", "ring-20261124-01-b"} {
		must(t, s.SaveRun(ctx, ring(id, start.Add(time.Duration(i)*time.Hour))))
	}
	for ref, want := range map[string]string{
		"last": "ring-20261124-01-b", "latest": "ring-20261124-01-b",
		"ring-20261124-01": "ring-20261124-01", "ring-20261123-02": "ring-20261123-02", "ring-20261124-01-": "ring-20261124-01-b",
	} {
		if got, err := s.Run(ctx, ref); err != nil || got.ID != want {
			t.Errorf("Run(%q) = %v, %v, want %s", ref, got, err, want)
		}
	}
	for ref, want := range map[string]string{
		"ring-20261123":    "ambiguous",
		"ring-20261123-3":  `did you mean "ring-20261123-0`,
		"bgp":              "4 on record",
		"":                 "no such run",
		"ring-2026112_-01": "no such run",
	} {
		if _, err := s.Run(ctx, ref); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("Run(%q): error %v, want %q", ref, err, want)
		}
	}
	list, err := s.List(ctx, results.Filter{Plan: "ring", Limit: 2})
	must(t, err)
	if len(list) != 2 || list[0].ID != "ring-20261124-01-b" || list[1].ID != "ring-20261124-01" {
		t.Errorf("List = %v", list)
	}
	if list, err := s.List(ctx, results.Filter{Plan: "other"}); err != nil || len(list) != 0 {
		t.Errorf("List of another plan = %v, %v", list, err)
	}
}

func TestBaselineAndDelete(t *testing.T) {
	ctx := t.Context()
	s := open(t, filepath.Join(t.TempDir(), "r.db"))
	for _, id := range []string{"ring-a", "ring-b"} {
		must(t, s.SaveRun(ctx, ring(id, start)))
		must(t, s.SaveAttempt(ctx, id, "A", attempt(1, check.Pass)))
	}
	if _, err := s.Baseline(ctx, "ring"); !errors.Is(err, results.ErrNoBaseline) {
		t.Errorf("no baseline: %v", err)
	}
	if err := s.SetBaseline(ctx, "ring-a"); err == nil || !strings.Contains(err.Error(), "not finished") {
		t.Errorf("a running run as baseline: %v", err)
	}
	must(t, s.FinishRun(ctx, "ring-a", start, ""))
	must(t, s.FinishRun(ctx, "ring-b", start, ""))
	must(t, s.SetBaseline(ctx, "ring-a"))
	must(t, s.SetBaseline(ctx, "ring-b"))
	if got, err := s.Baseline(ctx, "ring"); err != nil || got.ID != "ring-b" || len(got.Cases[0].Attempts[0].Steps) != 1 {
		t.Errorf("Baseline = %+v, %v, want ring-b whole", got, err)
	}
	if got, err := s.Baselines(ctx); err != nil || len(got) != 1 || got["ring"] != "ring-b" {
		t.Errorf("Baselines = %v, %v", got, err)
	}
	if err := s.Delete(ctx, "ring-b"); err == nil || !strings.Contains(err.Error(), "baseline") {
		t.Errorf("deleting the baseline: %v", err)
	}
	must(t, s.Delete(ctx, "ring-a"))
	if err := s.Delete(ctx, "ring-a"); !errors.Is(err, results.ErrNoRun) {
		t.Errorf("deleting it again: %v", err)
	}
	// Nothing of the deleted run may come back with a new one of its name.
	must(t, s.SaveRun(ctx, ring("ring-a", start)))
	got, err := s.Run(ctx, "ring-a")
	must(t, err)
	if len(got.Cases[0].Attempts) != 0 {
		t.Errorf("attempts of a deleted run are still there: %+v", got.Cases[0].Attempts)
	}
}

func TestOpenRefuses(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "r.db")
	must(t, open(t, path).SaveRun(ctx, ring("ring-1", start)))
	db, err := sql.Open("sqlite", path)
	must(t, err)
	_, err = db.ExecContext(ctx, `INSERT INTO schema_version (version) VALUES (99)`)
	must(t, err)
	must(t, db.Close())
	var schema *results.SchemaError
	if _, err := results.Open(ctx, path); !errors.As(err, &schema) || schema.Found != 99 {
		t.Errorf("a newer schema: error %v, want a SchemaError", err)
	}
	for dsn, want := range map[string]string{
		"":                      "no path",
		"sqlite:":               "no path",
		"mysql://u:secret@h/db": "unknown kind of store",
	} {
		_, err := results.Open(ctx, dsn)
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("Open(%q): error %v, want %q without a password", dsn, err, want)
		}
	}
}

// Several workers, each with its own opening of one new file, as several
// processes have: everything is there once, nobody is told "database is locked".
func TestConcurrentWriters(t *testing.T) {
	for round := range 10 { // the file is new only once a round
		path := filepath.Join(t.TempDir(), fmt.Sprint(round, ".db"))
		const workers = 8
		errs := make([]error, workers)
		var wg sync.WaitGroup
		for w := range workers {
			wg.Go(func() { errs[w] = work(t.Context(), path) })
		}
		wg.Wait()
		must(t, errors.Join(errs...))
		got, err := open(t, path).Run(t.Context(), "last")
		must(t, err)
		for _, c := range got.Cases {
			if len(c.Attempts) != 3 {
				t.Errorf("case %s has %d attempts, want 3", c.ID, len(c.Attempts))
			}
		}
	}
}

// work is what each worker of TestConcurrentWriters does; all do the same.
func work(ctx context.Context, path string) error {
	s, err := results.Open(ctx, path)
	if err != nil {
		return fmt.Errorf("open: %w", err)
	}
	defer s.Close()
	run := ring("ring-1", start)
	if err := s.SaveRun(ctx, run); err != nil {
		return err
	}
	for n := 1; n <= 3; n++ {
		for _, c := range run.Cases {
			if err := s.SaveAttempt(ctx, run.ID, c.ID, attempt(n, check.Pass)); err != nil {
				return err
			}
		}
		if _, err := s.Run(ctx, run.ID); err != nil {
			return err
		}
	}
	return nil
}
