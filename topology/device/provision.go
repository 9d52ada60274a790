package device

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/ccl-lab/ccl/topology"
)

// Provision merges every router's startup configuration into it, all routers
// side by side, and commits. Routers without one are left alone. A lab that
// has its configurations already is not committed to again. Every refusal is
// in the error, in the order of the lab: who mends files wants to know all.
func Provision(ctx context.Context, dial Dial, lab *topology.Lab) error {
	routers := lab.Routers()
	refused := make([]error, len(routers))
	var all sync.WaitGroup
	for i, router := range routers {
		node := lab.Topology.Node(router.Name)
		if node == nil || node.StartupConfig == "" {
			continue
		}
		all.Go(func() {
			_, refused[i] = push(ctx, dial, router, Change{
				Text:   node.StartupConfig,
				Format: FormatOf(node.StartupConfig),
				Load:   LoadMerge,
				Log:    "ccl: startup configuration",
			})
		})
	}
	all.Wait()
	return errors.Join(refused...)
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
