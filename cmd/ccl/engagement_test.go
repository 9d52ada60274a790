package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
)

// engagementFiles are an engagement about a small plan, and a plan that is a
// case too many.
var engagementFiles = map[string]string{
	"engagement.yaml": `engagement: acme-ring
title: Commands on the ring
customer: ACME Networks
release: 23.4R2
contract: {number: AS-1001, activated: {activated}, credits: 100, price: 40}
juniper-care: JC-77120
service-manager: {name: Sam Field, email: sam@lab.example}
contacts:
  - {name: Ann Chef, email: ann@acme.example}
  - {name: Bob Ring, email: bob@acme.example}
time-zone: Europe/Berlin
topology: labs/ring/ring.clab.yml
plans: [small.yaml]
nightly: {at: "12:00", tags: smoke}
notify: lab-chat
`,
	"small.yaml": planHead("small") + `
  - id: CMD-001
    title: r1 answers
    requirement: R1
    tags: [smoke]
    steps: [{command: {node: r1, run: show version}}]
  - id: CMD-002
    title: r2 answers
    requirement: R1
    steps: [{command: {node: r2, run: show version}}]
`,
	"wrong.yaml": planHead("wrong") + `
  - id: W-001
    title: A wrong word
    requirement: R1
    stepps: [{command: {node: r1, run: show version}}]
`,
	"big.yaml": planHead("big") + `
  - id: M-001
    title: Case {a}{b}
    requirement: R1
    matrix: {a: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], b: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]}
    steps: [{command: {node: r1, run: show version}}]
  - id: M-002
    title: One more
    requirement: R1
    steps: [{command: {node: r1, run: show version}}]
`,
}

func planHead(name string) string {
	return "plan: " + name + "\ntitle: A few commands\ntype: regression\ntopology: labs/ring/ring.clab.yml\nrequirements: {R1: It answers}\ncases:"
}

