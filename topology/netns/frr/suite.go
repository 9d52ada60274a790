// Package frr runs FRRouting inside the namespaces of the calling process: it
// starts the daemons as children, speaks to them over their management sockets,
// and moves them from one configuration to another by sending what differs.
//
// FRR has no commit. Suite.Apply makes one: it compares what the daemons run
// with what is wanted, sends the difference, reads the result back, and on any
// refusal puts everything back as it was.
//
//	suite, err := frr.Start(ctx, frr.Options{})
//	err = suite.Apply(ctx, map[string]string{"ospfd": "router ospf\n ospf router-id 10.0.0.1\n"})
//	out, err := suite.Command(ctx, "ospfd", "show ip ospf neighbor json")
package frr

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	zebra   = "zebra"
	staticd = "staticd"
	bgpd    = "bgpd"
	ospf6d  = "ospf6d"
	bfdd    = "bfdd"
)

// order is the order in which daemons are configured. zebra is first, because
// the others speak through it; bfdd is last, because a BFD session that exists
// before its BGP session flaps it once.
var order = []string{zebra, staticd, "ospfd", ospf6d, "isisd", "ldpd", bgpd, "vrrpd", bfdd}

// startTimeout bounds the start of one daemon. It takes about 50 ms; a busy
// machine that deploys many routers at once needs seconds.
const startTimeout = 30 * time.Second

// reapTime is how long after the loss of a connection its daemon may still be
// found to have died.
const reapTime = 500 * time.Millisecond

// Options say where FRR's files are. The zero value is what FRR was compiled
// with, which is right for a node that has its own mounts there.
type Options struct {
	BinDir  string // programs; /usr/lib/frr
	ConfDir string // configuration files; /etc/frr
	RunDir  string // sockets and PID files, a short path (108 bytes with the socket's name); /var/run/frr
	LogDir  string // one log a daemon; /var/log/frr
	// Rootless runs the daemons as root of the user namespace, which must then
	// be a member of the group frrvty (see MapAccounts).
	Rootless bool
	// In, if set, calls what starts a daemon where the daemon is to run: in another
	// network namespace.
	In func(start func() error) error
	// Trace, if set, is called with every line that is sent in configuration
	// mode, "configure terminal" and "end" included.
	Trace func(daemon, line string)
}

func (o Options) withDefaults() Options {
	for dir, standard := range map[*string]string{
		&o.BinDir:  "/usr/lib/frr",
		&o.ConfDir: "/etc/frr",
		&o.RunDir:  "/var/run/frr",
		&o.LogDir:  "/var/log/frr",
	} {
		if *dir == "" {
			*dir = standard
		}
	}
	return o
}

// Below are the options of another FRR, with the files of its own in directories
// below these: logs in one, what the daemons need in another.
func (o Options) Below(directory, logs string) Options {
	o = o.withDefaults()
	o.ConfDir, o.RunDir = filepath.Join(o.ConfDir, directory), filepath.Join(o.RunDir, directory)
	o.LogDir = filepath.Join(o.LogDir, logs)
	return o
}

// ErrNotRunning is a daemon that was never started, was killed, or died.
var ErrNotRunning = errors.New("not running")

// A Suite is the running FRR of one router. Its methods may be called at the
// same time from several goroutines.
type Suite struct {
	opts Options

	mu      sync.Mutex
	daemons map[string]*daemon // the last process of each daemon, dead or alive
	crashes []Crash
	stopped bool

	applying sync.Mutex        // one change at a time; guards wanted
	wanted   map[string]string // configuration of each daemon after the last Apply
}

// Start runs zebra and staticd. The other daemons start when a configuration
// first needs them. On error nothing is left running.
func Start(ctx context.Context, opts Options) (*Suite, error) {
	s := &Suite{opts: opts.withDefaults(), daemons: map[string]*daemon{}, wanted: map[string]string{}}
	for _, dir := range []string{s.opts.ConfDir, s.opts.RunDir, s.opts.LogDir} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			return nil, err
		}
		if err := s.give(dir); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{zebra, staticd} {
		if err := s.launch(ctx, name); err != nil {
			s.Stop(context.WithoutCancel(ctx))
			return nil, err
		}
	}
	return s, nil
}

// Running reports whether the daemon's process is alive.
func (s *Suite) Running(name string) bool {
	_, err := s.running(name)
	return err == nil
}

// Daemons names the daemons that were started, dead ones included, in the
// order in which they are configured.
func (s *Suite) Daemons() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.SortedFunc(maps.Keys(s.daemons), byOrder)
}

// PID is the process of a running daemon, as this process numbers it, or 0.
func (s *Suite) PID(name string) int {
	d, err := s.running(name)
	if err != nil {
		return 0
	}
	return d.cmd.Process.Pid
}

