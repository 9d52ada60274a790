package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// flapRun is a run of one case, which cuts a link in five rounds: the outages
// are those given, more than 200 ms fail, and what follows is not run.
func flapRun(outages ...time.Duration) *results.Run {
	run := &results.Run{ID: "flap-1", Plan: "flap", Title: "Flap", Lab: "ring", Started: started, Finished: started.Add(time.Minute)}
	b := &caseBuilder{now: started}
	steps := []results.Step{b.step("wait-until", "Wait until all is well", ms(100))}
	steps[0].Phase = results.PhaseSetup
	failed := false
	for i := range 5 {
		round := &check.Round{Repeat: 1, Number: i + 1, Times: 5, Title: "Flap the link"}
		fault := b.step("fault", "Cut the link", ms(10))
		judge := b.step("converge", "Judge the outage", ms(50))
		judge.Where, fault.Round, judge.Round = "flap.yaml:9:9", round, round
		if failed {
			for _, s := range []*results.Step{&fault, &judge} {
				s.Verdict, s.Reason, s.Finished = check.Skip, "not run: step 5, in round 2 of 5, did not pass", s.Started
			}
		} else {
			judge.Convergence = &results.Convergence{Stream: "s", Event: "link down", Outage: outages[i], Limit: "< 200ms"}
			if failed = outages[i] >= 200*time.Millisecond; failed {
				judge.Verdict, judge.Reason = check.Fail, "stream s: outage 250ms"
			}
		}
		steps = append(steps, fault, judge)
	}
	steps = append(steps, b.step("check", "Look at the end", ms(10)))
	b.add("FLAP-001", "A link flaps", "", steps...)
	run.Cases = b.cases
	return run
}

var spaces = regexp.MustCompile(`\s+`)

// words is the text of a page without its tags.
func words(page []byte) string {
	return spaces.ReplaceAllString(regexp.MustCompile(`<[^>]*>`).ReplaceAllString(string(page), " "), " ")
}

func TestHTMLFoldsRounds(t *testing.T) {
	good := html(t, flapRun(ms(12), ms(40), ms(30), ms(9), ms(11)))
	if dir := os.Getenv("REPORT_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "rounds.html"), html(t, flapRun(ms(12), ms(250))), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"Flap the link, 5 times – all 5 rounds passed", "Round 5 of 5", "round 2, the worst of 5"} {
		if !strings.Contains(words(good), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := bytes.Count(good, []byte(`class="round pass">`)); n != 5 {
		t.Errorf("%d rounds are folded, want 5", n)
	}
	// The steps keep their numbers, which name evidence: one of setup, ten of rounds.
	for _, want := range []string{`value="1"`, `value="11"`, `<li class="step pass" value="12">`} {
		if !bytes.Contains(good, []byte(want)) {
			t.Errorf("no step has %s", want)
		}
	}
	one := strings.Count(words(html(t, flapRun(ms(250)))), "link down")
	if n := strings.Count(words(good), "link down"); n != one {
		t.Errorf("five rounds are spoken of %d times, one is %d times", n, one)
	}
}

func TestHTMLOpensTheRoundThatFailed(t *testing.T) {
	bad := html(t, flapRun(ms(12), ms(250)))
	for _, want := range []string{`<details class="rounds fail" open>`, `<details class="round pass">`, `<details class="round fail" open>`} {
		if n := bytes.Count(bad, []byte(want)); n != 1 {
			t.Errorf("%d times %s, want one", n, want)
		}
	}
	if want := "Flap the link, 5 times – 1 of 5 rounds passed, round 2 of 5: fail, 3 not run"; !strings.Contains(words(bad), want) {
		t.Errorf("the page does not say %q", want)
	}
	if strings.Contains(words(bad), "Round 3 of 5") {
		t.Error("rounds that were not run have a line each")
	}
}

// TestTextNamesTheRound: a terminal and a test tool are told which round failed.
func TestTextNamesTheRound(t *testing.T) {
	run := flapRun(ms(12), ms(250))
	const want = "Round 2 of 5: Judge the outage"
	if text := render(t, func(b *bytes.Buffer) error { return report.Text(b, run, report.Options{}) }); !bytes.Contains(text, []byte(want)) {
		t.Errorf("no %q in\n%s", want, text)
	}
	if xml := render(t, func(b *bytes.Buffer) error { return report.JUnit(b, run) }); !bytes.Contains(xml, []byte(want)) {
		t.Errorf("no %q in\n%s", want, xml)
	}
	text := render(t, func(b *bytes.Buffer) error { return report.JSON(b, run) })
	read, err := report.ReadJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(run.Cases, read.Cases); diff != "" {
		t.Errorf("read back (-written +read):\n%s", diff)
	}
}

// TestHTMLFoldsBranches: a parallel is folded by branch; a repeat may stand in a
// branch, and a parallel in each round of a repeat.
func TestHTMLFoldsBranches(t *testing.T) {
	b := &caseBuilder{now: started}
	var steps []results.Step
	add := func(title string, v check.Verdict, branch *check.Branch, round *check.Round) {
		s := b.step("ping", title, ms(10))
		s.Verdict, s.Branch, s.Round = v, branch, round
		steps = append(steps, s)
	}
	left, right := &check.Branch{Parallel: 1, Name: "left", Title: "Side by side"}, &check.Branch{Parallel: 1, Name: "right", Title: "Side by side"}
	add("L1", check.Pass, left, nil)
	add("R1", check.Pass, right, &check.Round{Repeat: 1, Number: 1, Times: 2})
	add("R2", check.Fail, right, &check.Round{Repeat: 1, Number: 2, Times: 2})
	add("R3", check.Skip, right, nil)
	for number := range 2 {
		round := &check.Round{Repeat: 2, Number: number + 1, Times: 2, Title: "Twice"}
		add("A", check.Pass, &check.Branch{Parallel: number + 2, Name: "a", InRound: true}, round)
		add("B", check.Pass, &check.Branch{Parallel: number + 2, Name: "b", InRound: true}, round)
		add("C", check.Pass, nil, round)
	}
	b.add("SIDE-001", "Side by side", "", steps...)
	run := &results.Run{ID: "side-1", Title: "Side", Started: started, Finished: b.now, Cases: b.cases}
	page := words(html(t, run))
	page = page[strings.LastIndex(page, "Attempt 1"):]
	at := 0
	for _, want := range []string{
		"Side by side – 1 of 2 branches passed, branch right: fail", "Branch left", "L1", "Branch right",
		"Repeat 2 times – 1 of 2 rounds passed, round 2 of 2: fail", "Round 1 of 2", "R1", "Round 2 of 2", "R2", "R3",
		"Twice, 2 times – all 2 rounds passed", "Round 1 of 2", "In parallel – all 2 branches passed", "Branch a", "A", "Branch b", "B", "C", "Round 2 of 2", "In parallel",
	} {
		i := strings.Index(page[at:], want)
		if i < 0 {
			t.Fatalf("no %q after\n%s\nin\n%s", want, page[:at], page[at:])
		}
		at += i + len(want)
	}
	text := render(t, func(b *bytes.Buffer) error { return report.Text(b, run, report.Options{}) })
	if want := "Branch right: Round 2 of 2: R2"; !bytes.Contains(text, []byte(want)) {
		t.Errorf("no %q in\n%s", want, text)
	}
}
