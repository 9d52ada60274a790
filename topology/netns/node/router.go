package node

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"path/filepath"
	"sync"

	"github.com/ccl-lab/ccl/topology/netns/frr"
)

// router is a Junos node: FRRouting below, the Junos emulator in front of it.
type router struct {
	spec         *Spec
	log          *slog.Logger
	ssh, netconf net.Listener // in the host's namespace; open as long as the node lives

	mu    sync.Mutex
	suite *frr.Suite // nil while switched off
	stop  context.CancelFunc
}

func newRouter(ctx context.Context, spec *Spec, log *slog.Logger) (*router, error) {
	r := &router{spec: spec, log: log}
	var err error
	if r.ssh, err = inherited(fdSSH, net.FileListener); err != nil {
		return nil, fmt.Errorf("SSH listener: %w", err)
	}
	if r.netconf, err = inherited(fdNetconf, net.FileListener); err != nil {
		return nil, fmt.Errorf("NETCONF listener: %w", err)
	}
	return r, nil
}

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
	return "Junos emulator (FRR)", nil
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
