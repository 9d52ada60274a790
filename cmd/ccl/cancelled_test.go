package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestFreshAfterCancel kills a run that was told to end, as an impatient second
// Ctrl-C does: the same command begins anew, and does not go on with a run that
// only ends.
func TestFreshAfterCancel(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	first, said := w.background("plan", "run", plan)
	w.eventually("judging a case", 90*time.Second, func() bool { return strings.Contains(said.String(), "  pass  ") })
	if err := first.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	w.eventually("cancelling the run", 30*time.Second, func() bool { return cancelRequested(said.String()) })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait()
	if strings.Contains(said.String(), "what was judged until then") {
		t.Fatal("the run had ended before it was killed")
	}

	code, out, errs := w.run("plan", "run", plan, "--case", "OSPF-001")
	if code != 0 || !strings.Contains(out, "1 passed of 1 case") {
		t.Fatalf("exit %d\n%s\n%s", code, out, errs)
	}
	for _, said := range []string{"was cancelled, and then cut off before its lab was gone", "ended first; the step that it was cut off in is given up"} {
		if !strings.Contains(errs, said) {
			t.Errorf("the user does not hear that the run before %s:\n%s", said, errs)
		}
	}
}

// workflowPage finds the run's page in what a command says.
var workflowPage = regexp.MustCompile(`Temporal UI +(http://[^/]+)(/namespaces/\S+)`)

// cancelRequested asks the Web UI of a command's own server whether the run is
// being cancelled.
func cancelRequested(said string) bool {
	at := workflowPage.FindStringSubmatch(said)
	if at == nil {
		return false
	}
	answer, err := http.Get(at[1] + "/api/v1" + at[2])
	if err != nil {
		return false
	}
	defer answer.Body.Close()
	var run struct {
		WorkflowExtendedInfo struct{ CancelRequested bool }
	}
	return json.NewDecoder(answer.Body).Decode(&run) == nil && run.WorkflowExtendedInfo.CancelRequested
}
