package cli

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/labs"
	"github.com/ccl-lab/ccl/testplans/plans"
)

func TestMain(m *testing.M) {
	wire.RunIfNode()
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
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"exits": exits,
		},
	})
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
