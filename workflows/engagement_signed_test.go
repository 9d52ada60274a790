package workflows_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
)

// Whatever becomes of the file of a signed plan, runs and nights are of what was
// signed, and everybody is told until the file is that again.
func TestSignedPlanRuns(t *testing.T) {
	d := newDeal(t, goodCase+badCase)
	d.in.Definition.Nightly = &testplans.EngagementNightly{At: "02:00"}
	file := d.in.Definition.Plans[0]
	d.agree(days(2))
	d.do(days(4), func() { d.plan("pair", strings.Replace(goodCase, "lab", "elsewhere", 1)) })
	var changed, gone *workflows.EngagementStatus
	var page string
	d.do(days(5), func() { changed, page = d.status(), pageOf(t, d.env) })
	d.do(days(5.1), func() {
		if err := os.Remove(file); err != nil {
			t.Error(err)
		}
	})
	d.do(days(6), func() { gone = d.status() })
	d.do(days(6.1), func() { d.plan("pair", "# a comment\n"+goodCase+badCase) })
	d.run(days(6.2), "begins")
	d.signed(days(7.9), "Bob", workflows.WaiveUpdate, workflows.SignedRequest{Cases: []string{"CFG-002"}, Reason: "known"}, "waived")
	d.signed(days(8), "Bob", workflows.AcceptUpdate, workflows.SignedRequest{}, "the results are accepted")
	s := d.play()

	if want := "01 unchanged, 02 unchanged, 03 unchanged, 04 unchanged, 05 unchanged, 06 unchanged"; outcomes(s) != want {
		t.Errorf("nights: %s, want %s", outcomes(s), want)
	}
	if len(s.Runs) != 2 || s.Runs[1].Counts != s.Runs[0].Counts || s.Runs[1].Problem != "" {
		t.Errorf("runs %+v; want two that are alike", s.Runs)
	}
	if e := changed.State.Edited; len(e) != 1 || e[0].String() != "pair.yaml was edited since it was signed: 1 removed (pair/CFG-002), 1 changed (pair/CFG-001)" || e[0].File != file {
		t.Errorf("after it was changed: %+v", e)
	}
	if e := gone.State.Edited; len(e) != 1 || e[0].String() != "pair.yaml was edited since it was signed: the file is gone" {
		t.Errorf("after it was removed: %+v", e)
	}
	want := "pair.yaml was edited since it was signed: 1 removed (pair/CFG-002), 1 changed (pair/CFG-001)\n" +
		"pair.yaml was edited since it was signed: the file is gone\npair.yaml is again as it was signed\n"
	if got := about(s, "edited"); got != want || len(s.Edited) != 0 {
		t.Errorf("the ledger says\n%swant\n%s", got, want)
	}
	if !strings.Contains(page, "**Edited**: pair.yaml was edited since it was signed") || !strings.Contains(page, "`ccl engagement amend acme --reason WHY`") {
		t.Errorf("the page says %s", page)
	}
	text, err := os.ReadFile(d.in.Out + "/night-03/signed/pair.yaml")
	if err != nil || string(text) != planHead+goodCase+badCase {
		t.Errorf("with night 3 lies, as what was signed, %s (%v)", text, err)
	}
	if len(s.Signed) != 1 || s.Signed[0].By != "Ann" || s.Signed[0].Plans[0].Copy == "" {
		t.Errorf("signed: %+v", s.Signed)
	}
}

// What an amendment has changed runs once it is signed, and what was edited is
// then what is signed.
func TestEditedPlanBecomesAnAmendment(t *testing.T) {
	d := newDeal(t, goodCase)
	d.agree(days(2))
	d.do(days(3), func() { d.plan("pair", strings.Replace(goodCase, "lab", "elsewhere", 1)) })
	d.run(days(4), "acme/run-02 begins")
	d.amend(days(5), "amendment 1: 1 changed (pair/CFG-001)")
	d.run(days(5.5), "acme/run-03 begins")
	d.sign(days(6), "Bob", "amendment 1 is signed")
	d.run(days(7), "acme/run-04 begins")
	var edited []workflows.EditedPlan
	d.do(days(5.9), func() { edited = d.status().State.Edited })
	s := d.play()
	if len(edited) != 1 || len(s.Edited) != 0 || len(s.Signed) != 2 || s.Signed[1].Amendment != 1 {
		t.Errorf("edited before the amendment %+v, after it %+v; signed %+v", edited, s.Edited, s.Signed)
	}
	for i, signed := range []int{0, 0, 0, 1} {
		run, err := d.store.Run(t.Context(), s.Runs[i].ID)
		if err != nil {
			t.Fatal(err)
		}
		if want := s.Signed[signed].Plans[0].Hash; run.PlanHash != want {
			t.Errorf("run %d is of %.12s, want %.12s", i+1, run.PlanHash, want)
		}
	}
}

// Resubmitting a plan with another comment asks for no other signature, and what
// is signed has that comment.
func TestProposalWithAnotherComment(t *testing.T) {
	d := newDeal(t, goodCase)
	d.submit(days(1), "revision 1")
	d.do(days(1.1), func() { d.plan("pair", "# as agreed on Monday\n"+goodCase) })
	d.submit(days(1.2), "revision 1 of the scope has these plans already")
	d.sign(days(2), "Ann", "revision 1 of the scope is signed")
	s := d.play()
	content, err := d.store.Copy(t.Context(), s.Signed[0].Plans[0].Copy)
	if err != nil {
		t.Fatal(err)
	}
	kept, err := testplans.DecodeCopy(content)
	if err != nil || !strings.Contains(string(kept.Files[0].Content), "as agreed on Monday") {
		t.Errorf("kept is %s (%v)", kept.Files[0].Content, err)
	}
}

// Where no copy is kept, in engagements of older releases and in stores of other
// hosts, the file runs if it is what was signed.
func TestSignedPlanWithoutACopy(t *testing.T) {
	for name, copyHash := range map[string]string{"older release": "", "another store": strings.Repeat("0", 64)} {
		for _, edited := range []bool{false, true} {
			b := newBench(t)
			in := b.input(passing)
			plan, err := testplans.Load(in.Plan, b.set().Plan.Topology)
			if err != nil {
				t.Fatal(err)
			}
			in.PlanHash, in.PlanCopy = plan.Hash, copyHash
			if edited {
				b.input(strings.Replace(passing, "lab", "elsewhere", 2))
			}
			result, err := b.run(in)
			if refused := err != nil && strings.Contains(err.Error(), "pair.yaml is not the plan that was signed: its hash is"); refused != edited {
				t.Errorf("%s, edited %v: %v", name, edited, err)
			}
			if !edited && (err != nil || result.Verdict != check.Pass) {
				t.Errorf("%s: %+v, %v", name, result, err)
			}
		}
	}
}

// A plan whose files are too large to be kept is not put before anybody.
func TestPlanTooLargeToSign(t *testing.T) {
	d := newDeal(t, goodCase)
	large := "\x0a\x0d\x0d\x0a" + strings.Repeat("x", testplans.MaxCopy)
	if err := os.WriteFile(filepath.Join(d.dir, "voice.pcap"), []byte(large), 0o644); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(planHead, "size: 128", "pcap: voice.pcap", 1) + goodCase
	if err := os.WriteFile(d.in.Definition.Plans[0], []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	d.submit(days(1), "error: at most 32.0 MiB can be kept of one plan, and voice.pcap alone is 32.0 MiB")
	d.play()
}
