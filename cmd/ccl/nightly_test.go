package main

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
)

// A transcript is what a process prints, readable while it runs.
type transcript struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (s *transcript) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.Write(p)
}

func (s *transcript) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// up runs ccl up until the test ends and returns what it prints.
func (w *world) up(env []string, args ...string) *transcript {
	w.t.Helper()
	said := &transcript{}
	cmd := w.command(append([]string{"up"}, args...)...)
	cmd.Env = append(cmd.Env, env...)
	cmd.Stdout, cmd.Stderr = said, said
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		if err := cmd.Wait(); err != nil {
			w.t.Errorf("ccl up: %v\n%s", err, said)
		}
	})
	w.eventually("ccl up", time.Minute, func() bool { return strings.Contains(said.String(), "Ctrl-C") })
	return said
}

// ccl runs a command that must succeed and returns what it prints on stdout.
func (w *world) ccl(args ...string) string {
	w.t.Helper()
	code, stdout, stderr := w.run(args...)
	if code != 0 {
		w.t.Fatalf("ccl %s: exit %d\n%s\n%s", strings.Join(args, " "), code, stdout, stderr)
	}
	return stdout
}

// lastNight waits for the end of the only nightly's night.
func (w *world) lastNight(workflow string) *workflows.LastNight {
	w.t.Helper()
	var list []workflows.NightlyInfo
	w.eventually("the end of "+workflow, 4*time.Minute, func() bool {
		if err := json.Unmarshal([]byte(w.ccl("nightly", "list", "--json")), &list); err != nil {
			w.t.Fatal(err)
		}
		return len(list) == 1 && list[0].Last != nil && list[0].Last.Workflow == workflow && list[0].Last.Result != nil
	})
	return list[0].Last
}

// trigger begins a night and waits for its end.
func (w *world) trigger(name string) *workflows.LastNight {
	w.t.Helper()
	var begun struct{ Workflow string }
	if err := json.Unmarshal([]byte(w.ccl("nightly", "trigger", name, "--json")), &begun); err != nil {
		w.t.Fatal(err)
	}
	return w.lastNight(begun.Workflow)
}

// Two nights on the real lab: the first becomes the baseline, the second finds
// a router with a wrong AS number. Those concerned hear of both.
func TestNightly(t *testing.T) {
	needLab(t)
	t.Parallel() // it measures nothing
	w := newWorld(t)
	told := make(chan string, 4)
	chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	defer chat.Close()
	plan := w.shipped("ring-rollout.yaml")
	said := w.up([]string{"CCL_NOTIFY_LAB_CHAT_URL=" + chat.URL + "/secret"}, "--customer-ui-address", "127.0.0.1:0")

	w.ccl("nightly", "create", plan, "--tag", "smoke", "--tag", "policy", "--notify", "lab-chat", "--baseline-first",
		"--at", time.Now().UTC().Add(12*time.Hour).Format("15:04"), "--out", "nights")
	first := w.trigger("ring-rollout")
	if first.State != string(notice.FirstBaseline) {
		t.Fatalf("first night: %+v\n%s", first.Result, said)
	}
	w.replace("labs/ring/configs/r1.cfg", "peer-as 65004;", "peer-as 65005;")
	second := w.trigger("ring-rollout")
	if second.State != string(notice.Changed) || len(second.Result.Changes) != 3 {
		t.Errorf("second night: %+v", second.Result)
	}
	for i, want := range []string{"is the baseline from now on", "new-fail BGP-001"} {
		select {
		case body := <-told:
			if !strings.Contains(body, want) {
				t.Errorf("message %d: %s, want %q", i+1, body, want)
			}
		default:
			t.Errorf("message %d was not told", i+1)
		}
	}
	for _, file := range []string{"report.html", "comparison.txt"} {
		if _, err := os.Stat(filepath.Join(w.dir, "nights", second.Result.Run, file)); err != nil {
			t.Error(err)
		}
	}
	comparison, err := os.ReadFile(filepath.Join(w.dir, "nights", second.Result.Run, "comparison.txt"))
	if err != nil || !strings.Contains(string(comparison), "other configurations at the beginning: r1\n") {
		t.Errorf("the comparison does not say what changed: %v\n%s", err, comparison)
	}
	if table := w.ccl("nightly", "list"); !strings.Contains(table, "nightly-ring-rollout") || !strings.Contains(table, "lab-chat") {
		t.Errorf("the list: %s", table)
	}
	if labs := w.ccl("lab", "list"); strings.Contains(labs, "ring-2") {
		t.Errorf("labs are left: %s", labs)
	}
	w.customerSees(said.String(), second.Result.Run)

	w.ccl("nightly", "pause", "ring-rollout", "--note", "the lab moves")
	w.ccl("nightly", "resume", "ring-rollout")
	w.ccl("nightly", "delete", "ring-rollout")
	if code, _, stderr := w.run("nightly", "trigger", "ring-rollout"); code != 1 || !strings.Contains(stderr, "no such nightly") {
		t.Errorf("trigger of a deleted nightly: exit %d, %s", code, stderr)
	}
}

// customerSees checks that the customers' port shows a run and protects it.
func (w *world) customerSees(said, run string) {
	w.t.Helper()
	found := regexp.MustCompile(`customers (http://\S+)/start`).FindStringSubmatch(said)
	if found == nil {
		w.t.Fatalf("ccl up does not say where customers go: %s", said)
	}
	at := found[1] + "/api/v1/namespaces/default/workflows/" + run
	resp, err := http.Get(at)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		w.t.Errorf("GET %s answers %s", at, resp.Status)
	}
	resp, err = http.Post(at+"/terminate", "application/json", strings.NewReader("{}"))
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	if resp.StatusCode != http.StatusMethodNotAllowed {
		w.t.Errorf("POST %s/terminate answers %s", at, resp.Status)
	}
}

// Without a server that stays, a nightly is kept, and the user told that
// nobody runs it.
func TestNightlyWithoutUp(t *testing.T) {
	w := newWorld(t)
	plan := w.shipped("ring-rollout.yaml")
	for i, want := range []string{"no ccl up runs here", "there is a nightly nightly-ring-rollout already"} {
		code, _, stderr := w.run("nightly", "create", plan)
		if code != i || !strings.Contains(stderr, want) {
			t.Errorf("create: exit %d, %s, want %d and %q", code, stderr, i, want)
		}
	}
	code, _, stderr := w.run("nightly", "trigger", "ring-rollout")
	if code != 1 || !strings.Contains(stderr, "nobody would run it") {
		t.Errorf("trigger: exit %d, %s", code, stderr)
	}
	code, _, stderr = w.run("nightly", "pause", "ring-rolout")
	if code != 1 || !strings.Contains(stderr, "there is nightly-ring-rollout") {
		t.Errorf("pause of another: exit %d, %s", code, stderr)
	}
	if table := w.ccl("nightly", "list"); !strings.Contains(table, "22:00 UTC") {
		t.Errorf("the list: %s", table)
	}
}
