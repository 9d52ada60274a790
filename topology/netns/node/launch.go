package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
)

// namespaces are those every node has of its own.
const namespaces = unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC

// LogFile is the name of the file in a node's directory that gets the output of
// its init and of what the init starts.
const LogFile = "node.log"

// A Process is a node under way, seen from its deployer.
type Process struct {
	PID  int // on this host
	spec Spec
	cmd  *exec.Cmd
	conn net.Conn
	dec  *json.Decoder
	done chan struct{} // closed when the process has ended and been waited for
}

// Launch starts the init of a node and waits until its namespaces are set up.
// state marks whose lab it is. listeners are those of SSH and NETCONF, for Junos
// kinds; the caller closes them. On error nothing is left running.
func Launch(ctx context.Context, spec Spec, state string, listeners []*os.File) (*Process, error) {
	p, err := start(spec, state, listeners)
	if err != nil {
		return nil, fmt.Errorf("node %s: %w", spec.Node, err)
	}
	if err = p.send(message{Spec: &spec}); err == nil {
		_, err = p.expect(ctx, stepUp)
	}
	if err != nil {
		p.Kill()
		return nil, err
	}
	return p, nil
}

// start creates the process in its namespaces, with a socket to us.
func start(spec Spec, state string, listeners []*os.File) (*Process, error) {
	log, err := os.OpenFile(filepath.Join(spec.Dir, LogFile), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	ours, theirs, err := socketPair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{process, spec.Lab, spec.Node}
	cmd.Dir = "/"
	cmd.Env = []string{
		EnvLab + "=" + spec.Lab, EnvNode + "=" + spec.Node, EnvState + "=" + state,
		"PATH=" + searchPath(), "HOME=/root", "LANG=C.UTF-8",
	}
	if value := os.Getenv(EnvUserNamespace); value != "" {
		cmd.Env = append(cmd.Env, EnvUserNamespace+"="+value)
	}
	cmd.Stdout, cmd.Stderr = log, log
	cmd.ExtraFiles = append([]*os.File{theirs}, listeners...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: namespaces, Setsid: true}
	if err := cmd.Start(); err != nil {
		ours.Close()
		return nil, refused(err)
	}
	p := &Process{PID: cmd.Process.Pid, spec: spec, cmd: cmd, conn: ours, dec: json.NewDecoder(ours), done: make(chan struct{})}
	go func() {
		cmd.Wait() // how it ended is in its last message or its log
		close(p.done)
	}()
	return p, nil
}

// refused explains why the kernel makes no namespaces.
func refused(err error) error {
	if !errors.Is(err, unix.EPERM) && !errors.Is(err, unix.ENOSPC) {
		return fmt.Errorf("new namespaces: %w", err)
	}
	return &topology.UnsupportedError{
		What: "a node with namespaces of its own", Why: "the kernel refuses: " + err.Error(),
		Hint: "run as root of the host, or in a container that is privileged",
	}
}

// searchPath is the PATH of nodes: ours, and the system directories that an
// ordinary user's lacks.
func searchPath() string {
	const system = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
	if own := os.Getenv("PATH"); own != "" {
		return own + ":" + system
	}
	return system
}

// LinksReady tells the node that its links exist, and waits until it accepts
// management sessions. It returns what runs in the node, for people.
func (p *Process) LinksReady(ctx context.Context) (platform string, err error) {
	if err := p.send(message{Step: stepLinks}); err != nil {
		return "", err
	}
	m, err := p.expect(ctx, stepReady)
	return m.Platform, err
}

// Detach lets the node live on without its deployer.
func (p *Process) Detach() error {
	defer p.conn.Close()
	return p.send(message{Step: stepDetach})
}

// Kill ends the node with everything in it and returns when it is gone.
func (p *Process) Kill() {
	p.conn.Close()
	p.cmd.Process.Kill()
	<-p.done
}

func (p *Process) send(m message) error {
	if err := json.NewEncoder(p.conn).Encode(m); err != nil {
		return p.failure(err)
	}
	return nil
}

// expect reads the init's next message, which must be of the given step.
func (p *Process) expect(ctx context.Context, step string) (message, error) {
	stop := context.AfterFunc(ctx, func() { p.conn.SetReadDeadline(time.Unix(1, 0)) })
	defer stop()
	var m message
	switch err := p.dec.Decode(&m); {
	case ctx.Err() != nil:
		return m, fmt.Errorf("node %s: %w", p.spec.Node, context.Cause(ctx))
	case err != nil:
		return m, p.failure(err)
	case m.Error != "":
		return m, fmt.Errorf("node %s: %s", p.spec.Node, m.Error)
	case m.Step != step:
		return m, fmt.Errorf("node %s: expected step %s, got %q", p.spec.Node, step, m.Step)
	}
	return m, nil
}

// failure explains a broken conversation with what the init last logged.
func (p *Process) failure(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, unix.EPIPE) || errors.Is(err, unix.ECONNRESET) {
		err = errors.New("it ended during its start")
	}
	if log, readErr := os.ReadFile(filepath.Join(p.spec.Dir, LogFile)); readErr == nil {
		lines := strings.Split(strings.TrimSpace(string(log)), "\n")
		const last = 10
		err = fmt.Errorf("%w\n%s", err, strings.Join(lines[max(0, len(lines)-last):], "\n"))
	}
	return fmt.Errorf("node %s: %w", p.spec.Node, err)
}

// socketPair returns two ends of a socket: ours, and one to give away.
func socketPair() (ours net.Conn, theirs *os.File, err error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, fmt.Errorf("socketpair: %w", err)
	}
	f := os.NewFile(uintptr(fds[0]), "deployer")
	defer f.Close()
	theirs = os.NewFile(uintptr(fds[1]), "init")
	if ours, err = net.FileConn(f); err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}
