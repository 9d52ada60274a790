package clab

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/ccl-lab/ccl/topology"
)

// Inspect describes a lab of the backend. Nodes whose container does not run are
// NodeStopped.
func (b *Backend) Inspect(ctx context.Context, name string) (*topology.Lab, error) {
	rec, err := b.ready(name)
	if err != nil {
		return nil, err
	}
	containers, err := b.containers(ctx, name)
	if err != nil {
		return nil, err
	}
	if len(containers) == 0 && slices.ContainsFunc(rec.Lab.Topology.Nodes, hasContainer) {
		return nil, noLab(name) // somebody destroyed it behind our back
	}
	lab := rec.Lab
	if lab.Lease, err = b.Holder(ctx, name); err != nil {
		return nil, err
	}
	if lab.Kept, err = b.Kept(ctx, name); err != nil {
		return nil, err
	}
	lab.Nodes = slices.Clone(lab.Nodes)
	for i := range lab.Nodes {
		n := &lab.Nodes[i]
		if hasContainer(lab.Topology.Node(n.Name)) {
			look(n, find(containers, n.Name))
		}
	}
	return &lab, nil
}

// ready returns the record of a lab that was brought up, or ErrNoLab.
func (b *Backend) ready(name string) (*record, error) {
	rec, err := b.read(name)
	if err != nil {
		return nil, err
	}
	if !rec.Ready {
		return nil, noLab(name)
	}
	return rec, nil
}

// look puts into n what is true of its container now.
func look(n *topology.LabNode, c *container) {
	n.State, n.PID, n.NetNS = topology.NodeStopped, 0, ""
	if c == nil || !c.running() {
		return
	}
	n.State = topology.NodeRunning
	if c.PID > 0 {
		n.PID, n.NetNS = c.PID, fmt.Sprintf("/proc/%d/ns/net", c.PID)
	}
	if address := c.address(); address != "" && n.Mgmt.Credentials != "" {
		n.Mgmt.Host = address
	}
}

// containers returns a lab's containers, also those that have exited.
func (b *Backend) containers(ctx context.Context, lab string) ([]container, error) {
	out, err := b.run(ctx, "inspect", "--name", lab, "--details")
	if errors.Is(err, topology.ErrNoLab) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return parseDetails(out, lab)
}

func find(containers []container, node string) *container {
	i := slices.IndexFunc(containers, func(c container) bool { return c.Labels.Node == node })
	if i < 0 {
		return nil
	}
	return &containers[i]
}

// hasContainer reports whether a node is a container of the lab: bridges and the
// host itself are not.
func hasContainer(n *topology.Node) bool {
	return !slices.Contains([]string{"bridge", "ovs-bridge", "host", "ext-container"}, n.Kind)
}

// damage says what is missing of a lab, or nothing if it is whole. A container that
// was started again behind containerlab's back runs, but without its links.
func (b *Backend) damage(ctx context.Context, rec *record) (string, error) {
	containers, err := b.containers(ctx, rec.Lab.Name)
	if err != nil {
		return "", err
	}
	for _, n := range rec.Lab.Topology.Nodes {
		if !hasContainer(n) {
			continue
		}
		c := find(containers, n.Name)
		switch {
		case c == nil:
			return fmt.Sprintf("node %s has no container", n.Name), nil
		case !c.running() && !slices.Contains(rec.Stopped, n.Name):
			return fmt.Sprintf("the container of node %s is %s (%s)", n.Name, c.State, c.Status), nil
		case c.running():
			lost, err := b.lostLink(ctx, rec, n.Name, c.name())
			if lost != "" || err != nil {
				return lost, err
			}
		}
	}
	return "", nil
}

// lostLink says which link a running node has lost, if any.
func (b *Backend) lostLink(ctx context.Context, rec *record, node, containerName string) (string, error) {
	ports := rec.Lab.Topology.Ports(node)
	if len(ports) == 0 {
		return "", nil
	}
	out, err := b.run(ctx, "inspect", "interfaces", "--name", rec.Lab.Name, "--node", containerName, "--format", "json")
	if err != nil {
		return "", err
	}
	all, err := parseInterfaces(out)
	if err != nil {
		return "", err
	}
	for _, p := range ports {
		if !hasDevice(all[containerName], p.Device) {
			return fmt.Sprintf("node %s has lost its link %s", node, p.Interface), nil
		}
	}
	return "", nil
}
