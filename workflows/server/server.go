package server

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"go.temporal.io/server/common/config"
	"go.temporal.io/server/common/dynamicconfig"
	"go.temporal.io/server/temporal"
	"golang.org/x/sys/unix"
)

// A Server is a running Temporal server.
type Server struct {
	Frontend  string // host:port for clients
	UI        string // URL of the Web UI; empty without one
	Namespace string
	// CustomerUI is the URL of the read-only Web UI; empty without one.
	CustomerUI string

	temporal temporal.Server
	ui       *webUI
	customer *customerUI
	log      logger
	lock     int // descriptor of the lock file
}

// startTries is how often other free ports are tried when one is snatched
// between being found and being used.
const startTries = 5

// Start brings the server up and returns when it accepts clients. Errors of
// the file are a *LockedError or a *NewerSchemaError.
func Start(ctx context.Context, o Options) (*Server, error) {
	o = o.withDefaults()
	file, err := filepath.Abs(o.DBFile)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, err
	}
	lock, err := lockFile(file)
	if err != nil {
		return nil, err
	}
	s, err := start(ctx, file, o)
	if err != nil {
		unix.Close(lock)
		return nil, fmt.Errorf("start the Temporal server: %w", err)
	}
	s.lock = lock
	return s, nil
}

func start(ctx context.Context, file string, o Options) (*Server, error) {
	if err := migrate(ctx, file); err != nil {
		return nil, err
	}
	db := sqlConfig(file)
	if err := createNamespace(db, o); err != nil {
		return nil, err
	}
	var errs []error
	for range startTries {
		at, err := pickEndpoints(o)
		if err != nil {
			return nil, err
		}
		s, err := startAt(ctx, db, at, o)
		if err == nil {
			return s, nil
		}
		errs = append(errs, err)
		if ctx.Err() != nil {
			break
		}
	}
	return nil, errors.Join(errs...)
}

// startAt starts the server and its UI at given addresses.
func startAt(ctx context.Context, db *config.SQL, at endpoints, o Options) (*Server, error) {
	s := &Server{Frontend: at.frontend.String(), Namespace: o.Namespace, log: newLogger(o.Log)}
	if err := s.startTemporal(ctx, serverConfig(db, at), dynamicConfig(o), at); err != nil {
		s.stopTemporal()
		return nil, err
	}
	if err := s.startUIs(ctx, at, o); err != nil {
		return nil, errors.Join(err, s.stopUIs(), s.stopTemporal())
	}
	return s, nil
}

func (s *Server) startUIs(ctx context.Context, at endpoints, o Options) (err error) {
	if !o.NoUI {
		if s.ui, err = startUI(ctx, at.ui, uiConfig(at.ui, s.Frontend, o.Namespace)); err != nil {
			return err
		}
		s.UI = "http://" + at.ui.String()
	}
	if o.CustomerUI != "" {
		if s.customer, err = startCustomerUI(ctx, at.customer, at.customerBehind, s.Frontend, o.Namespace); err != nil {
			return fmt.Errorf("customer's Web UI: %w", err)
		}
		s.CustomerUI = "http://" + at.customer.String()
	}
	return nil
}

func (s *Server) stopUIs() (err error) {
	if s.customer != nil {
		err = s.customer.stop()
	}
	if s.ui != nil {
		s.ui.stop()
	}
	return err
}

// startTemporal runs the server's start in a goroutine of its own, because a
// Fatal in it ends the goroutine.
func (s *Server) startTemporal(ctx context.Context, c *config.Config, dynamic dynamicconfig.Client, at endpoints) error {
	done := make(chan error, 1)
	go func() {
		err := errors.New("the server gave up while starting")
		defer func() {
			// Fatal ends this goroutine; but within a sync.Once, as for a listener
			// whose port has been snatched, that is a panic.
			if p := recover(); p != nil {
				err = fmt.Errorf("the server gave up while starting: %v", p)
			}
			done <- err
		}()
		srv, e := temporal.NewServer(
			temporal.WithConfig(c),
			temporal.ForServices(temporal.DefaultServices),
			temporal.WithStaticHosts(hosts(at)),
			temporal.WithDynamicConfigClient(dynamic),
			temporal.WithLogger(s.log),
		)
		if e != nil {
			err = e
			return
		}
		s.temporal = srv
		err = srv.Start()
	}()
	select {
	case err := <-done:
		select {
		case fatal := <-s.log.state.failed:
			return fatal
		default:
			return err
		}
	case <-ctx.Done():
		// Start cannot be interrupted; it ends by its own time-outs.
		<-done
		return ctx.Err()
	}
}

// Failed delivers the error that made the server unable to go on, if that
// happens. The process should then stop; what is in the file is safe.
func (s *Server) Failed() <-chan error { return s.log.state.failed }

// stopTimeout is how long Stop waits for the server's services.
const stopTimeout = 20 * time.Second

// Stop ends the UIs and the server and gives the file back. Workers and
// clients should be closed first. The file can be opened again, by this
// process or another.
//
// The linked server leaves a hundred idle goroutines of its system workers and
// gRPC clients behind, and one open database handle per file; they end with
// the process.
func (s *Server) Stop() error {
	err := s.stopUIs()
	return errors.Join(err, s.stopTemporal(), unix.Close(s.lock))
}

func (s *Server) stopTemporal() error {
	s.log.state.quiet.Store(true)
	if s.temporal == nil {
		return nil
	}
	done := make(chan error, 1)
	go func() { done <- s.temporal.Stop() }()
	select {
	case err := <-done:
		return err
	case <-time.After(stopTimeout):
		return fmt.Errorf("the Temporal server did not stop within %v", stopTimeout)
	}
}
