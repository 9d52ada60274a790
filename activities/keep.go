package activities

import (
	"context"
	"errors"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// take gives a lab to a run as hold does, unless the lab is to stay up for
// somebody else: then only a run that leaves it up gets it, and others a
// *topology.KeptError.
func (l *Labs) take(ctx context.Context, ref LabRef, run string, leavesItUp bool) error {
	if err := l.hold(ctx, ref, run); err != nil || run == "" {
		return err
	}
	kept, err := l.kept(ctx, ref)
	if err == nil && kept != nil && kept.By != run && !leavesItUp {
		err = &topology.KeptError{Lab: ref.Name, Kept: *kept}
	}
	if err != nil {
		l.letGo(ref)
	}
	return err
}

// kept says for whom a lab is to stay up, nil if for nobody. A mark that has
// outlived its lab, which was lost with the host, is removed.
func (l *Labs) kept(ctx context.Context, ref LabRef) (*topology.Kept, error) {
	backend, err := l.Backend(ref.Backend)
	if err != nil {
		return nil, err
	}
	keeper, ok := backend.(topology.Keeper)
	if !ok {
		return nil, nil
	}
	kept, err := keeper.Kept(ctx, ref.Name)
	if err != nil || kept == nil {
		return nil, err
	}
	if _, err := backend.Inspect(ctx, ref.Name); errors.Is(err, topology.ErrNoLab) {
		return nil, keeper.Unkeep(ctx, ref.Name)
	}
	return kept, nil
}

// keepUp marks a lab that a run leaves up at its end. The mark is there from the
// beginning: it holds also if nobody goes on with the run.
func (l *Labs) keepUp(ctx context.Context, ref LabRef, run string) error {
	if keeper, ok := l.Backends[ref.Backend].(topology.Keeper); ok && run != "" {
		return keeper.Keep(ctx, ref.Name, topology.Kept{By: run, Since: time.Now().UTC().Truncate(time.Second)})
	}
	return nil
}
