package device

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/topology"
)

// Provision merges every router's startup configuration into it, all routers
// side by side, and commits. Routers without one are left alone. A lab that
// has its configurations already is not committed to again.
func Provision(ctx context.Context, dial Dial, lab *topology.Lab) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, router := range lab.Routers() {
		node := lab.Topology.Node(router.Name)
		if node == nil || node.StartupConfig == "" {
			continue
		}
		g.Go(func() error {
			_, err := push(ctx, dial, router, Change{
				Text:   node.StartupConfig,
				Format: FormatText,
				Load:   LoadMerge,
				Log:    "ccl: startup configuration",
			})
			return err
		})
	}
	return g.Wait()
}

func push(ctx context.Context, dial Dial, node topology.LabNode, c Change) (commit Commit, err error) {
	s, err := dial(ctx, node)
	if err != nil {
		return Commit{}, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	commit, err = s.Apply(ctx, c)
	if err != nil {
		return commit, fmt.Errorf("startup configuration of %s: %w", node.Name, err)
	}
	return commit, nil
}
