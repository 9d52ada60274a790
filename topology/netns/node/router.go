package node

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server"
	"github.com/ccl-lab/ccl/topology/netns/dataplane"
	"github.com/ccl-lab/ccl/topology/netns/frr"
)

// users are the logins of every Junos node, those of containerlab's Junos kinds.
var users = map[string]string{"admin": "admin@123"}

// router is a Junos node: FRRouting and the kernel below, the Junos emulator in
// front of them.
type router struct {
	spec         *Spec
	log          *slog.Logger
	ssh, netconf *os.File       // listening sockets in the host's namespace; open as long as the node lives
	cycle        func(off bool) // switches the node off, and on again unless off

	mu      sync.Mutex
	running *running // nil while switched off
	refuse  func()   // ends the refusal of clients while switched off
}

// running is what a router that is switched on consists of.
type running struct {
	suite  *frr.Suite
	plane  *dataplane.Router
	server *server.Server
	cancel context.CancelFunc
	tasks  sync.WaitGroup // that end with cancel
}

func newRouter(spec *Spec, log *slog.Logger, cycle func(off bool)) *router {
	return &router{
		spec: spec, log: log, cycle: cycle,
		ssh:     os.NewFile(fdSSH, "SSH listener"),
		netconf: os.NewFile(fdNetconf, "NETCONF listener"),
		refuse:  func() {},
	}
}

// Start runs FRR and then the emulator, which applies the configuration that was
// committed last, or the startup configuration the first time.
func (r *router) Start(ctx context.Context) (string, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	opts := frr.Options{LogDir: filepath.Join(stateDir, "frr"), Rootless: r.spec.Rootless}
	suite, err := frr.Start(ctx, opts)
	if err != nil {
		return "", fmt.Errorf("FRRouting: %w", err)
	}
	on := &running{suite: suite}
	if on.plane, err = dataplane.NewRouter(suite, opts, r.identity()); err != nil {
		on.kill(r.log)
		return "", err
	}
	on.plane.NameDir = "/run/netns" // the node's own
	on.server, err = server.New(ctx, server.Options{
		Identity: r.identity(), Dir: filepath.Join(stateDir, "junos"), Startup: r.spec.Startup,
		Dataplane: on.plane, Sensor: on.plane, Users: users, Log: r.log, Power: r.cycle,
	})
	if err != nil {
		on.kill(r.log)
		return "", fmt.Errorf("start the Junos emulator: %w", err)
	}
	if err := r.serve(on); err != nil {
		on.kill(r.log)
		return "", errors.Join(err, on.server.Close())
	}
	r.running = on
	return r.spec.Platform, nil
}

// serve accepts clients until the router is switched off.
func (r *router) serve(on *running) error {
	r.refuse()
	cli, err := net.FileListener(r.ssh)
	if err != nil {
		return fmt.Errorf("SSH listener: %w", err)
	}
	netconf, err := net.FileListener(r.netconf)
	if err != nil {
		return errors.Join(fmt.Errorf("NETCONF listener: %w", err), cli.Close())
	}
	ctx, cancel := context.WithCancel(context.Background())
	on.cancel = cancel
	on.tasks.Go(func() { r.logEnd("server", on.server.Serve(ctx, cli, netconf)) })
	on.tasks.Go(func() { r.logEnd("watch", on.plane.Watch(ctx)) })
	return nil
}

func (r *router) logEnd(task string, err error) {
	if err != nil {
		r.log.Error(task, "error", err)
	}
}

func (r *router) identity() junosemu.Identity {
	id := junosemu.Identity{Name: r.spec.Node, Kind: r.spec.Kind}
	for _, p := range r.spec.Ports {
		id.Ports = append(id.Ports, junosemu.Port{Junos: p.Interface, Device: p.Device})
	}
	return id
}

// Stop kills FRR, ends the emulator's sessions, and refuses clients from then on.
func (r *router) Stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return
	}
	on := r.running
	r.running = nil
	on.kill(r.log)
	on.cancel()
	if err := on.server.Close(); err != nil {
		r.log.Error("stop", "error", err)
	}
	on.tasks.Wait()
	r.refuse = refuseClients(r.log, r.ssh, r.netconf)
}

// Close ends the emulator's sessions, then FRR, which says goodbye to its neighbors.
func (r *router) Close(ctx context.Context) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return
	}
	r.running.cancel()
	if err := r.running.server.Close(); err != nil {
		r.log.Error("close", "error", err)
	}
	if err := r.running.plane.Halt(); err != nil {
		r.log.Error("close", "error", err)
	}
	r.running.suite.Stop(ctx)
}

// kill kills FRR's daemons, those first that others do not need, and ends the
// routing instances.
func (on *running) kill(log *slog.Logger) {
	names := on.suite.Daemons()
	for i := range names {
		on.suite.Kill(names[len(names)-1-i]) // fails only for unknown names
	}
	if on.plane == nil {
		return
	}
	if err := on.plane.Halt(); err != nil {
		log.Error("end routing instances", "error", err)
	}
}

// refuseClients hangs up on whoever connects, so that nobody waits for a router
// that is off. The result ends that.
func refuseClients(log *slog.Logger, files ...*os.File) (end func()) {
	var listeners []net.Listener
	var refusing sync.WaitGroup
	for _, f := range files {
		l, err := net.FileListener(f)
		if err != nil {
			log.Error("refuse clients", "error", err)
			continue
		}
		listeners = append(listeners, l)
		refusing.Go(func() {
			for {
				conn, err := l.Accept()
				if err != nil {
					return
				}
				conn.Close()
			}
		})
	}
	return func() {
		for _, l := range listeners {
			l.Close()
		}
		refusing.Wait()
	}
}

// In runs f where a device is: its port may be in a routing instance.
func (r *router) In(device string, f func() error) error {
	r.mu.Lock()
	on := r.running
	r.mu.Unlock()
	if on == nil {
		return f()
	}
	return on.plane.In(device, f)
}

// KillProcess kills a routing daemon of FRR, or all of them ("routing"). What is
// killed stays dead.
func (r *router) KillProcess(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return errOff
	}
	return r.running.plane.Kill(ctx, name)
}

// StartProcess starts what KillProcess killed, with the configuration it should have.
func (r *router) StartProcess(ctx context.Context, name string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.running == nil {
		return errOff
	}
	return r.running.plane.Start(ctx, name)
}

var errOff = errors.New("the router is switched off")
