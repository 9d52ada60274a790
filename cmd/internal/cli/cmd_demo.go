package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/labs"
	"github.com/ccl-lab/ccl/testplans/plans"
)

func (a *App) demoCommand() *cobra.Command {
	var keep, engagement bool
	c := &cobra.Command{
		Use:   "demo",
		Short: "Run the shipped plan on the shipped lab, end to end",
		Long: `Demo starts a Temporal server and a worker, deploys four routers in a ring with
two hosts and two generator ports, pushes their Junos configurations over
NETCONF, runs the shipped plan, and writes report.html, junit.xml and run.json.
Then it removes everything. A case that does not pass is tried once more, for the
machine may be too busy to send and measure traffic in time. It needs no Docker, no image and no account.`,
		Example: `  ccl demo
  ccl demo --keep        leave the lab and the Temporal UI up until Ctrl-C
  ccl demo --engagement  thirty days with a customer in two minutes`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.asRootOfItsOwn(); err != nil {
				return err
			}
			if !cmd.Flags().Changed("out") {
				a.config.Out = filepath.Join(a.config.Out, "demo")
			}
			if engagement {
				return a.demoEngagement(cmd.Context())
			}
			return a.demo(cmd.Context(), keep)
		},
	}
	c.Flags().BoolVar(&keep, "keep", false, "leave the lab and the Temporal UI up until Ctrl-C")
	c.Flags().BoolVar(&engagement, "engagement", false, "play a whole engagement instead, with days of six seconds")
	c.MarkFlagsMutuallyExclusive("keep", "engagement")
	return c
}

func (a *App) demo(ctx context.Context, keep bool) error {
	plan, err := unpackShipped(filepath.Join(a.config.Out, "input"), "ring-rollout.yaml")
	if err != nil {
		return err
	}
	return a.runPlan(ctx, runRequest{plan: plan, out: a.config.Out, keepLab: keep, stay: keep, reattempts: 1})
}

// unpackShipped lays the shipped labs and plans out below dir, as they lie in
// the source tree, so that they can be read and tried with changes. It returns
// the path of a plan.
func unpackShipped(dir, plan string) (string, error) {
	for sub, fsys := range map[string]fs.FS{"labs": labs.FS, "testplans/plans": plans.FS} {
		if err := unpack(filepath.Join(dir, sub), fsys); err != nil {
			return "", fmt.Errorf("unpack the shipped %s: %w", sub, err)
		}
	}
	return filepath.Join(dir, "testplans", "plans", plan), nil
}

// unpack writes a file system to dir, over what is there.
func unpack(dir string, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		target := filepath.Join(dir, filepath.FromSlash(path))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		text, err := fs.ReadFile(fsys, path)
		return errors.Join(err, os.WriteFile(target, text, 0o644))
	})
}
