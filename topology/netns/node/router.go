package node

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"sync"

	"github.com/ccl-lab/ccl/topology/netns/frr"
)

// router is a Junos node: FRRouting below, the Junos emulator in front of it.
type router struct {
	spec *Spec
	log  *slog.Logger

	mu    sync.Mutex
	suite *frr.Suite // nil while switched off
}

func newRouter(spec *Spec, log *slog.Logger) *router { return &router{spec: spec, log: log} }

// Start runs FRR and the emulator, which applies the last committed configuration.
func (r *router) Start(ctx context.Context) (string, error) {
	suite, err := frr.Start(ctx, frr.Options{
		LogDir:   filepath.Join(stateDir, "frr"),
		Rootless: r.spec.Rootless,
	})
	if err != nil {
		return "", fmt.Errorf("FRRouting: %w", err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.suite = suite
	return r.spec.Platform, nil
}

// Stop ends the emulator's sessions and kills FRR.
func (r *router) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range r.suite.Daemons() {
		if err := r.suite.Kill(name); err != nil {
			r.log.Error("stop", "process", name, "error", err)
		}
	}
	r.suite = nil
}

// KillProcess kills a routing daemon, which stays dead.
func (r *router) KillProcess(_ context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.suite.Kill(name)
}

// StartProcess starts a dead routing daemon with the configuration it should have.
func (r *router) StartProcess(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.suite.Start(ctx, name)
}