// engagementStatus is an engagement as its status prints it for machines.
func (w *world) engagementStatus(id string) *workflows.EngagementStatus {
	w.t.Helper()
	s := &workflows.EngagementStatus{}
	if err := json.Unmarshal([]byte(w.ccl("engagement", "status", id, "--json")), s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// An engagement with its nightly regression on the real lab, by the commands
// that people type. What its scope refuses ends with exit code 4, of one plan
// with too many cases too; the service manager hears of what happens.
func TestEngagement(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	w.shipped("ring-rollout.yaml")
	for name, text := range engagementFiles {
		text = strings.Replace(text, "{activated}", time.Now().AddDate(0, -3, 0).Format(time.DateOnly), 1)
		if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	told := &transcript{}
	chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { _, _ = io.Copy(told, r.Body) }))
	defer chat.Close()
	w.up([]string{"CCL_NOTIFY_LAB_CHAT_URL=" + chat.URL})
	token := func(email string) string { return "--token-file=out/acme-ring/tokens/" + email + ".token" }
	refused := func(want string, args ...string) {
		t.Helper()
		if code, _, stderr := w.run(args...); code != 4 || !strings.Contains(stderr, want) {
			t.Errorf("ccl %s: exit %d, %s; want 4 with %q", strings.Join(args, " "), code, stderr, want)
		}
	}

	w.ccl("engagement", "start", "engagement.yaml", "--day", "5s")
	if words := w.ccl("__complete", "engagement", "sign", ""); !strings.HasPrefix(words, "acme-ring\tACME Networks") {
		t.Errorf("completed with %q", words)
	}
	if code, _, stderr := w.run("engagement", "status", "acme-rong"); code != 1 || !strings.Contains(stderr, "hint: there is acme-ring") {
		t.Errorf("one that there is not: exit %d, %s", code, stderr)
	}
	refused("this makes 101 cases after expansion, the cap is 100; leave out 1", "engagement", "submit", "acme-ring", "big.yaml")
	if code, _, _ := w.run("plan", "validate", "big.yaml"); code != 2 {
		t.Errorf("the same plan is validated with exit %d, want 2: to a plan it is a mistake", code)
	}
	if code, _, stderr := w.run("engagement", "submit", "acme-ring", "wrong.yaml"); code != 2 || !strings.Contains(stderr, "wrong.yaml:10:5: unknown key \"stepps\" in case") || !strings.Contains(stderr, "in wrong.yaml") {
		t.Errorf("a plan with a mistake: exit %d, %s; want 2 and its place", code, stderr)
	}
	w.ccl("engagement", "submit", "acme-ring")
	refused("is the service manager and cannot sign", "engagement", "sign", "acme-ring", token("sam@lab.example"))
	w.ccl("engagement", "sign", "acme-ring", token("ann@acme.example"))
	w.eventually("the end of a night", 2*time.Minute, func() bool {
		nights := w.engagementStatus("acme-ring").State.Nights
		return len(nights) > 0 && !nights[0].Finished.IsZero()
	})
	s := w.engagementStatus("acme-ring")
	if n := s.State.Nights[0]; n.Outcome != notice.Unchanged || n.Baseline != "acme-ring/run-01" || n.Counts.Cases != 1 {
		t.Errorf("the night: %+v; want its case as in the first run", n)
	}
	w.signedPlanStays(token("ann@acme.example"))
	refused("leave out at least 3", "engagement", "amend", "acme-ring", "small.yaml", "big.yaml", "--reason", "more")
	w.ccl("engagement", "cancel", "acme-ring", "--reason", "the test is over", token("bob@acme.example"))
	w.ccl("engagement", "watch", "acme-ring")
	refused("has ended: cancelled by Bob Ring", "engagement", "submit", "acme-ring")
	if list := w.ccl("engagement", "list"); !strings.Contains(list, "acme-ring") || !strings.Contains(list, "ended") {
		t.Errorf("listed as %s", list)
	}
	w.eventually("the last notice", time.Minute, func() bool {
		return strings.Contains(told.String(), "the engagement is closed")
	})
	for _, want := range []string{"phase testing begins", "To do it: ccl engagement sign acme-ring --hash ", "For Sam Field"} {
		if !strings.Contains(told.String(), want) {
			t.Errorf("nobody was told %q: %s", want, told)
		}
	}
}

// signedPlanStays edits the signed plan in place: the nights go on with what was
// signed, everybody is told, and what was signed can be had.
func (w *world) signedPlanStays(token string) {
	w.t.Helper()
	const id = "acme-ring"
	w.replace("small.yaml", "run: show version}}]\n  - id: CMD-002", "run: show interfaces}}]\n  - id: CMD-002")
	if status := w.ccl("engagement", "status", id); !strings.Contains(status, "edited   small.yaml was edited since it was signed: 1 changed (small/CMD-001)") ||
		!strings.Contains(status, "what was signed runs on; ccl engagement amend acme-ring --reason WHY proposes") {
		w.t.Errorf("the status says\n%s", status)
	}
	begun := len(w.engagementStatus(id).State.Nights)
	var state workflows.EngagementState
	w.eventually("the end of another night", time.Minute, func() bool {
		state = w.engagementStatus(id).State
		return len(state.Nights) > begun && !state.Nights[begun].Finished.IsZero()
	})
	if n := state.Nights[begun]; n.Outcome != notice.Unchanged || n.Problem != "" {
		w.t.Errorf("the night after the edit: %+v", n)
	}
	w.eventually("the ledger's word on the edit", time.Minute, func() bool {
		return slices.ContainsFunc(w.engagementStatus(id).State.Ledger, func(l workflows.LedgerEntry) bool { return l.Kind == "edited" })
	})
	text := engagementFiles["small.yaml"]
	if printed := w.ccl("engagement", "plan", id); printed != text {
		w.t.Errorf("what was signed is printed as\n%s", printed)
	}
	w.ccl("engagement", "amend", id, "--reason", "other commands")
	if printed := w.ccl("engagement", "plan", id, "--proposed"); !strings.Contains(printed, "show interfaces") {
		w.t.Errorf("what is proposed is printed as\n%s", printed)
	}
	w.eventually("the signature between two nights", time.Minute, func() bool {
		code, _, stderr := w.run("engagement", "sign", id, token)
		return code == 0 || !strings.Contains(stderr, "a run is going on")
	})
	w.ccl("engagement", "plan", id, "--amendment", "0", "-o", "signed")
	exported, err := os.ReadFile(filepath.Join(w.dir, "signed/small/small.yaml"))
	if err != nil || string(exported) != text {
		w.t.Errorf("exported is %s (%v)", exported, err)
	}
	if status := w.ccl("engagement", "status", id); strings.Contains(status, "edited ") {
		w.t.Errorf("after the amendment the status says\n%s", status)
	}
	if code, _, stderr := w.run("engagement", "plan", id, "--amendment", "7"); code != 2 || !strings.Contains(stderr, "--amendment is one of 0, 1") {
		w.t.Errorf("an amendment that is none: exit %d, %s", code, stderr)
	}
}
