package labdir

import (
	"context"
	"errors"

	"github.com/ccl-lab/ccl/topology"
)

// Inspect describes the labs of these names that are there. Labs that cannot be
// looked at are in the error; the others are returned all the same.
func Inspect(ctx context.Context, b topology.Backend, names []string) ([]*topology.Lab, error) {
	var labs []*topology.Lab
	var errs []error
	for _, name := range names {
		switch lab, err := b.Inspect(ctx, name); {
		case err == nil:
			labs = append(labs, lab)
		case !errors.Is(err, topology.ErrNoLab): // else it is being deployed, or is gone
			errs = append(errs, err)
		}
	}
	return labs, errors.Join(errs...)
}

// Reap has each lab looked at by one, which says whether it removed it, and
// returns the names of those that were. Meanwhile the lab is locked; labs that
// another process is working on are left to it.
func Reap(ctx context.Context, names []string, lockFile func(name string) string,
	one func(ctx context.Context, name string) (bool, error)) ([]string, error) {
	var reaped []string
	var errs []error
	for _, name := range names {
		if ctx.Err() != nil {
			return reaped, context.Cause(ctx)
		}
		unlock, err := TryLock(lockFile(name))
		if errors.Is(err, ErrLocked) {
			continue
		}
		if err != nil {
			errs = append(errs, err)
			continue
		}
		removed, err := one(ctx, name)
		unlock()
		if removed {
			reaped = append(reaped, name)
		}
		errs = append(errs, err)
	}
	return reaped, errors.Join(errs...)
}
