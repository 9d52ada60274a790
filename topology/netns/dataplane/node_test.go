package dataplane

import (
	"context"
	"errors"
	"os"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr"
	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

func TestMain(m *testing.M) { frrtest.Main(m, &Plane{}) }

// Plane is what a test can ask of the data plane in a node.
type Plane struct{ d *Router }

// Outcome is what an Apply did and how long it took.
type Outcome struct {
	Err         string
	Refused     bool // *frr.CommandError
	Unsupported bool // *topology.UnsupportedError
	Took        time.Duration
}

// Ask is a command for a daemon.
type Ask struct{ Daemon, Command string }

// Answer is its output.
type Answer struct {
	Output     string
	NotRunning bool
}

const callTimeout = 60 * time.Second

// Boot starts FRR with the data plane on top.
func (p *Plane) Boot(id junosemu.Identity, _ *struct{}) error {
	return p.boot(id, frr.Options{})
}

// BootRootless starts FRR as the root of a user namespace.
func (p *Plane) BootRootless(id junosemu.Identity, _ *struct{}) error {
	if err := frr.MapAccounts("/run"); err != nil {
		return err
	}
	return p.boot(id, frr.Options{Rootless: true})
}

func (p *Plane) boot(id junosemu.Identity, opts frr.Options) error {
	if err := Prepare(); err != nil {
		return err
	}
	suite, err := frr.Start(context.Background(), opts)
	if err != nil {
		return err
	}
	if p.d, err = NewRouter(suite, opts, id); err != nil {
		return err
	}
	p.d.NameDir = "/run/frr/netns" // on a file system of the node's own
	if err := os.MkdirAll(p.d.NameDir, 0o755); err != nil {
		return err
	}
	go p.d.Watch(context.Background())
	return nil
}

// Apply applies an intent.
func (p *Plane) Apply(want junosemu.Intent, outcome *Outcome) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	start := time.Now()
	err := p.d.Apply(ctx, &want)
	outcome.Took = time.Since(start)
	if err != nil {
		outcome.Err = err.Error()
	}
	var refused *frr.CommandError
	var unsupported *topology.UnsupportedError
	outcome.Refused, outcome.Unsupported = errors.As(err, &refused), errors.As(err, &unsupported)
	return nil
}

// FRR asks a daemon.
func (p *Plane) FRR(ask Ask, answer *Answer) error {
	out, err := p.d.FRR(context.Background(), ask.Daemon, ask.Command)
	answer.Output = string(out)
	if answer.NotRunning = errors.Is(err, junosemu.ErrNotRunning); answer.NotRunning {
		return nil
	}
	return err
}

// Links lists the devices.
func (p *Plane) Links(_ struct{}, links *[]junosemu.LinkState) (err error) {
	*links, err = p.d.Links(context.Background())
	return err
}

// Neighbors lists ARP and ND entries.
func (p *Plane) Neighbors(_ struct{}, neighbors *[]junosemu.Neighbor) (err error) {
	*neighbors, err = p.d.Neighbors(context.Background())
	return err
}

// Exec runs a program.
func (p *Plane) Exec(argv []string, output *string) error {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	out, err := p.d.Exec(ctx, argv...)
	*output = string(out)
	return err
}

// Restart restarts a process.
func (p *Plane) Restart(process string, _ *struct{}) error {
	return p.d.Restart(context.Background(), process)
}

// Kill kills a process.
func (p *Plane) Kill(process string, _ *struct{}) error {
	return p.d.Kill(context.Background(), process)
}

// Start starts a process.
func (p *Plane) Start(process string, _ *struct{}) error {
	return p.d.Start(context.Background(), process)
}

// boot makes a router of the given name with ports eth1 (ge-0/0/0) and eth2.
func boot(t testing.TB, name string) *frrtest.Node {
	t.Helper()
	node := frrtest.Start(t, name)
	node.Call(t, "Plane.Boot", identity(name), nil)
	return node
}

func identity(name string) junosemu.Identity {
	return junosemu.Identity{
		Name: name, Kind: "juniper_vjunosrouter",
		Ports: []junosemu.Port{{Junos: "ge-0/0/0", Device: "eth1"}, {Junos: "ge-0/0/1", Device: "eth2"}},
	}
}

func apply(t testing.TB, node *frrtest.Node, want junosemu.Intent) time.Duration {
	t.Helper()
	var outcome Outcome
	node.Call(t, "Plane.Apply", want, &outcome)
	if outcome.Err != "" {
		t.Fatalf("%s: Apply: %s", node.Name, outcome.Err)
	}
	return outcome.Took
}

// link is the state of one device; ok is false when there is none.
func link(t testing.TB, node *frrtest.Node, device string) (state junosemu.LinkState, ok bool) {
	t.Helper()
	var links []junosemu.LinkState
	node.Call(t, "Plane.Links", struct{}{}, &links)
	for _, l := range links {
		if l.Device == device {
			return l, true
		}
	}
	return state, false
}

func ask(t testing.TB, node *frrtest.Node, daemon, command string) string {
	t.Helper()
	var answer Answer
	node.Call(t, "Plane.FRR", Ask{daemon, command}, &answer)
	return answer.Output
}
