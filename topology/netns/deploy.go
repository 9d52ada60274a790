package netns

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

// Deploy brings a lab up, or attaches to it if it is up and whole. A lab that is
// half there is removed and brought up anew.
func (b *Backend) Deploy(ctx context.Context, t *topology.Topology) (*topology.Lab, error) {
	if err := labdir.CheckName(t.Name); err != nil {
		return nil, err
	}
	frr, err := supported(t)
	if err != nil {
		return nil, err
	}
	unlock, err := b.lock(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if lab, err := b.attach(ctx, t); lab != nil || err != nil {
		return lab, err
	}
	d := &deployment{
		backend: b, topology: t, frr: frr,
		nodes: make([]*node.Process, len(t.Nodes)), access: make([]topology.Access, len(t.Nodes)),
		turns: make(chan struct{}, max(8, 4*runtime.NumCPU())),
	}
	lab, err := d.run(ctx)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("deploy lab %s: %w", t.Name, err), d.undo())
	}
	return lab, nil
}

// attach returns the lab if it is up and whole, and nil if it has to be deployed.
// Nodes that were switched off are switched on.
func (b *Backend) attach(ctx context.Context, t *topology.Topology) (*topology.Lab, error) {
	whole, err := b.whole(t.Name)
	if err != nil {
		return nil, err
	}
	if !whole {
		return nil, b.remove(t.Name)
	}
	lab, err := b.Inspect(ctx, t.Name)
	if err != nil {
		return nil, err
	}
	if !sameTopology(lab.Topology, t) {
		return nil, fmt.Errorf("lab %s is up with another topology (from %s): destroy it first", t.Name, lab.Topology.File)
	}
	for i := range lab.Nodes {
		n := &lab.Nodes[i]
		if n.State == topology.NodeRunning {
			continue
		}
		if err := b.Start(ctx, lab.Name, n.Name, ""); err != nil {
			return nil, err
		}
		n.State = topology.NodeRunning
	}
	return lab, nil
}

// deployment is a lab on its way up. Its slices run beside topology.Nodes.
type deployment struct {
	backend  *Backend
	topology *topology.Topology
	nodes    []*node.Process
	access   []topology.Access
	frr      string        // its version, if the lab has routers
	turns    chan struct{} // holds a value for each router that is starting
}

func (d *deployment) run(ctx context.Context) (*topology.Lab, error) {
	ports, err := choosePorts()
	if err != nil {
		return nil, err
	}
	if err := d.each(ctx, func(ctx context.Context, i int) error { return d.launch(ctx, i, ports) }); err != nil {
		return nil, err
	}
	if err := d.link(); err != nil {
		return nil, err
	}
	lab := &topology.Lab{
		Name: d.topology.Name, Backend: Name, Topology: d.topology,
		Nodes: make([]topology.LabNode, len(d.nodes)), Deployed: time.Now().UTC().Truncate(time.Millisecond),
	}
	err = d.each(ctx, func(ctx context.Context, i int) (err error) {
		lab.Nodes[i], err = d.ready(ctx, i)
		return err
	})
	if err != nil {
		return nil, err
	}
	return lab, d.release(ctx, lab)
}

// release makes the lab independent of this process. From the moment its file is
// there it is whole; nodes that are not detached by then end with us, and the
// rest of the lab is reaped.
func (d *deployment) release(ctx context.Context, lab *topology.Lab) error {
	if err := ctx.Err(); err != nil {
		return context.Cause(ctx)
	}
	if err := d.backend.writeLab(lab); err != nil {
		return err
	}
	for _, n := range d.nodes {
		if err := n.Detach(); err != nil {
			return err
		}
	}
	return nil
}

// each calls f for every node at the same time and returns the first error.
func (d *deployment) each(ctx context.Context, f func(context.Context, int) error) error {
	g, ctx := errgroup.WithContext(ctx)
	for i := range d.topology.Nodes {
		g.Go(func() error { return f(ctx, i) })
	}
	return g.Wait()
}

// ready starts what runs in a node. Routers take turns: all of a large lab at
// once would starve each other until their start times out. Hosts do not, for
// their commands may wait for a router.
func (d *deployment) ready(ctx context.Context, i int) (topology.LabNode, error) {
	n := d.topology.Nodes[i]
	if n.IsJunos() {
		select {
		case d.turns <- struct{}{}:
			defer func() { <-d.turns }()
		case <-ctx.Done():
			return topology.LabNode{}, context.Cause(ctx)
		}
	}
	platform, err := d.nodes[i].LinksReady(ctx)
	return topology.LabNode{
		Name: n.Name, Kind: n.Kind, State: topology.NodeRunning, Platform: platform,
		Mgmt: d.access[i], PID: d.nodes[i].PID, NetNS: netnsPath(d.nodes[i].PID),
	}, err
}

// launch starts the init of one node.
func (d *deployment) launch(ctx context.Context, i int, ports portPair) error {
	n := d.topology.Nodes[i]
	spec := node.Spec{
		Lab: d.topology.Name, Node: n.Name, Kind: n.Kind, Exec: n.Exec, Env: n.Env, Sysctls: n.Sysctls,
		Generator: n.IsGenerator(), Dir: d.backend.nodeDir(d.topology.Name, n.Name), Rootless: Rootless(),
		Platform: d.platform(n),
	}
	if d.backend.startup {
		spec.Startup = n.StartupConfig
	}
	for _, e := range d.topology.Ports(n.Name) {
		spec.Ports = append(spec.Ports, node.Port{Interface: e.Interface, Device: e.Device})
	}
	slices.SortFunc(spec.Ports, bySlot)
	if err := os.MkdirAll(spec.Dir, 0o755); err != nil {
		return err
	}
	var listeners []*os.File
	if n.IsJunos() {
		l, err := listen(d.topology.Name, n.Name, ports)
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name, err)
		}
		defer l.close()
		listeners, d.access[i] = l.files(), l.access
	}
	p, err := node.Launch(ctx, spec, d.backend.dir, listeners)
	d.nodes[i] = p
	return err
}

// bySlot orders ports by the number in their device's name: eth2 before eth10.
func bySlot(a, b node.Port) int {
	return cmp.Or(cmp.Compare(len(a.Device), len(b.Device)), cmp.Compare(a.Device, b.Device))
}

// platform says what runs in a node, for reports.
func (d *deployment) platform(n *topology.Node) string {
	if n.IsJunos() {
		return fmt.Sprintf("Junos emulator (FRR %s)", d.frr)
	}
	return "Linux " + kernelRelease()
}

// undo removes what a failed deployment has made.
func (d *deployment) undo() error {
	var ended sync.WaitGroup
	for _, n := range d.nodes {
		if n != nil {
			ended.Go(n.Kill)
		}
	}
	ended.Wait()
	return d.backend.remove(d.topology.Name)
}
