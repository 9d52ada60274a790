// Package netns is the native backend: a lab without Docker and without images.
//
// A node is an init process in namespaces of its own (package node), a link is a
// veth pair made straight into two of them, so nothing of a lab shows on the
// host but processes. linux nodes are hosts; Junos kinds run FRRouting behind
// the Junos emulator, reachable from the host on a loopback address of their own.
// Routing instances of a router are namespaces inside of its own (package space).
//
// A lab outlives the process that deployed it. What it is stands in its
// directory below the state directory; that it is there is seen from its inits,
// which carry the lab's name in their environment. So what a killed process left
// behind can always be found (Reap), whatever became of the files.
//
//	deploy.go            up, all or nothing
//	links.go, address.go veth pairs; loopback addresses and ports of routers
//	inits.go             finding, judging and killing nodes
//	control.go           commands, links, daemons of nodes that run
//	state.go             the state directory and its locks
//	support.go, probe.go what is refused by name; what this host can do
//	userns.go, thread.go labs of ordinary users; threads in other namespaces
package netns

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
	"github.com/ccl-lab/ccl/topology/lease"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

// Name is the backend's name in topology.Lab.
const Name = "netns"

// Credentials is the name under which the device layer knows the user and
// password of every Junos node.
const Credentials = "junos-default"

// A Backend deploys labs on this host. It holds nothing but its state
// directory: any number of processes may work on the same labs.
type Backend struct {
	*lease.Store        // leases/ below the state directory
	dir          string // the state directory, absolute
	startup      bool
}

// Options of a backend. The zero value is what users want.
type Options struct {
	// Dir is the state directory; StateDir if empty. It is created.
	Dir string
	// StartupConfigs boots Junos nodes with their startup configurations, as
	// containerlab does. Otherwise they boot with a host name only, and whoever
	// deploys the lab pushes the configurations, which shows what a router
	// refuses in its own words and takes the time of a commit.
	StartupConfigs bool
}

var (
	_ topology.Backend           = (*Backend)(nil)
	_ topology.Lister            = (*Backend)(nil)
	_ topology.Reaper            = (*Backend)(nil)
	_ topology.LinkSetter        = (*Backend)(nil)
	_ topology.Executor          = (*Backend)(nil)
	_ topology.ProcessController = (*Backend)(nil)
	_ topology.Leaser            = (*Backend)(nil)
	_ topology.Keeper            = (*Backend)(nil)
	_ topology.LossSetter        = (*Backend)(nil)
)

// New returns a backend. It fails only if its state directory cannot be made.
func New(o Options) (*Backend, error) {
	if o.Dir == "" {
		o.Dir = StateDir()
	}
	dir, err := filepath.Abs(o.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(dir, "labs"), 0o755); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	// Nodes are marked with the directory's name, so it must have only one.
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	leases, err := lease.Open(filepath.Join(dir, "leases"))
	if err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return &Backend{Store: leases, dir: dir, startup: o.StartupConfigs}, nil
}

// StateDir is where labs are kept by default: $CCL_STATE_DIR, else /var/lib/ccl
// for root, else ccl below the user's state directory.
func StateDir() string {
	if dir := os.Getenv("CCL_STATE_DIR"); dir != "" {
		return dir
	}
	if os.Geteuid() == 0 && !Rootless() {
		return "/var/lib/ccl"
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "ccl")
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = os.TempDir()
	}
	return filepath.Join(home, ".local", "state", "ccl")
}

// RunIfNode turns the process into a node's init if it was launched as one, and
// then never returns. Call it first thing in main, and in TestMain of every
// package that deploys labs.
func RunIfNode() { node.RunIfNode() }

// Inspect describes a lab. Nodes whose init is dead, or that were switched off,
// are NodeStopped.
func (b *Backend) Inspect(ctx context.Context, name string) (*topology.Lab, error) {
	lab, err := b.readLab(name)
	if err != nil {
		return nil, err
	}
	inits, err := b.inits(name)
	if err != nil {
		return nil, err
	}
	if len(inits) == 0 {
		return nil, noLab(name)
	}
	pids := map[string]int{}
	for _, i := range inits {
		pids[i.node] = i.pid
	}
	if lab.Lease, err = b.Holder(ctx, name); err != nil {
		return nil, err
	}
	if lab.Kept, err = b.Kept(ctx, name); err != nil {
		return nil, err
	}
	return lab, b.look(ctx, lab, pids)
}

// List describes every lab that is up, in the order of their names. Labs that
// cannot be read are in the error; the others are returned all the same.
func (b *Backend) List(ctx context.Context) ([]*topology.Lab, error) {
	names, err := b.labNames()
	if err != nil {
		return nil, err
	}
	return labdir.Inspect(ctx, b, names)
}

// Destroy removes a lab: every node with its processes and links, and the
// directory. It waits for whoever is deploying the lab.
func (b *Backend) Destroy(ctx context.Context, name string) error {
	if err := labdir.CheckName(name); err != nil {
		return err
	}
	unlock, err := b.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	return errors.Join(b.remove(name), b.Drop(name))
}

// Reap removes the labs that are half there: a node's init has died, or the
// process that deployed them was killed on the way. It returns their names. Labs
// that another process is working on, or that a run holds, are left to it.
func (b *Backend) Reap(ctx context.Context) ([]string, error) {
	names, err := b.labNames()
	if err != nil {
		return nil, err
	}
	return labdir.Reap(ctx, names, b.lockFile, b.reap)
}

// reap removes one lab if it is half there and nobody works on it.
func (b *Backend) reap(ctx context.Context, name string) (bool, error) {
	whole, err := b.whole(name)
	if err != nil || whole {
		return false, err
	}
	there, err := b.exists(name)
	if err != nil || !there {
		return false, err
	}
	if held, err := b.Holder(ctx, name); err != nil || !lease.Abandoned(held) {
		return false, err
	}
	err = errors.Join(b.remove(name), b.Drop(name))
	return err == nil, err
}

// exists reports whether anything is there of a lab.
func (b *Backend) exists(name string) (bool, error) {
	if _, err := os.Stat(b.labDir(name)); err == nil {
		return true, nil
	}
	inits, err := b.inits(name)
	return len(inits) > 0, err
}

// remove ends what is there of a lab. The caller holds its lock.
func (b *Backend) remove(name string) error {
	inits, err := b.inits(name)
	if err != nil {
		return err
	}
	if err := killInits(inits); err != nil {
		return fmt.Errorf("lab %s: %w", name, err)
	}
	return os.RemoveAll(b.labDir(name))
}

func noLab(name string) error { return fmt.Errorf("lab %q: %w", name, topology.ErrNoLab) }
