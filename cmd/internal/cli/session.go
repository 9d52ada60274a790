package cli

import (
	"context"
	"errors"
	"os"
	"time"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
)

// A session is a command's connection to Temporal, with a worker if the server
// is this process's own.
type session struct {
	*wire.Cluster
	worker *wire.Worker // nil if others do the work
}

// connect finds or starts a Temporal server. Where the server is our own
// nobody else works for it, so we do.
func (a *App) connect(ctx context.Context) (*session, error) {
	if a.config.Temporal.Address == "" {
		if err := readyState(a.config.StateDir, stateSpace); err != nil {
			return nil, err
		}
	}
	cluster, err := wire.Connect(ctx, a.config, a.patiently(a.StartServer))
	if err != nil {
		return nil, busyState(err)
	}
	s := &session{Cluster: cluster}
	if cluster.Own == nil {
		return s, nil
	}
	if s.worker, err = wire.StartWorker(ctx, a.config, cluster.Client); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// patience is how long a server may take to start before users are told why
// nothing happens.
const patience = time.Second

// patiently makes start say so if it takes a while.
func (a *App) patiently(start wire.StartServer) wire.StartServer {
	if start == nil {
		return nil
	}
	return func(ctx context.Context, o wire.EmbeddedOptions) (*wire.Embedded, error) {
		started, said := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(said)
			select {
			case <-time.After(patience):
				a.say("starting the Temporal server")
			case <-started:
			}
		}()
		own, err := start(ctx, o)
		close(started)
		<-said // so that nothing else is written at the same time
		return own, err
	}
}

// Close stops the worker, then the server, of our own.
func (s *session) Close() error {
	var err error
	if s.worker != nil {
		err = s.worker.Stop()
	}
	return errors.Join(err, s.Cluster.Close())
}

// asRootOfItsOwn makes root of an ordinary user, in a namespace where labs can
// be built. It may execute the program anew and then does not return.
func (a *App) asRootOfItsOwn() error {
	if os.Geteuid() == 0 {
		return nil
	}
	return wire.EnterUserNamespace(a.config)
}
