package topology

import (
	"context"
	"errors"
	"fmt"
)

// A Backend turns topologies into labs. Every method may be repeated: Deploy
// of a lab that is up and whole attaches to it, Destroy of one that is gone
// succeeds. The suite in backendtest says the rest.
type Backend interface {
	// Deploy brings the lab up under t.Name, or attaches to it. It returns
	// when every node accepts management sessions. On error nothing is left.
	Deploy(ctx context.Context, t *Topology) (*Lab, error)
	// Inspect describes a lab, or fails with ErrNoLab.
	Inspect(ctx context.Context, name string) (*Lab, error)
	// Destroy removes the lab and everything that carries its name.
	Destroy(ctx context.Context, name string) error
}

// The capabilities a backend may have on top.
type (
	// A Lister knows every lab on this host.
	Lister interface {
		List(ctx context.Context) ([]*Lab, error)
	}
	// A Reaper removes what killed processes left behind: labs whose nodes
	// are not all there, or whose state is lost. It returns their names.
	Reaper interface {
		Reap(ctx context.Context) ([]string, error)
	}
	// A LinkSetter takes one end of a link down or up.
	LinkSetter interface {
		SetLink(ctx context.Context, lab string, end Endpoint, up bool) error
	}
	// A LossSetter makes the link at an end lose frames at random, the same share
	// in each direction. Zero ends it.
	LossSetter interface {
		SetLoss(ctx context.Context, lab string, end Endpoint, share float64) error
	}
	// An Executor runs a command inside a node.
	Executor interface {
		Exec(ctx context.Context, lab, node string, argv []string) (ExecResult, error)
	}
	// A ProcessController kills a node's process (a routing daemon), which then
	// stays dead, and starts it again. An empty process restarts the node.
	ProcessController interface {
		Kill(ctx context.Context, lab, node, process string) error
		Start(ctx context.Context, lab, node, process string) error
	}
)

// ExecResult is what a command in a node did. A non-zero Code is no error.
type ExecResult struct {
	Code   int    `json:"code"`
	Stdout string `json:"stdout"`
	Stderr string `json:"stderr"`
}

// ErrNoLab means that no lab of that name is deployed.
var ErrNoLab = errors.New("no such lab")

// An UnsupportedError names what a backend, or this host's kernel, cannot do
// with a topology. It is the plan's or the host's matter, never retried.
type UnsupportedError struct {
	Pos  Pos    // of the statement in the topology file, if known
	What string // "kind nokia_srlinux", "link type vxlan"
	Why  string // "the netns backend runs linux and Junos kinds"
	Hint string // what to do instead; may be empty
}

func (e *UnsupportedError) Error() string {
	msg := fmt.Sprintf("%s is not supported: %s", e.What, e.Why)
	if e.Pos.File != "" {
		msg = e.Pos.String() + ": " + msg
	}
	return msg
}
