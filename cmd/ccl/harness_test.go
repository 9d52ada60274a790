package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/labs"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/plans"
	"github.com/ccl-lab/ccl/testplans/results"
)

// bin is the program under test, built once with everything in it.
var bin string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ccl-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	bin = filepath.Join(dir, "ccl")
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", bin, ".")
	build.Stderr = os.Stderr
	code := 1
	if err := build.Run(); err == nil {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

// needLab skips, loudly, where a lab cannot run. Under CI=true it fails
// instead.
func needLab(t testing.TB) {
	t.Helper()
	var missing []string
	if os.Geteuid() != 0 {
		missing = append(missing, "root")
	}
	if _, err := os.Stat("/usr/lib/frr/zebra"); err != nil {
		missing = append(missing, "FRRouting (apt-get install frr)")
	}
	if len(missing) == 0 {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("this test needs %s", strings.Join(missing, " and "))
	}
	t.Skipf("SKIPPED, NOTHING WAS TESTED: this test needs %s", strings.Join(missing, " and "))
}

// A world is one user's corner: own state, own files, own labs.
type world struct {
	t   testing.TB
	dir string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, dir: t.TempDir()}
	before := leftovers(t, w.dir)
	t.Cleanup(func() {
		if after := leftovers(t, w.dir); after != before {
			t.Errorf("left behind on this host:\nbefore:\n%s\nafter:\n%s", before, after)
		}
	})
	return w
}

// leftovers describes what a lab could leave on the host: named namespaces,
// links, and processes that know of the world's folder.
func leftovers(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	for _, argv := range [][]string{{"ip", "netns", "list"}, {"ip", "-o", "link", "show"}} {
		out, err := exec.Command(argv[0], argv[1:]...).Output()
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(out)) {
			fmt.Fprintf(&b, "%.40s\n", strings.TrimSpace(line))
		}
	}
	environs, _ := filepath.Glob("/proc/[0-9]*/environ")
	for _, path := range environs {
		if env, err := os.ReadFile(path); err == nil && bytes.Contains(env, []byte(dir)) {
			fmt.Fprintf(&b, "process %s\n", filepath.Base(filepath.Dir(path)))
		}
	}
	return b.String()
}

func (w *world) command(args ...string) *exec.Cmd {
	cmd := exec.Command(bin, args...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "CCL_STATE_DIR="+filepath.Join(w.dir, "state"), "CCL_UI_ADDRESS=127.0.0.1:0")
	return cmd
}

// run executes the program to its end and returns its exit code.
func (w *world) run(args ...string) (code int, stdout, stderr string) {
	w.t.Helper()
	var out, errs bytes.Buffer
	cmd := w.command(args...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), out.String(), errs.String()
}

// shipped lays the shipped plans and labs out as the source tree has them and
// returns the path of a plan.
func (w *world) shipped(plan string) string {
	w.t.Helper()
	for dir, fsys := range map[string]fs.FS{"labs": labs.FS, "testplans/plans": plans.FS} {
		if err := os.CopyFS(filepath.Join(w.dir, dir), fsys); err != nil {
			w.t.Fatal(err)
		}
	}
	return filepath.Join(w.dir, "testplans/plans", plan)
}

// write writes a file of the world.
func (w *world) write(file, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.dir, file), []byte(text), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// replace changes one text in one file, which must hold it exactly once.
func (w *world) replace(file, old, new string) {
	w.t.Helper()
	path := filepath.Join(w.dir, file)
	text, err := os.ReadFile(path)
	if err != nil {
		w.t.Fatal(err)
	}
	if n := strings.Count(string(text), old); n != 1 {
		w.t.Fatalf("%s holds %q %d times", file, old, n)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(text), old, new, 1)), 0o644); err != nil {
		w.t.Fatal(err)
	}
}

// record reads a run.json.
func (w *world) record(path string) *results.Run {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, path))
	if err != nil {
		w.t.Fatal(err)
	}
	var run results.Run
	if err := json.Unmarshal(text, &run); err != nil {
		w.t.Fatal(err)
	}
	return &run
}

// verdicts lists the cases of a run by verdict, in their order.
func verdicts(run *results.Run) map[check.Verdict][]string {
	by := map[check.Verdict][]string{}
	for _, c := range run.Cases {
		by[c.Verdict()] = append(by[c.Verdict()], c.ID)
	}
	return by
}

// eventually waits for a condition that somebody else brings about.
func (w *world) eventually(what string, within time.Duration, condition func() bool) {
	w.t.Helper()
	for deadline := time.Now().Add(within); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.t.Fatalf("%s did not happen within %s", what, within)
		}
	}
}
