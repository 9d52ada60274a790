package frr

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"
)

// daemon is one FRR program. It runs in the foreground as a child of this
// process, so its death is known at once.
type daemon struct {
	name   string
	cmd    *exec.Cmd
	exited chan struct{} // closed once the process is reaped
	status error         // why it ended; valid after exited is closed

	mu     sync.Mutex
	show   *vty // for operational commands
	config *vty // for changes, so that a commit and a show never mix their modes
	socket string
}

// spawn starts the program and returns when its management socket answers.
func (s *Suite) spawn(ctx context.Context, name string) (*daemon, error) {
	if err := s.prepare(name); err != nil {
		return nil, err
	}
	out, err := os.OpenFile(s.logFile(name), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	defer out.Close() // the child has its own
	cmd := exec.Command(filepath.Join(s.opts.BinDir, name), s.arguments(name)...)
	cmd.Stdout, cmd.Stderr = out, out
	// A signal meant for the node's own terminal is not for its daemons.
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	start := cmd.Start
	if s.opts.In != nil {
		start = func() error { return s.opts.In(cmd.Start) }
	}
	if err := start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	d := &daemon{name: name, cmd: cmd, exited: make(chan struct{}), socket: s.vtySocket(name)}
	go func() {
		d.status = cmd.Wait()
		close(d.exited)
	}()
	if err := s.await(ctx, d); err != nil {
		d.kill()
		return nil, err
	}
	return d, nil
}

// noNexthopObjects has zebra install every route with its own next hops. With
// the kernel's nexthop objects, a link that goes down takes its next hop out of
// the kernel's groups, and when it comes back FRR 8.4 uses a group again that it
// believes whole: routes of equal cost keep one path.
const noNexthopObjects = "no zebra nexthop kernel enable"

// prepare removes what an earlier process of that name left, and writes the
// nearly empty configuration file without which a daemon complains. Configuration
// goes through the management socket, where a refusal has words.
func (s *Suite) prepare(name string) error {
	stale := []string{s.vtySocket(name)}
	if name == zebra {
		stale = append(stale, s.zebraSocket())
	}
	for _, path := range stale {
		if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("start %s: %w", name, err)
		}
	}
	conf := s.confFile(name)
	text := "frr defaults traditional\n"
	if name == zebra {
		text += noNexthopObjects + "\n"
	}
	if err := os.WriteFile(conf, []byte(text), 0o640); err != nil {
		return fmt.Errorf("start %s: %w", name, err)
	}
	return s.give(conf)
}

// arguments are the same for all daemons but for their paths.
func (s *Suite) arguments(name string) []string {
	args := []string{
		"--vty_addr", "127.0.0.1", "--vty_port", "0", // no TCP management
		"--vty_socket", s.opts.RunDir,
		"--pid_file", filepath.Join(s.opts.RunDir, name+".pid"),
		"--config_file", s.confFile(name),
		"--socket", s.zebraSocket(),
		"--log", "stdout",
	}
	if name == bfdd {
		args = append(args, "--bfdctl", filepath.Join(s.opts.RunDir, "bfdd.sock"))
	}
	if s.opts.Rootless {
		args = append(args, "--user", "root", "--group", "root")
	}
	return args
}

// await returns when the daemon accepts commands, and for zebra also routes:
// a routing daemon that finds no zebra tries again only after ten seconds.
func (s *Suite) await(ctx context.Context, d *daemon) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	if d.name == zebra {
		if err := s.awaitSocket(ctx, d, s.zebraSocket()); err != nil {
			return err
		}
	}
	if err := s.awaitSocket(ctx, d, d.socket); err != nil {
		return err
	}
	_, err := d.session(ctx, &d.config)
	return err
}

// awaitSocket returns when something accepts connections at path.
func (s *Suite) awaitSocket(ctx context.Context, d *daemon, path string) error {
	poll := time.NewTicker(time.Millisecond)
	defer poll.Stop()
	for {
		if conn, err := net.Dial("unix", path); err == nil {
			return conn.Close()
		}
		select {
		case <-poll.C:
		case <-d.exited:
			return fmt.Errorf("%s ended while starting (%v): %s", d.name, d.status, lastWords(s.logFile(d.name)))
		case <-ctx.Done():
			return fmt.Errorf("%s did not open %s: %w", d.name, path, context.Cause(ctx))
		}
	}
}

// session returns the connection kept in slot, making it when there is none.
func (d *daemon) session(ctx context.Context, slot **vty) (*vty, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if *slot != nil && !(*slot).broken() {
		return *slot, nil
	}
	v, err := dialVTY(ctx, d.name, d.socket)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", d.name, err)
	}
	*slot = v
	return v, nil
}

// alive reports whether the process still runs.
func (d *daemon) alive() bool {
	select {
	case <-d.exited:
		return false
	default:
		return true
	}
}

// kill ends the process without giving it a chance to tidy up, and reaps it.
func (d *daemon) kill() {
	d.cmd.Process.Kill() // fails only if it is gone already
	d.gone()
}

// terminate asks the process to end (it withdraws its routes and says goodbye
// to its neighbors) and kills it when the context ends first.
func (d *daemon) terminate(ctx context.Context) {
	d.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-d.exited:
		d.gone()
	case <-ctx.Done():
		d.kill()
	}
}

// gone waits for the process and drops its connections.
func (d *daemon) gone() {
	<-d.exited
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, v := range []*vty{d.show, d.config} {
		if v != nil {
			v.close()
		}
	}
	d.show, d.config = nil, nil
}

// lastWords is what a daemon's log says about its end: the assertion that
// failed, or else the last line.
func lastWords(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return err.Error()
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	for _, l := range slices.Backward(lines) {
		if strings.Contains(l, "assertion") {
			return l
		}
	}
	return lines[len(lines)-1]
}
