package server_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// TestEngagementOfAnEditedPlan edits a signed plan in place: what was signed runs
// until the amendment is signed, also in a worker that is started meanwhile.
// With -update it commits the histories for the replay test of package workflows.
func TestEngagementOfAnEditedPlan(t *testing.T) {
	t.Parallel()
	const id = "acme-edited"
	s := newStack(t, t.TempDir(), fakes.New())
	in, tokens := s.engagementInput(t, id, 0)
	if err := workflows.StartEngagement(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	s.toTesting(t, id, tokens)
	edited := strings.Replace(engagementPlan, "run: show version", "run: show interfaces", 1)
	if err := os.WriteFile(filepath.Join(s.dir, "pair.yaml"), []byte(edited), 0o644); err != nil {
		t.Fatal(err)
	}
	s.stopWorkers()
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	second := s.runOnce(t, id, 2)
	if len(second.Edited) != 1 || second.Edited[0].How != "1 changed (pair/CMD-001)" || second.Runs[1].Counts != second.Runs[0].Counts {
		t.Errorf("edited %+v, runs %+v", second.Edited, second.Runs)
	}
	s.update(t, id, workflows.AmendUpdate, workflows.ScopeRequest{Reason: "the network changed"})
	waiting := s.until(t, id, "amended", func(e *workflows.EngagementStatus) bool { return e.State.Proposal != nil })
	s.signed(t, id, workflows.SignUpdate, tokens["Bob"], workflows.SignedRequest{Hash: waiting.State.Proposal.Hash})
	third := s.runOnce(t, id, 3)
	if len(third.Edited) != 0 || len(third.Signed) != 2 {
		t.Errorf("after the amendment: edited %+v, signed %+v", third.Edited, third.Signed)
	}
	var hashes []string
	for _, r := range third.Runs {
		run, err := s.store.Run(t.Context(), r.ID)
		if err != nil {
			t.Fatal(err)
		}
		hashes = append(hashes, run.PlanHash)
	}
	first, amended := third.Signed[0].Plans[0].Hash, third.Signed[1].Plans[0].Hash
	if hashes[0] != first || hashes[1] != first || hashes[2] != amended || first == amended {
		t.Errorf("runs of %q; signed were %s and then %s", hashes, first, amended)
	}
	for _, one := range []string{id, id + "/run-02"} {
		h := s.history(t, one)
		t.Logf("%s: %d events", one, len(h.Events))
		if *update {
			s.write(t, one, h)
		}
	}
	s.signed(t, id, workflows.CancelUpdate, tokens["Sam"], workflows.SignedRequest{Reason: "the test is over"})
	s.until(t, id, "closed", func(e *workflows.EngagementStatus) bool { return e.State.Phase == workflows.EngagementClosed })
}

// runOnce has all cases run as the n-th run and returns the state after it.
func (s *stack) runOnce(t *testing.T, id string, n int) *workflows.EngagementState {
	t.Helper()
	s.update(t, id, workflows.RunUpdate, workflows.RunRequest{By: "the lab"})
	return &s.until(t, id, "run", func(e *workflows.EngagementStatus) bool {
		return len(e.State.Runs) == n && !e.State.Runs[n-1].Finished.IsZero() && e.Running == ""
	}).State
}
