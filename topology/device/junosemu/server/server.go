// Package server puts the emulator together into a router: SSH with NETCONF
// and the CLI on top of the configuration store and the data plane.
//
//	mgd      users' sessions, what NETCONF and the CLI have in common
//	netconf  the NETCONF protocol
//	cli      the command line
package server

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// Options say what a router is made of.
type Options struct {
	Identity  junosemu.Identity
	Dir       string // keeps the configuration store and the SSH host key; created if missing
	Startup   string // configuration (curly or set) committed if Dir holds none; empty: only a host name
	Dataplane junosemu.Dataplane
	Sensor    junosemu.Sensor
	Users     map[string]string // passwords by login name
	Log       *slog.Logger      // nil: discarded
	// Power is called when a user reboots the router, or switches it off: then
	// with off. It may close the server. nil: that is refused.
	Power func(off bool)
}

// A Server is one emulated router.
type Server struct {
	options Options
	log     *slog.Logger
	daemon  *mgd.Daemon
	config  *ssh.ServerConfig

	ctx    context.Context // ends when the server is closed
	cancel context.CancelFunc
	wg     sync.WaitGroup // every goroutine that serves a client

	mu     sync.Mutex
	closed bool
	conns  map[net.Conn]struct{}
}

// New opens the router's store and makes the data plane what its running
// configuration says: the startup configuration the first time.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if err := os.MkdirAll(o.Dir, 0o700); err != nil {
		return nil, err
	}
	key, err := hostKey(filepath.Join(o.Dir, "ssh_host_ed25519_key"))
	if err != nil {
		return nil, fmt.Errorf("SSH host key: %w", err)
	}
	daemon, err := mgd.Open(ctx, mgd.Options{
		Identity: o.Identity, Dir: filepath.Join(o.Dir, "config"), Startup: o.Startup,
		Dataplane: o.Dataplane, Sensor: o.Sensor,
		Power: o.Power, Files: filepath.Join(o.Dir, "files"),
		Logf: func(format string, args ...any) { o.Log.Info(fmt.Sprintf(format, args...)) },
	})
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, log: o.Log, daemon: daemon, conns: map[net.Conn]struct{}{}}
	s.config = s.sshConfig(key)
	s.ctx, s.cancel = context.WithCancel(context.WithoutCancel(ctx))
	return s, nil
}

// Serve accepts clients on both listeners until ctx is done or the server is
// closed, and closes them. Both speak SSH: the first offers the CLI and the
// netconf subsystem, the second only the subsystem, as Junos's ports 22 and
// 830 do. Either may be nil.
func (s *Server) Serve(ctx context.Context, cli, netconf net.Listener) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(s.ctx, cancel)
	defer stop()
	failures := make(chan error, 2)
	var accepting sync.WaitGroup
	serve := func(l net.Listener, withCLI bool) {
		if l == nil {
			return
		}
		closeListener := context.AfterFunc(ctx, func() { _ = l.Close() })
		accepting.Go(func() {
			defer closeListener()
			failures <- s.accept(ctx, l, withCLI)
			cancel()
		})
	}
	serve(cli, true)
	serve(netconf, false)
	accepting.Wait()
	close(failures)
	var all error
	for err := range failures {
		all = errors.Join(all, err)
	}
	return all
}

func (s *Server) accept(ctx context.Context, l net.Listener, withCLI bool) error {
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				_ = c.Close()
			}
			return nil
		case err != nil:
			return err
		}
		if !s.track(c) {
			// A line before the protocol begins is what SSH has for this
			// (RFC 4253, 4.2).
			_ = c.SetWriteDeadline(time.Now().Add(time.Second))
			_, _ = io.WriteString(c, "Too many connections to this router\r\n")
			_ = c.Close()
			continue
		}
		s.wg.Go(func() {
			defer s.untrack(c)
			s.serveConn(c, withCLI)
		})
	}
}

// track remembers a connection so that Close can end it; it is refused when
// the server is closed or full: when there are as many as both services of the
// configuration may have.
func (s *Server) track(c net.Conn) bool {
	services := s.daemon.Services()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || len(s.conns) >= services.SSHLimit+services.NETCONFLimit {
		return false
	}
	s.conns[c] = struct{}{}
	return true
}

func (s *Server) untrack(c net.Conn) {
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
}

// Close ends every session and waits for them; the data plane stays as it is.
func (s *Server) Close() error {
	s.mu.Lock()
	s.closed = true
	for c := range s.conns {
		_ = c.Close()
	}
	s.mu.Unlock()
	s.cancel()
	s.wg.Wait()
	return s.daemon.Close()
}
