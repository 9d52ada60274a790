package clab

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// A StuckError is a node that did not become ready in its time, or whose container
// died on the way. Recreating it may help.
type StuckError struct {
	Node string
	Rung string        // the step of the ladder it stands before
	Took time.Duration // since it was looked at first
	Err  error         // what it answered last
}

func (e *StuckError) Error() string {
	return fmt.Sprintf("node %s is stuck: no %s after %s: %v", e.Node, e.Rung, e.Took.Round(time.Second), e.Err)
}

// Unwrap returns what the node answered last.
func (e *StuckError) Unwrap() error { return e.Err }

// A rung is one step of the ladder. try fails while the node does not stand on it.
type rung struct {
	name string
	try  func(ctx context.Context) error
	most time.Duration // of one try; 0: tryTime
}

// tryTime is how long one try may take.
const tryTime = time.Minute

// newsTime is how often a wait is spoken of while nothing changes.
const newsTime = time.Minute

// errDied ends the climb of a container that does not run any more.
var errDied = errors.New("its container died")

// climber is one node on its way to being ready.
type climber struct {
	backend *Backend
	lab     string
	node    *topology.Node
	port    string // the first used port, empty if the node has no link
	state   topology.LabNode
	begun   time.Time
	news    time.Time // when somebody was told last
	ran     bool      // its container has been seen running
	emu     bool      // the router says that it is the Junos emulator
}

// climb waits until a node is ready, rung by rung. With commit its last rung is a
// commit that changes nothing; nodes that are in use are not asked for that.
func (b *Backend) climb(ctx context.Context, t *topology.Topology, n *topology.Node, commit bool) (topology.LabNode, error) {
	c := &climber{
		backend: b, lab: t.Name, node: n, begun: time.Now(), news: time.Now(),
		state: topology.LabNode{Name: n.Name, Kind: n.Kind, State: topology.NodeRunning, Platform: platformName(n)},
	}
	if !hasContainer(n) {
		return c.state, nil
	}
	if ports := t.Ports(n.Name); len(ports) > 0 {
		c.port = ports[0].Interface
	}
	most := b.bootTime(n.Kind)
	bounded, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for _, r := range c.ladder(commit) {
		if err := c.reach(bounded, r); err != nil {
			if ctx.Err() != nil {
				return c.state, context.Cause(ctx)
			}
			return c.state, err
		}
	}
	return c.state, nil
}

// reach tries one rung until the node stands on it, the time is over, or there is
// no hope.
func (c *climber) reach(ctx context.Context, r rung) error {
	pause := time.NewTicker(c.backend.Poll)
	defer pause.Stop()
	var last error // what the node answered last; a try that is cut off answers nothing
	for {
		err := c.try(ctx, r)
		if err != nil && ctx.Err() != nil && last != nil {
			err = last
		}
		last = err
		if err == nil {
			topology.Progress(ctx, "node %s: %s after %s", c.node.Name, r.name, c.waited())
			return nil
		}
		var unsupported *topology.UnsupportedError
		switch {
		case errors.As(err, &unsupported):
			return err
		case errors.Is(err, errDied), ctx.Err() != nil:
			return &StuckError{Node: c.node.Name, Rung: r.name, Took: time.Since(c.begun), Err: err}
		}
		if time.Since(c.news) > newsTime {
			c.news = time.Now()
			topology.Progress(ctx, "node %s: waiting for %s since %s: %v", c.node.Name, r.name, c.waited(), err)
		}
		select {
		case <-ctx.Done():
			return &StuckError{Node: c.node.Name, Rung: r.name, Took: time.Since(c.begun), Err: err}
		case <-pause.C:
		}
	}
}

// try tries a rung once, after having made sure that the container still runs.
func (c *climber) try(ctx context.Context, r rung) error {
	if err := c.container(ctx); err != nil {
		return err
	}
	most := r.most
	if most == 0 {
		most = tryTime
	}
	ctx, cancel := context.WithTimeoutCause(ctx, most, fmt.Errorf("no answer within %s", most))
	defer cancel()
	return r.try(ctx)
}

func (c *climber) waited() time.Duration { return time.Since(c.begun).Round(time.Second) }
