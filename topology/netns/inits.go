package netns

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

// An initProcess is the init of a node that lives on this host.
type initProcess struct {
	pid       int
	lab, node string
}

// inits finds the inits of a lab of this state directory, or of all its labs if
// the name is empty. It reads the environment of every process, which costs
// about 20 µs each.
func (b *Backend) inits(lab string) ([]initProcess, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	var found []initProcess
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if i, ok := b.initOf(pid); ok && (lab == "" || i.lab == lab) {
			found = append(found, i)
		}
	}
	return found, nil
}

// initOf reports whether a process is the init of a node of ours. The marks are
// in the environment that it was started with; its children have them only until
// they execute. A zombie has no environment, so it is none.
func (b *Backend) initOf(pid int) (initProcess, bool) {
	environ, err := os.ReadFile(environPath(pid))
	if err != nil {
		return initProcess{}, false
	}
	i := initProcess{pid: pid}
	state := ""
	for _, variable := range strings.Split(string(environ), "\x00") {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case node.EnvLab:
			i.lab = value
		case node.EnvNode:
			i.node = value
		case node.EnvState:
			state = value
		}
	}
	return i, i.lab != "" && i.node != "" && state == b.dir && isInit(pid)
}

// isInit reports whether a process is PID 1 of its namespace.
func isInit(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return false
	}
	_, rest, _ := strings.Cut(string(status), "NSpid:")
	numbers, _, _ := strings.Cut(rest, "\n") // one a namespace, the innermost last
	fields := strings.Fields(numbers)
	return len(fields) > 1 && fields[len(fields)-1] == "1"
}

// killInits kills inits, and with each everything in its node, and returns when
// they are gone.
func killInits(inits []initProcess) error {
	var g errgroup.Group
	for _, i := range inits {
		g.Go(func() error { return i.kill() })
	}
	return g.Wait()
}

// kill uses a pidfd, so that a reused number never hits a stranger.
func (i initProcess) kill() error {
	fd, err := unix.PidfdOpen(i.pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("node %s: %w", i.node, err)
	}
	defer unix.Close(fd)
	if !i.alive() {
		return nil
	}
	if err := unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0); err != nil && !errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("node %s: kill: %w", i.node, err)
	}
	return awaitEnd(fd)
}

// alive reports whether the process is still the node's init.
func (i initProcess) alive() bool {
	environ, err := os.ReadFile(environPath(i.pid))
	return err == nil && slices.Contains(strings.Split(string(environ), "\x00"), node.EnvNode+"="+i.node)
}

// awaitEnd waits for the end of the process behind a pidfd. The kernel ends the
// rest of a PID namespace first, so the node is gone then.
func awaitEnd(pidfd int) error {
	const patience = 30 * time.Second
	deadline := time.Now().Add(patience)
	for {
		left := time.Until(deadline)
		if left <= 0 {
			return fmt.Errorf("it did not end within %v of SIGKILL", patience)
		}
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}, int(left.Milliseconds())+1)
		if n > 0 {
			return nil
		}
		if err != nil && !errors.Is(err, unix.EINTR) {
			return err
		}
	}
}

// whole reports whether a lab has its file and all its inits.
func (b *Backend) whole(name string) (bool, error) {
	lab, err := b.readLab(name)
	if err != nil {
		return false, nil // lost or unreadable: as good as not there
	}
	inits, err := b.inits(name)
	if err != nil {
		return false, err
	}
	for _, n := range lab.Nodes {
		if slices.ContainsFunc(inits, func(i initProcess) bool { return i.node == n.Name }) {
			continue
		}
		// One that may not be looked at is not dead: somebody else's lab, or
		// our own from another user namespace.
		if node.IsNode(n.PID, name, n.Name) {
			return false, fmt.Errorf("lab %s: node %s (process %d) belongs to another user", name, n.Name, n.PID)
		}
		return false, nil
	}
	return len(inits) == len(lab.Nodes), nil
}

func environPath(pid int) string { return fmt.Sprintf("/proc/%d/environ", pid) }

// look brings what a lab's file says about its nodes up to date.
func (b *Backend) look(ctx context.Context, lab *topology.Lab, pids map[string]int) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range lab.Nodes {
		n := &lab.Nodes[i]
		n.State, n.PID, n.NetNS = topology.NodeStopped, pids[n.Name], ""
		if n.PID == 0 {
			continue
		}
		n.NetNS = netnsPath(n.PID)
		g.Go(func() error {
			reply, err := node.Call(ctx, n.PID, node.Request{Op: node.OpStatus})
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err == nil && reply.Running {
				n.State = topology.NodeRunning
			}
			return nil
		})
	}
	return g.Wait()
}

func netnsPath(pid int) string { return fmt.Sprintf("/proc/%d/ns/net", pid) }
