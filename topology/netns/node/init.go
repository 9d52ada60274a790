package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// A device is what runs in a node, by its kind.
type device interface {
	// Start brings everything up. It returns what runs, for people.
	Start(ctx context.Context) (platform string, err error)
	// Stop ends everything at once, as a power cut does. Start may follow.
	Stop()
	// Close ends everything in an orderly way, for good.
	Close(ctx context.Context)
	// In runs f in the network namespace that a kernel device of the node is in.
	In(device string, f func() error) error
	// KillProcess and StartProcess act on one routing daemon.
	KillProcess(ctx context.Context, name string) error
	StartProcess(ctx context.Context, name string) error
}

// machine is a running node: its device and whether that is switched on.
type machine struct {
	spec     Spec
	log      *slog.Logger
	device   device
	platform string

	power sync.Mutex // held while the device is switched on or off
	on    bool
}

// run is the life of a node's init. The result is its exit code.
func run() int {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), unix.SIGTERM, unix.SIGINT)
	defer stop()
	go reapOrphans(ctx)
	conn, err := inherited(fdDeployer, net.FileConn)
	if err != nil {
		log.Error("no deployer", "error", err)
		return 1
	}
	m, err := birth(ctx, conn, log)
	if err != nil {
		log.Error("start", "error", err)
		json.NewEncoder(conn).Encode(message{Error: err.Error()})
		// Our links end with us. They stay until the deployer has read the message
		// and hangs up: it should not hear first that a neighbor lost its port.
		_, _ = io.Copy(io.Discard, conn)
		return 1
	}
	<-ctx.Done()
	m.device.Close(context.WithoutCancel(ctx))
	return 0
}

// birth goes through the steps of the protocol to a running, detached node.
func birth(ctx context.Context, conn net.Conn, log *slog.Logger) (*machine, error) {
	enc, dec := json.NewEncoder(conn), json.NewDecoder(conn)
	var first message
	if err := dec.Decode(&first); err != nil || first.Spec == nil {
		return nil, fmt.Errorf("no spec from the deployer: %v", err)
	}
	m := &machine{spec: *first.Spec, log: log}
	if err := m.setUp(); err != nil {
		return nil, err
	}
	if err := enc.Encode(message{Step: stepUp}); err != nil {
		return nil, err
	}
	if err := await(dec, stepLinks); err != nil {
		return nil, err
	}
	// From here on the device may take its time, so the deployer's death is
	// watched for beside it. The end of PID 1 ends everything of the node.
	detached := make(chan struct{})
	go func() {
		if err := await(dec, stepDetach); err != nil {
			log.Error("the deployer is gone", "error", err)
			os.Exit(1)
		}
		close(detached)
	}()
	if err := m.switchOn(ctx); err != nil {
		return nil, err
	}
	if err := m.listen(ctx); err != nil {
		return nil, err
	}
	if err := enc.Encode(message{Step: stepReady, Platform: m.platform}); err != nil {
		return nil, err
	}
	select {
	case <-detached:
	case <-ctx.Done():
	}
	return m, conn.Close()
}

func await(dec *json.Decoder, step string) error {
	var m message
	if err := dec.Decode(&m); err != nil {
		if errors.Is(err, io.EOF) {
			return fmt.Errorf("the deployer ended before step %s", step)
		}
		return err
	}
	if m.Step != step {
		return fmt.Errorf("expected step %s, got %q", step, m.Step)
	}
	return nil
}

// setUp prepares the namespaces and the device that will run in them.
func (m *machine) setUp() error {
	// The marks of an init are its own: children must not be taken for it.
	for _, name := range []string{EnvLab, EnvNode, EnvState} {
		os.Unsetenv(name)
	}
	if err := syscall.Sethostname([]byte(m.spec.Node)); err != nil {
		return fmt.Errorf("host name: %w", err)
	}
	if err := mountAll(&m.spec); err != nil {
		return err
	}
	if err := setSysctls(&m.spec); err != nil {
		return err
	}
	if err := setLink("lo", true); err != nil {
		return err
	}
	m.device = m.newDevice()
	return nil
}

// newDevice returns what runs in a node of the spec's kind.
func (m *machine) newDevice() device {
	if m.spec.IsJunos() {
		return newRouter(&m.spec, m.log, m.cycle)
	}
	return &host{spec: &m.spec, log: m.log}
}

func (m *machine) switchOn(ctx context.Context) error {
	m.power.Lock()
	defer m.power.Unlock()
	if m.on {
		return nil
	}
	if err := m.setPorts(true); err != nil {
		return err
	}
	platform, err := m.device.Start(ctx)
	if err != nil {
		return err
	}
	m.platform, m.on = platform, true
	return nil
}

// switchOff is a power cut: the neighbours lose carrier, every process dies,
// what was not configured on disk is lost.
func (m *machine) switchOff() error {
	m.power.Lock()
	defer m.power.Unlock()
	if !m.on {
		return nil
	}
	m.on = false
	err := m.setPorts(false)
	m.device.Stop()
	killAll()
	return errors.Join(err, flushAddresses(m.spec.Ports))
}

// cycle switches the node off and, unless it shall stay off, on again: what
// the node does to itself when a user asks.
func (m *machine) cycle(off bool) {
	err := m.switchOff()
	if err == nil && !off {
		err = m.switchOn(context.Background())
	}
	if err != nil {
		m.log.Error("switch off and on", "error", err)
	}
}

// running reports whether the node is switched on, and its platform.
func (m *machine) running() (bool, string) {
	m.power.Lock()
	defer m.power.Unlock()
	return m.on, m.platform
}

// killAll kills every process of the node but its init. Anywhere but in PID 1 of
// a namespace the same call would kill the host.
func killAll() {
	if os.Getpid() == 1 {
		unix.Kill(-1, unix.SIGKILL)
	}
}

// inherited opens a socket that the process was born with.
func inherited[T any](fd int, open func(*os.File) (T, error)) (T, error) {
	f := os.NewFile(uintptr(fd), fmt.Sprintf("fd %d", fd))
	defer f.Close()
	return open(f)
}
