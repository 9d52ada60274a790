package frr

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

func TestMain(m *testing.M) { frrtest.Main(m, &Router{}) }

// Router is what a test can ask of the suite in a node.
type Router struct {
	suite *Suite
	sent  []string // since the last Apply began
}

// Ask names a daemon and a command.
type Ask struct{ Daemon, Command string }

// Reply is a command's output, or the refusal with its parts.
type Reply struct {
	Output  string
	Refusal *CommandError
	Dead    bool
}

// Outcome is what an Apply did and how long it took.
type Outcome struct {
	Err     string
	Refusal *CommandError
	Took    time.Duration
	Sent    []string // "daemon: line"
}

const callTimeout = 60 * time.Second

// Boot starts FRR.
func (r *Router) Boot(opts Options, took *time.Duration) (err error) {
	opts.Trace = func(daemon, line string) { r.sent = append(r.sent, daemon+": "+line) }
	start := time.Now()
	r.suite, err = Start(context.Background(), opts)
	*took = time.Since(start)
	return err
}

// Command runs an operational command.
func (r *Router) Command(ask Ask, reply *Reply) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	out, err := r.suite.Command(ctx, ask.Daemon, ask.Command)
	reply.Output = out
	reply.Dead = errors.Is(err, ErrNotRunning)
	if errors.As(err, &reply.Refusal) || reply.Dead {
		return nil
	}
	return err
}

// Running asks whether a daemon is alive.
func (r *Router) Running(daemon string, alive *bool) error {
	*alive = r.suite.Running(daemon)
	return nil
}

// Kill kills a daemon.
func (r *Router) Kill(daemon string, _ *struct{}) error { return r.suite.Kill(daemon) }

// Start starts a daemon that was killed.
func (r *Router) Start(daemon string, _ *struct{}) error {
	return r.suite.Start(context.Background(), daemon)
}

// Restart restarts every daemon.
func (r *Router) Restart(struct{}, *struct{}) error { return r.suite.Restart(context.Background()) }

// Stop stops every daemon.
func (r *Router) Stop(struct{}, *struct{}) error {
	r.suite.Stop(context.Background())
	return nil
}

// boot makes a node with a running suite.
func boot(t testing.TB, name string) *frrtest.Node {
	t.Helper()
	node := frrtest.Start(t, name)
	var took time.Duration
	node.Call(t, "Router.Boot", Options{}, &took)
	t.Logf("%s: zebra and staticd started in %v", name, took)
	return node
}

// show runs a command that must not be refused.
func show(t testing.TB, node *frrtest.Node, daemon, command string) string {
	t.Helper()
	var reply Reply
	node.Call(t, "Router.Command", Ask{daemon, command}, &reply)
	if reply.Dead || reply.Refusal != nil {
		t.Fatalf("%s: %s: %q: dead %v, refusal %v", node.Name, daemon, command, reply.Dead, reply.Refusal)
	}
	return reply.Output
}