// Command runs an operational command ("show ip ospf neighbor json") in one
// daemon. What the daemon refuses is a *CommandError, and its output is
// returned as well: for some questions (a neighbor that does not exist) the
// answer comes with StatusWarning. A daemon that is dead is ErrNotRunning.
func (s *Suite) Command(ctx context.Context, name, command string) (string, error) {
	d, err := s.running(name)
	if err != nil {
		return "", err
	}
	v, err := d.session(ctx, &d.show)
	if err != nil {
		return "", s.orDead(d, err)
	}
	out, err := v.command(ctx, command)
	return out, s.orDead(d, err)
}

// Kill ends a daemon with SIGKILL. It stays dead, whatever is applied, until
// Start. Killing a dead daemon is no error.
func (s *Suite) Kill(name string) error {
	if err := known(name); err != nil {
		return err
	}
	if d, err := s.running(name); err == nil {
		d.kill()
	}
	return nil
}

// Start starts a dead daemon and gives it the configuration it should have.
// It does nothing to a daemon that runs. With zebra the others start anew.
func (s *Suite) Start(ctx context.Context, name string) error {
	if err := known(name); err != nil {
		return err
	}
	s.applying.Lock()
	defer s.applying.Unlock()
	if s.Running(name) {
		return nil
	}
	return s.relaunch(ctx, name)
}

// Restart kills every daemon and starts them again, each with the
// configuration it should have.
func (s *Suite) Restart(ctx context.Context) error {
	names := s.Daemons()
	for _, name := range slices.Backward(names) {
		if err := s.Kill(name); err != nil {
			return err
		}
	}
	for _, name := range names { // zebra comes first, when no other runs
		if err := s.Start(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends every daemon, the youngest first, and waits for them; those that
// still run when the context ends, or after five seconds, are killed.
func (s *Suite) Stop(ctx context.Context) {
	s.mu.Lock()
	s.stopped = true
	s.mu.Unlock()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, name := range slices.Backward(s.Daemons()) {
		if d, err := s.running(name); err == nil {
			d.terminate(ctx)
		}
	}
}

// relaunch starts a dead daemon with its configuration. With zebra it restarts
// the others that run, as watchfrr does: they do not give a new zebra the routes
// that they gave the old one.
func (s *Suite) relaunch(ctx context.Context, name string) error {
	names := []string{name}
	if name == zebra {
		for _, other := range s.Daemons() {
			if d, err := s.running(other); err == nil && other != zebra {
				d.kill()
				names = append(names, other)
			}
		}
	}
	for _, n := range names {
		if err := s.launch(ctx, n); err != nil {
			return err
		}
		if err := s.load(ctx, n, s.wanted[n]); err != nil {
			return err
		}
	}
	return nil
}

// launch starts a daemon with no configuration.
func (s *Suite) launch(ctx context.Context, name string) error {
	d, err := s.spawn(ctx, name)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.daemons[name] = d
	go s.watch(d)
	return nil
}

// launchAll starts the daemons at the same time.
func (s *Suite) launchAll(ctx context.Context, names []string) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, name := range names {
		g.Go(func() error { return s.launch(ctx, name) })
	}
	return g.Wait()
}

// running returns the daemon if its process is alive.
func (s *Suite) running(name string) (*daemon, error) {
	if err := known(name); err != nil {
		return nil, err
	}
	s.mu.Lock()
	d := s.daemons[name]
	s.mu.Unlock()
	if d == nil || !d.alive() {
		return nil, fmt.Errorf("%s: %w", name, ErrNotRunning)
	}
	return d, nil
}

// orDead turns a broken connection into ErrNotRunning when it broke because
// the daemon died. The socket closes a moment before the process can be reaped.
func (s *Suite) orDead(d *daemon, err error) error {
	var refused *CommandError
	if err == nil || errors.As(err, &refused) || isContextError(err) {
		return err
	}
	select {
	case <-d.exited:
		return fmt.Errorf("%s: %w (%v; its last words: %s)", d.name, ErrNotRunning, d.status, lastWords(s.logFile(d.name)))
	case <-time.After(reapTime):
		return err
	}
}

// give makes the daemons' user the owner of a path.
func (s *Suite) give(path string) error {
	if s.opts.Rootless {
		return nil
	}
	u, err := user.Lookup("frr")
	if err != nil {
		return fmt.Errorf("the user of Debian's package frr is missing: %w", err)
	}
	uid, _ := strconv.Atoi(u.Uid) // numbers on every Unix
	gid, _ := strconv.Atoi(u.Gid)
	return os.Chown(path, uid, gid)
}

func (s *Suite) confFile(name string) string  { return filepath.Join(s.opts.ConfDir, name+".conf") }
func (s *Suite) logFile(name string) string   { return filepath.Join(s.opts.LogDir, name+".log") }
func (s *Suite) vtySocket(name string) string { return filepath.Join(s.opts.RunDir, name+".vty") }
func (s *Suite) zebraSocket() string          { return filepath.Join(s.opts.RunDir, "zserv.api") }

// known refuses names that are no daemon of FRR that this package can run.
func known(name string) error {
	if !slices.Contains(order, name) {
		return fmt.Errorf("%q is no routing daemon; there are %v", name, order)
	}
	return nil
}

// byOrder compares daemons by their place in order.
func byOrder(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) }
