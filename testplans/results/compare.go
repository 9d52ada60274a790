package results

import (
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
)

// Change is what became of a case from one run to another.
type Change string

// The changes of a case. NotComparable is a case that says nothing about the
// device in one of the runs: error, skip, or not run.
const (
	StillPass     Change = "still-pass"
	NewFail       Change = "new-fail"
	Fixed         Change = "fixed"
	StillFail     Change = "still-fail"
	New           Change = "new"     // only in the new run
	Removed       Change = "removed" // only in the old run
	NotComparable Change = "not-comparable"
)

// Changes lists every Change, those that matter most first.
var Changes = []Change{NewFail, NotComparable, StillFail, Fixed, New, Removed, StillPass}

// A Comparison says how a run differs from an earlier one.
type Comparison struct {
	Old RunRef `json:"old"`
	New RunRef `json:"new"`
	// Caveats are why the runs may not be like each other: another plan,
	// another lab, a run without an end.
	Caveats []string     `json:"caveats,omitempty"`
	Cases   []CaseChange `json:"cases"` // the new run's order, then the removed ones
}

// A RunRef names a run in a comparison.
type RunRef struct {
	ID       string        `json:"id"`
	Plan     string        `json:"plan"`
	PlanHash string        `json:"planHash,omitempty"`
	Started  time.Time     `json:"started"`
	Verdict  check.Verdict `json:"verdict"`
	Releases []string      `json:"releases,omitempty"` // of the platforms, each once
}

// A CaseChange is one case in both runs.
type CaseChange struct {
	ID     string        `json:"id"`
	Title  string        `json:"title"`
	Change Change        `json:"change"`
	Old    check.Verdict `json:"old,omitempty"` // empty: not in that run, or did not run
	New    check.Verdict `json:"new,omitempty"`
	// Reason is the new run's, or the old one's for a case that was fixed or
	// removed.
	Reason  string   `json:"reason,omitempty"`
	Flaky   bool     `json:"flaky,omitempty"` // in either run
	Numbers []Number `json:"numbers,omitempty"`
	// KnownIssue is the problem report that explains a failure. Compare leaves
	// it empty; whoever knows the issues fills it in.
	KnownIssue string `json:"knownIssue,omitempty"`
}

// Counts returns how many cases changed in which way.
func (c *Comparison) Counts() map[Change]int {
	counts := make(map[Change]int, len(Changes))
	for _, cc := range c.Cases {
		counts[cc.Change]++
	}
	return counts
}

// Regressed reports whether a case that passed fails now, or a new one does,
// without a known issue that explains it.
func (c *Comparison) Regressed() bool {
	for _, cc := range c.Cases {
		fresh := cc.Change == NewFail || cc.Change == New && cc.New == check.Fail
		if fresh && cc.KnownIssue == "" {
			return true
		}
	}
	return false
}

// Compare compares two runs case by case. Cases are matched by their permanent
// IDs, so that reordering and retitling change nothing.
func Compare(old, new *Run) *Comparison {
	c := &Comparison{Old: ref(old), New: ref(new), Caveats: caveats(old, new)}
	for i := range new.Cases {
		c.Cases = append(c.Cases, compareCase(old.Case(new.Cases[i].ID), &new.Cases[i]))
	}
	for i := range old.Cases {
		if new.Case(old.Cases[i].ID) == nil {
			c.Cases = append(c.Cases, compareCase(&old.Cases[i], nil))
		}
	}
	if old.PlanHash == new.PlanHash && old.PlanHash != "" {
		c.unchosen()
	}
	return c
}

// unchosen corrects what Compare makes of runs of the very same plan: a case
// that only one of them has was not chosen for the other.
func (c *Comparison) unchosen() {
	for i := range c.Cases {
		switch cc := &c.Cases[i]; cc.Change {
		case Removed:
			cc.Change, cc.Reason = NotComparable, "not chosen for the new run"
		case New:
			cc.Change, cc.Reason = NotComparable, "not chosen for the old run"
		}
	}
}

func ref(r *Run) RunRef {
	ref := RunRef{ID: r.ID, Plan: r.Plan, PlanHash: r.PlanHash, Started: r.Started, Verdict: r.Summary().Verdict}
	seen := map[string]bool{"": true}
	for _, p := range r.Platforms {
		name := p.Platform
		if p.Release != "" {
			name += " " + p.Release
		}
		if !seen[name] {
			seen[name] = true
			ref.Releases = append(ref.Releases, name)
		}
	}
	return ref
}

// caveats says what differs between the runs besides their verdicts.
func caveats(old, new *Run) []string {
	var list []string
	add := func(format string, args ...any) { list = append(list, fmt.Sprintf(format, args...)) }
	switch {
	case old.Plan != new.Plan:
		add("different plans: %s and %s", old.Plan, new.Plan)
	case old.PlanHash != new.PlanHash:
		add("the plan changed between the runs (hash %.12s, then %.12s)", old.PlanHash, new.PlanHash)
	}
	if old.Backend != new.Backend {
		add("different backends: %s and %s", old.Backend, new.Backend)
	}
	if nodes := reconfigured(old, new); len(nodes) > 0 {
		add("other configurations at the beginning: %s", strings.Join(nodes, ", "))
	}
	for _, r := range []*Run{old, new} {
		if r.Finished.IsZero() {
			add("run %s has not finished", r.ID)
		}
		if r.Problem != "" {
			add("run %s: %s", r.ID, r.Problem)
		}
	}
	return list
}

// reconfigured are the nodes that began the runs with different configurations.
func reconfigured(old, new *Run) (nodes []string) {
	before := map[string]string{}
	for _, p := range old.Platforms {
		before[p.Node] = p.Config
	}
	for _, p := range new.Platforms {
		if was := before[p.Node]; was != "" && p.Config != "" && was != p.Config {
			nodes = append(nodes, p.Node)
		}
	}
	return nodes
}

// compareCase compares a case of the old run with that of the new one; nil is
// a case that a run does not have.
func compareCase(old, new *Case) CaseChange {
	if new == nil {
		return CaseChange{ID: old.ID, Title: old.Title, Change: Removed, Old: old.Verdict(), Reason: old.reason(), Flaky: old.Flaky()}
	}
	cc := CaseChange{ID: new.ID, Title: new.Title, New: new.Verdict(), Reason: new.reason(), Flaky: new.Flaky()}
	if old == nil {
		cc.Change = New
		return cc
	}
	cc.Old = old.Verdict()
	cc.Flaky = cc.Flaky || old.Flaky()
	cc.Change = change(cc.Old, cc.New)
	cc.Numbers = compareNumbers(old, new)
	switch {
	case cc.Change == Fixed:
		cc.Reason = "before: " + old.reason()
	case cc.Change == NotComparable && !judged(cc.Old) && judged(cc.New):
		cc.Reason = "before: " + old.reason()
	}
	return cc
}

// judged says that a verdict is one about the device.
func judged(v check.Verdict) bool { return v == check.Pass || v == check.Fail }

func change(old, new check.Verdict) Change {
	switch {
	case !judged(old) || !judged(new):
		return NotComparable
	case old == check.Pass && new == check.Pass:
		return StillPass
	case old == check.Pass:
		return NewFail
	case new == check.Pass:
		return Fixed
	}
	return StillFail
}

// reason is the last attempt's, or that there was none.
func (c *Case) reason() string {
	if last := c.Last(); last != nil {
		return last.Reason
	}
	return "did not run"
}
