// Package clab is the containerlab backend: real network operating systems in
// containers and virtual machines, deployed by the containerlab command.
//
// # What containerlab is given
//
// Not the user's file itself but one derived from it (clabfile.Derive), written
// beside it as .ccl-LAB.clab.yml so that relative paths stay true. It carries the
// lab's own name, because containerlab reads a lab's file again for every later
// command and would go by the name in there; and it differs in two things:
//
// Junos nodes get no startup configuration. Whoever deploys the lab pushes it over
// NETCONF, merged, after a commit has been seen to succeed; where it is there
// already nothing is committed. Left to containerlab it would be expanded as a Go
// template and for environment variables, which breaks on "{{" and "${"; a vMX
// would want set lines and a vJunosEvolved encrypted passwords; a copy saved in
// the lab's directory would silently win; and one statement that the router does
// not take would leave a machine nobody can log in to, instead of a refusal in the
// router's words. For the same reason every deployment starts without the
// directory of a former one (--reconfigure), and these directories stand below the
// state directory, where no saved configuration of somebody else is lost with them. Startup configurations of other
// vendors' nodes stay with containerlab.
//
// Nodes get no commands to execute either. The backend executes them itself, since
// containerlab only logs one that fails.
//
// # What is whose
//
// The backend's labs are those in its state directory. A lab that somebody else
// deployed with containerlab is never attached to, shown or destroyed; deploying
// under its name is refused.
//
//	deploy.go           up, all or nothing; attach; recreate what is stuck
//	ready.go, rungs.go  the ladder of readiness
//	inspect.go          what containerlab says of a lab
//	control.go          commands, links, stop and start of nodes
//	command.go          running containerlab
//	failure.go          its messages as errors for people
//	output.go           its JSON
//	kinds.go            what is known of the kinds of nodes
//	state.go            the state directory and its locks
package clab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/labdir"
	"github.com/ccl-lab/ccl/topology/lease"
)

// Name is the backend's name in topology.Lab.
const Name = "clab"

// Names under which the device layer knows the logins of Junos images.
const (
	Credentials     = "junos-default" // admin / admin@123 of virtual machines
	CredentialsCRPD = "crpd-default"  // root / clab123 of the containers cRPD and cSRX
)

// CommandVariable names the environment variable with the containerlab command.
const CommandVariable = "CCL_CONTAINERLAB"

// A Backend deploys labs with containerlab. It holds nothing but its settings:
// any number of processes may work on the same labs.
type Backend struct {
	Options
	*lease.Store        // leases/ beside the records
	dir          string // where its labs' records are, absolute
	dialTCP      func(ctx context.Context, network, address string) (net.Conn, error)
}

// Options of a backend. Dir and Dial are needed.
type Options struct {
	// Dir is the state directory; records of labs are in clab/ below it.
	Dir string
	// Dial opens the sessions that tell whether a router is ready.
	Dial device.Dial
	// Command is containerlab's executable: a path, or a name looked up in PATH.
	// Empty: $CCL_CONTAINERLAB, else containerlab.
	Command string
	// Boot is how long a node may take to become ready, whatever its kind.
	// 0: the kind's own time, up to 30 minutes for virtual machines.
	Boot time.Duration
	// Poll is the pause between two looks at a node that boots. 0: 5 s.
	Poll time.Duration
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
)

// New returns a backend. That containerlab and Docker are there is found out when
// they are needed.
func New(o Options) (*Backend, error) {
	if o.Dir == "" || o.Dial == nil {
		return nil, errors.New("the clab backend needs a state directory and a way to dial routers")
	}
	if o.Command == "" {
		o.Command = os.Getenv(CommandVariable)
	}
	if o.Command == "" {
		o.Command = "containerlab"
	}
	if o.Poll == 0 {
		o.Poll = 5 * time.Second
	}
	dir, err := filepath.Abs(filepath.Join(o.Dir, Name))
	if err != nil {
		return nil, err
	}
	b := &Backend{Options: o, dir: dir, dialTCP: new(net.Dialer).DialContext}
	if err := os.MkdirAll(b.labDirs(), 0o755); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	if b.Store, err = lease.Open(filepath.Join(dir, "leases")); err != nil {
		return nil, fmt.Errorf("state directory: %w", err)
	}
	return b, nil
}

// Destroy removes a lab with its containers, links and directory. It waits for
// whoever is deploying the lab.
func (b *Backend) Destroy(ctx context.Context, name string) error {
	if err := labdir.CheckName(name); err != nil {
		return err
	}
	unlock, err := b.lock(ctx, name)
	if err != nil {
		return err
	}
	defer unlock()
	rec, err := b.read(name)
	if errors.Is(err, topology.ErrNoLab) {
		return b.Drop(name)
	}
	if err != nil {
		return err
	}
	if err := b.remove(ctx, rec); err != nil {
		return err
	}
	return b.Drop(name)
}

// List describes every lab of the backend that is there, in the order of their
// names. Labs that cannot be looked at are in the error; the others are returned
// all the same.
func (b *Backend) List(ctx context.Context) ([]*topology.Lab, error) {
	names, err := b.names()
	if err != nil {
		return nil, err
	}
	return labdir.Inspect(ctx, b, names)
}

// Reap removes the labs that are not whole: a container died or lost its links, or
// the process that deployed them was killed on the way. It returns their names.
// Labs that another process is working on, or that a run holds, are left to it, and
// so are nodes that were stopped on purpose.
func (b *Backend) Reap(ctx context.Context) ([]string, error) {
	names, err := b.names()
	if err != nil {
		return nil, err
	}
	return labdir.Reap(ctx, names, b.lockFile, b.reap)
}

func (b *Backend) reap(ctx context.Context, name string) (bool, error) {
	rec, err := b.read(name)
	if errors.Is(err, topology.ErrNoLab) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if rec.Ready {
		damage, err := b.damage(ctx, rec)
		if err != nil || damage == "" {
			return false, err
		}
	}
	if held, err := b.Holder(ctx, name); err != nil || !lease.Abandoned(held) {
		return false, err
	}
	err = errors.Join(b.remove(ctx, rec), b.Drop(name))
	return err == nil, err
}

func noLab(name string) error { return fmt.Errorf("lab %q: %w", name, topology.ErrNoLab) }
