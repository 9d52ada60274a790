package cli

import (
	"context"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/lease"
)

func (a *App) labDestroyCommand() *cobra.Command {
	var force bool
	c := &cobra.Command{
		Use:   "destroy LAB...",
		Short: "Remove labs and everything of theirs",
		Long: `Destroy removes labs with everything of theirs. A lab that a run is using is
left alone, unless --force is given: the run then ends with errors.`,
		Args:              between(1, math.MaxInt, "LABs"),
		ValidArgsFunction: a.completeLabs(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			backend, err := a.backend()
			if err != nil {
				return err
			}
			var failed []error
			for _, name := range args {
				if err := a.labDestroy(cmd.Context(), backend, name, force); err != nil {
					failed = append(failed, err)
				}
			}
			return errors.Join(failed...)
		},
	}
	c.Flags().BoolVar(&force, "force", false, "remove labs also under the runs that use them")
	return c
}

func (a *App) labDestroy(ctx context.Context, backend topology.Backend, name string, force bool) error {
	if !force {
		if err := unheld(ctx, backend, name); err != nil {
			return withHint(err, "wait for its end, or ccl lab destroy --force %s", name)
		}
	}
	if _, err := backend.Inspect(ctx, name); errors.Is(err, topology.ErrNoLab) {
		a.say("lab %s: nothing to remove", name)
		return nil
	}
	begun := time.Now()
	if err := backend.Destroy(ctx, name); err != nil {
		return fmt.Errorf("lab %s: %w", name, err)
	}
	a.say("lab %s: removed in %s", name, time.Since(begun).Round(time.Millisecond))
	return nil
}

// unheld refuses a lab that a run is using.
func unheld(ctx context.Context, backend topology.Backend, name string) error {
	leaser, ok := backend.(topology.Leaser)
	if !ok {
		return nil
	}
	held, err := leaser.Holder(ctx, name)
	if err != nil || lease.Abandoned(held) {
		return err
	}
	return &topology.HeldError{Lab: name, Lease: *held}
}

func (a *App) labReapCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "reap",
		Short: "Remove what killed processes left behind",
		Long: `Reap looks for labs that are not whole any more: nodes without their lab,
labs without some of their nodes. Whole labs are left alone.`,
		Args: exactly(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			backend, err := a.backend()
			if err != nil {
				return err
			}
			reaper, ok := backend.(topology.Reaper)
			if !ok {
				return fmt.Errorf("the %s backend leaves nothing to reap", a.config.Backend)
			}
			names, err := reaper.Reap(cmd.Context())
			if a.json {
				return errors.Join(err, printList(a, names))
			}
			for _, name := range names {
				a.say("lab %s: reaped", name)
			}
			if len(names) == 0 && err == nil {
				a.say("nothing to reap")
			}
			return err
		},
	}
}
