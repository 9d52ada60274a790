package cli

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/labs"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/plans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology/lease"
	"github.com/ccl-lab/ccl/topology/netns"
)

func TestMain(m *testing.M) {
	wire.RunAsPart()
	testscript.Main(m, map[string]func(){
		"ccl": func() {
			app := App{Stdout: os.Stdout, Stderr: os.Stderr}
			os.Exit(app.Run(os.Args[1:]))
		},
	})
}

// TestScripts runs the commands as a user types them. The shipped labs and
// plans lie in the script's folder as they do in the source tree.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: false,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CCL_STATE_DIR", filepath.Join(env.WorkDir, "state"))
			env.Setenv("HOME", env.WorkDir)
			for dir, fsys := range map[string]fs.FS{"labs": labs.FS, "testplans/plans": plans.FS} {
				if err := os.CopyFS(filepath.Join(env.WorkDir, dir), fsys); err != nil {
					return err
				}
			}
			env.Defer(func() { removeLabs(t, filepath.Join(env.WorkDir, "state")) })
			return nil
		},
		Condition: condition,
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
			"hold":  hold,

			"record": record,
		},
	})
}

// condition [lab] is that labs can be deployed here. Where CI=true they must be.
func condition(name string) (bool, error) {
	if name != "lab" {
		return false, errors.New("unknown condition")
	}
	_, err := os.Stat("/usr/lib/frr/zebra")
	can := err == nil && os.Geteuid() == 0
	if !can && os.Getenv("CI") == "true" {
		return false, errors.New("these tests need root and FRRouting")
	}
	return can, nil
}

// removeLabs removes what a script that failed has left.
func removeLabs(t *testing.T, state string) {
	b, err := netns.New(netns.Options{Dir: state})
	if err != nil {
		t.Error(err)
		return
	}
	left, err := b.List(context.Background())
	for _, lab := range left {
		err = errors.Join(err, b.Destroy(context.Background(), lab.Name))
	}
	if err != nil {
		t.Error(err)
	}
}

// hold LAB RUN gives a lab to a run, as a worker that goes on with it does.
func hold(ts *testscript.TestScript, _ bool, args []string) {
	s, err := lease.Open(filepath.Join(ts.Getenv("CCL_STATE_DIR"), "leases"))
	if err == nil {
		err = s.Lease(context.Background(), args[0], lease.Self(args[1]))
	}
	ts.Check(err)
}

// record RUN VERDICT puts a run of the plan ring on record, which began when its
// ID says, with a case that ended so. It goes on where VERDICT is unfinished.
func record(ts *testscript.TestScript, _ bool, args []string) {
	store, err := results.Open(context.Background(), filepath.Join(ts.Getenv("CCL_STATE_DIR"), "results.db"))
	ts.Check(err)
	defer store.Close()
	const began = "20060102-150405"
	at, err := time.ParseInLocation(began, args[0][len(args[0])-len(began):], time.Local)
	ts.Check(err)
	run := &results.Run{ID: args[0], Plan: "ring", Title: "The ring", Started: at, Cases: []results.Case{{ID: "OSPF-001", Title: "Full"}}}
	if verdict := check.Verdict(args[1]); verdict != "unfinished" {
		run.Finished = at.Add(time.Minute)
		run.Cases[0].Attempts = []results.Attempt{{Number: 1, Verdict: verdict, Reason: "so it is", Started: at, Finished: at.Add(time.Second)}}
	}
	ts.Check(store.SaveRun(context.Background(), run))
}

// exits CODE ccl ARG... runs a command that must end with that exit code.
func exits(ts *testscript.TestScript, _ bool, args []string) {
	code := 0
	var exit *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		ts.Fatalf("%v", err)
	}
	if got := strconv.Itoa(code); got != args[0] {
		ts.Fatalf("exit code %s, want %s", got, args[0])
	}
}
