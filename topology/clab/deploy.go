package clab

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/topology/labdir"
)

// attempts is how often a lab is brought up before a node that does not become
// ready is taken for broken. Virtual machines boot side by side, so recreating the
// lab takes no longer than recreating the one machine that is stuck, and unlike
// that it cannot leave links behind.
const attempts = 2

// Deploy brings a lab up, or attaches to it if it is up and whole. One of ours that
// is not whole is destroyed and brought up anew; containerlab's deploy is never
// used on a lab that is there.
//
// It waits until every node is ready, which for virtual machines takes 5 to 15
// minutes, and tells on the way what it is waiting for (topology.WithProgress).
func (b *Backend) Deploy(ctx context.Context, t *topology.Topology) (*topology.Lab, error) {
	if err := labdir.CheckName(t.Name); err != nil {
		return nil, err
	}
	if err := sameAsFile(t); err != nil {
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
	rec := &record{
		Lab:  topology.Lab{Name: t.Name, Backend: Name, Topology: t},
		File: filepath.Join(filepath.Dir(t.File), ".ccl-"+t.Name+".clab.yml"),
	}
	if err := b.bringUp(ctx, rec); err != nil {
		return nil, errors.Join(fmt.Errorf("deploy lab %s: %w", t.Name, err), b.remove(context.WithoutCancel(ctx), rec))
	}
	return &rec.Lab, nil
}

// sameAsFile refuses topologies that are not what their file says, since it is the
// file that containerlab deploys. The lab's name and the nodes' commands are free.
func sameAsFile(t *topology.Topology) error {
	if t.File == "" {
		return fmt.Errorf("topology %s was not read from a file, and containerlab deploys files", t.Name)
	}
	inFile, err := clabfile.Load(t.File)
	if err != nil {
		return err
	}
	for _, n := range t.Nodes {
		if inFile.Node(n.Name) == nil {
			return &topology.UnsupportedError{
				Pos: n.Pos, What: fmt.Sprintf("node %s of kind %s", n.Name, n.Kind),
				Why: fmt.Sprintf("containerlab deploys %s, which does not have it", t.File),
			}
		}
	}
	if shape(inFile) != shape(t) {
		return fmt.Errorf("topology %s is not what its file %s says now, and containerlab deploys the file: read it again", t.Name, t.File)
	}
	return nil
}

// shape tells topologies apart that make different labs.
func shape(t *topology.Topology) string {
	var s strings.Builder
	for _, n := range t.Nodes {
		fmt.Fprintf(&s, "%s %s %s %s %v %v %v\n", n.Name, n.Kind, n.Image, n.Type, n.Env, n.Sysctls, n.Labels)
	}
	for _, l := range t.Links {
		fmt.Fprintf(&s, "%s %v %v %d\n", l.Type, l.A, l.B, l.MTU)
	}
	return s.String()
}

// attach returns the lab if it is up and whole, and nil if it has to be brought up.
// Nodes that were stopped are started.
func (b *Backend) attach(ctx context.Context, t *topology.Topology) (*topology.Lab, error) {
	rec, err := b.read(t.Name)
	if errors.Is(err, topology.ErrNoLab) {
		return nil, b.nameIsFree(ctx, t.Name)
	}
	if err != nil {
		return nil, err
	}
	damage := "it was never finished"
	if rec.Ready {
		if damage, err = b.damage(ctx, rec); err != nil {
			return nil, err
		}
	}
	if damage != "" {
		topology.Progress(ctx, "lab %s is not whole: %s; destroying it", t.Name, damage)
		return nil, b.remove(ctx, rec)
	}
	if shape(rec.Lab.Topology) != shape(t) {
		return nil, fmt.Errorf("lab %s is up with another topology (from %s): destroy it first", t.Name, rec.Lab.Topology.File)
	}
	for _, node := range rec.Stopped {
		if err := b.start(ctx, rec, node); err != nil {
			return nil, err
		}
	}
	if err := b.climbAll(ctx, rec, false); err != nil {
		return nil, err
	}
	return &rec.Lab, nil
}

// nameIsFree refuses the name of a lab that is not the backend's.
func (b *Backend) nameIsFree(ctx context.Context, name string) error {
	containers, err := b.containers(ctx, name)
	if err != nil || len(containers) == 0 {
		return err
	}
	return fmt.Errorf("a lab %s is there that was not deployed by ccl, or from another state directory: "+
		"remove it with containerlab destroy --name %s --cleanup, or choose another name", name, name)
}

// bringUp deploys a lab, again if a node is stuck, until it is ready.
func (b *Backend) bringUp(ctx context.Context, rec *record) error {
	if err := b.write(rec); err != nil {
		return err
	}
	text, err := clabfile.Derive(rec.Lab.Topology.File, rec.Lab.Name)
	if err != nil {
		return err
	}
	if err := os.WriteFile(rec.File, text, 0o644); err != nil {
		return fmt.Errorf("write the topology file for containerlab: %w", err)
	}
	for attempt := 1; ; attempt++ {
		err := b.deployOnce(ctx, rec)
		var stuck *StuckError
		if err == nil {
			break
		}
		if !errors.As(err, &stuck) || attempt == attempts {
			return err
		}
		topology.Progress(ctx, "%v; recreating the lab", err)
		if err := b.removeContainers(ctx, rec.Lab.Name); err != nil {
			return err
		}
	}
	rec.Ready = true
	rec.Lab.Deployed = time.Now().UTC().Truncate(time.Millisecond)
	return b.write(rec)
}

func (b *Backend) deployOnce(ctx context.Context, rec *record) error {
	topology.Progress(ctx, "lab %s: creating %d nodes", rec.Lab.Name, len(rec.Lab.Topology.Nodes))
	_, err := b.run(ctx, "deploy", "--topo", rec.File, "--reconfigure", "--format", "json")
	if err != nil {
		return err
	}
	for _, n := range rec.Lab.Topology.Nodes {
		if err := b.execAll(ctx, rec.Lab.Name, n); err != nil {
			return err
		}
	}
	return b.climbAll(ctx, rec, true)
}

// execAll executes a node's own commands. One that fails is an error.
func (b *Backend) execAll(ctx context.Context, lab string, n *topology.Node) error {
	for _, command := range n.Exec {
		r, err := b.exec(ctx, lab, n.Name, command)
		if err != nil {
			return err
		}
		if r.Code != 0 {
			return fmt.Errorf("node %s: %s: exit code %d: %s", n.Name, command, r.Code,
				strings.TrimSpace(r.Stdout+"\n"+r.Stderr))
		}
	}
	return nil
}

// climbAll waits for every node side by side and notes how each is reached.
func (b *Backend) climbAll(ctx context.Context, rec *record, commit bool) error {
	nodes := make([]topology.LabNode, len(rec.Lab.Topology.Nodes))
	g, ctx := errgroup.WithContext(ctx)
	for i, n := range rec.Lab.Topology.Nodes {
		g.Go(func() (err error) {
			nodes[i], err = b.climb(ctx, rec.Lab.Topology, n, commit)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	rec.Lab.Nodes = nodes
	return nil
}

// remove destroys what is there of a lab and forgets it. The caller holds its lock.
func (b *Backend) remove(ctx context.Context, rec *record) error {
	name := rec.Lab.Name
	if err := b.removeContainers(ctx, name); err != nil {
		return err
	}
	for _, path := range []string{rec.File, b.labDir(name), b.recordFile(name)} {
		if err := os.RemoveAll(path); err != nil {
			return err
		}
	}
	return nil
}

// removeContainers destroys a lab's containers. None is none too many.
func (b *Backend) removeContainers(ctx context.Context, name string) error {
	_, err := b.run(ctx, "destroy", "--name", name, "--cleanup")
	if errors.Is(err, topology.ErrNoLab) {
		return nil
	}
	return err
}
