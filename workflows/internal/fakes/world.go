package fakes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// A World is one host with the labs on it.
type World struct {
	// Before, if not nil, is called before each operation ("deploy", "destroy",
	// "link r1:ge-0/0/0 down", "apply r1", "get r1 RPC", …) and may refuse it,
	// or block.
	Before func(ctx context.Context, op string) error
	// After, if not nil, is called when a change has been committed ("apply r1",
	// "rollback r1") and may lose the answer.
	After func(op string) error

	mu      sync.Mutex
	log     []string
	up      bool
	lease   *topology.Lease // of the lab
	kept    *topology.Kept  // the mark of the lab
	routers map[string]*Router
}

// New returns a world without a lab.
func New() *World { return &World{routers: map[string]*Router{}} }

// Topology is a lab of two routers and two generator ports in a row.
func Topology(file string) (*topology.Topology, error) {
	router := func(name string) *topology.Node {
		return &topology.Node{Name: name, Kind: "juniper_vjunosrouter", StartupConfig: "set system host-name " + name + "\n"}
	}
	port := func(name, address, gateway string) *topology.Node {
		return &topology.Node{Name: name, Kind: "linux", Labels: map[string]string{
			topology.LabelRole: "generator", topology.LabelAddress: address, topology.LabelGateway: gateway,
		}}
	}
	end := func(node, name, dev string) topology.Endpoint {
		return topology.Endpoint{Node: node, Interface: name, Device: dev}
	}
	return &topology.Topology{
		Name: "pair", File: file,
		Nodes: []*topology.Node{router("r1"), router("r2"), port("g1", "10.2.1.2/24", "10.2.1.1"), port("g2", "10.2.2.2/24", "10.2.2.1")},
		Links: []*topology.Link{
			{A: end("r1", "ge-0/0/0", "eth1"), B: end("r2", "ge-0/0/0", "eth1")},
			{A: end("r1", "ge-0/0/1", "eth2"), B: end("g1", "eth1", "eth1")},
			{A: end("r2", "ge-0/0/1", "eth2"), B: end("g2", "eth1", "eth1")},
		},
	}, nil
}

// BlockOnce makes the first operation of that text hang until it is given up,
// and returns a channel that tells when it does.
func (w *World) BlockOnce(op string) <-chan struct{} {
	reached := make(chan struct{})
	var once sync.Once
	w.Before = func(ctx context.Context, now string) (err error) {
		if now == op {
			once.Do(func() {
				close(reached)
				<-ctx.Done()
				err = ctx.Err()
			})
		}
		return err
	}
	return reached
}

// do logs an operation and asks Before.
func (w *World) do(ctx context.Context, format string, args ...any) error {
	op := fmt.Sprintf(format, args...)
	if w.Before != nil {
		if err := w.Before(ctx, op); err != nil {
			return err
		}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.log = append(w.log, op)
	return nil
}

func (w *World) after(op string) error {
	if w.After == nil {
		return nil
	}
	return w.After(op)
}

// Log returns the operations so far whose text begins with a prefix.
func (w *World) Log(prefix string) []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(w.log), func(op string) bool { return !strings.HasPrefix(op, prefix) })
}

// Up reports whether the lab is deployed.
func (w *World) Up() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.up
}

// Router returns a router, which exists from the first deployment on.
func (w *World) Router(name string) *Router {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.routers[name]
}

// Backend is the world as a topology.Backend that can set links and control
// processes. A bare one has neither capability.
func (w *World) Backend() topology.Backend { return backend{bare{w}} }

// BareBackend is Backend without the optional capabilities.
func (w *World) BareBackend() topology.Backend { return bare{w} }

type bare struct{ w *World }

type backend struct{ bare }

// Deploy brings the lab up, or attaches to it.
func (b bare) Deploy(ctx context.Context, t *topology.Topology) (*topology.Lab, error) {
	if err := b.w.do(ctx, "deploy"); err != nil {
		return nil, err
	}
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	if !b.w.up {
		b.w.up = true
		for _, n := range t.Nodes {
			if n.IsJunos() {
				b.w.routers[n.Name] = &Router{world: b.w, name: n.Name}
			}
		}
	}
	lab := &topology.Lab{Name: t.Name, Backend: "fake", Topology: t, Deployed: time.Now()}
	for _, n := range t.Nodes {
		lab.Nodes = append(lab.Nodes, topology.LabNode{
			Name: n.Name, Kind: n.Kind, State: topology.NodeRunning, Platform: "fake", NetNS: "/run/netns/" + n.Name,
		})
	}
	return lab, nil
}

// Inspect knows only whether there is a lab.
func (b bare) Inspect(ctx context.Context, name string) (*topology.Lab, error) {
	if !b.w.Up() {
		return nil, topology.ErrNoLab
	}
	t, err := Topology("")
	if err != nil {
		return nil, err
	}
	return b.Deploy(ctx, t)
}

// Destroy removes the lab.
func (b bare) Destroy(ctx context.Context, name string) error {
	if err := b.w.do(ctx, "destroy"); err != nil {
		return err
	}
	b.w.mu.Lock()
	defer b.w.mu.Unlock()
	b.w.up, b.w.lease, b.w.kept = false, nil, nil
	return nil
}

// SetLink logs what became of the link.
func (b backend) SetLink(ctx context.Context, lab string, end topology.Endpoint, up bool) error {
	state := "down"
	if up {
		state = "up"
	}
	return b.w.do(ctx, "link %s %s", end, state)
}

// Kill logs the kill.
func (b backend) Kill(ctx context.Context, lab, node, process string) error {
	return b.w.do(ctx, "kill %s %s", node, process)
}

// Start logs the start.
func (b backend) Start(ctx context.Context, lab, node, process string) error {
	return b.w.do(ctx, "start %s %s", node, process)
}

// Dial opens a session with a router.
func (w *World) Dial(ctx context.Context, node topology.LabNode) (device.Session, error) {
	if err := w.do(ctx, "dial %s", node.Name); err != nil {
		return nil, err
	}
	router := w.Router(node.Name)
	if router == nil || !w.Up() {
		return nil, fmt.Errorf("dial %s: connection refused", node.Name)
	}
	return session{router}, nil
}
