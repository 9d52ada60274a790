package main

import (
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A command whose ccl up is killed says so within seconds, and when another one
// is started it goes on, to the end of the same run.
func TestUpIsKilledUnderARun(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	up := w.command("up")
	said := &transcript{}
	up.Stdout, up.Stderr = said, said
	if err := up.Start(); err != nil {
		t.Fatal(err)
	}
	killed := false
	t.Cleanup(func() {
		if !killed {
			_ = up.Process.Kill()
			_ = up.Wait()
		}
	})
	w.eventually("ccl up", time.Minute, func() bool { return strings.Contains(said.String(), "Ctrl-C") })

	client, heard := w.background("plan", "run", plan, "--tag", "smoke", "--out", "out")
	w.eventually("the first verdict", time.Minute, func() bool { return w.judged() >= 1 })
	run := w.last().ID
	if err := up.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = up.Wait() // killed
	killed = true
	at := time.Now()
	w.eventually("word of the end of ccl up", time.Minute, func() bool { return strings.Contains(heard.String(), "start ccl up again") })
	t.Logf("the client knew after %s", time.Since(at).Round(100*time.Millisecond))

	w.up(nil)
	if err := client.Wait(); err != nil {
		t.Errorf("ccl plan run: %v\n%s", err, heard)
	}
	if !strings.Contains(heard.String(), "it answers again") {
		t.Errorf("the client does not say that it goes on:\n%s", heard)
	}
	after := w.last()
	if after.ID != run || len(verdicts(after)[check.Pass]) != len(after.Cases) {
		t.Errorf("run %s: %v, was %s", after.ID, verdicts(after), run)
	}
}

// background starts a command that goes on beside the test, and is ended with
// it if it has not ended.
func (w *world) background(args ...string) (*exec.Cmd, *transcript) {
	w.t.Helper()
	said := &transcript{}
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if cmd.ProcessState == nil {
			_ = cmd.Process.Signal(syscall.SIGTERM)
			_ = cmd.Wait()
		}
	})
	return cmd, said
}
