package netns

import (
	"context"
	"fmt"

	"github.com/agext/levenshtein"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

// Exec runs a command in a node, in all its namespaces. When the context ends,
// the command is killed with what it started.
func (b *Backend) Exec(ctx context.Context, lab, nodeName string, argv []string) (topology.ExecResult, error) {
	reply, err := b.call(ctx, lab, nodeName, node.Request{Op: node.OpExec, Argv: argv})
	return topology.ExecResult{Code: reply.Code, Stdout: reply.Stdout, Stderr: reply.Stderr}, err
}

// SetLink takes one end of a link down or up. Down, its peer loses carrier at
// once, as from a cut fibre.
func (b *Backend) SetLink(ctx context.Context, lab string, end topology.Endpoint, up bool) error {
	known, err := b.endpoint(lab, end)
	if err != nil {
		return err
	}
	_, err = b.call(ctx, lab, known.Node, node.Request{Op: node.OpLink, Device: known.Device, Up: up})
	return err
}

// SetLoss makes a link lose a share of its frames in each direction, where they
// arrive: who sends one does not learn of its loss. At a port of the traffic
// generator they arrive past the kernel; what goes there is lost on leaving the
// other end.
func (b *Backend) SetLoss(ctx context.Context, lab string, end topology.Endpoint, share float64) error {
	l, err := b.readLab(lab)
	if err != nil {
		return err
	}
	known, err := b.endpoint(lab, end)
	if err != nil {
		return err
	}
	link := l.Topology.LinkAt(known)
	generator := func(e topology.Endpoint) bool { return l.Topology.Node(e.Node).IsGenerator() }
	if generator(link.A) && generator(link.B) {
		return &topology.UnsupportedError{Pos: link.Pos, What: fmt.Sprintf("losing frames at %s", end), Why: "both ends are ports of the traffic generator"}
	}
	for _, side := range []struct{ own, far topology.Endpoint }{{link.A, link.B}, {link.B, link.A}} {
		if generator(side.own) {
			continue
		}
		_, err := b.call(ctx, lab, side.own.Node, node.Request{
			Op: node.OpLoss, Device: side.own.Device, Share: share, Leaving: generator(side.far),
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// endpoint finds the end of a link by either of its names.
func (b *Backend) endpoint(lab string, end topology.Endpoint) (topology.Endpoint, error) {
	l, err := b.readLab(lab)
	if err != nil {
		return topology.Endpoint{}, err
	}
	known, ok := l.Topology.Endpoint(end.String())
	if !ok {
		return topology.Endpoint{}, fmt.Errorf("lab %s has no link at %s", lab, end)
	}
	return known, nil
}

// Kill kills a routing daemon of a Junos node (ospfd, bgpd, …), which stays dead.
// Without a process it switches the node off: its neighbours lose carrier, every
// process dies, its links and committed configurations are kept.
func (b *Backend) Kill(ctx context.Context, lab, nodeName, process string) error {
	_, err := b.call(ctx, lab, nodeName, node.Request{Op: node.OpKill, Process: process})
	return err
}

// Start starts a killed routing daemon, or switches a node on that is off.
func (b *Backend) Start(ctx context.Context, lab, nodeName, process string) error {
	_, err := b.call(ctx, lab, nodeName, node.Request{Op: node.OpStart, Process: process})
	return err
}

// call sends a request to a node of a lab.
func (b *Backend) call(ctx context.Context, lab, nodeName string, req node.Request) (node.Reply, error) {
	pid, err := b.pid(lab, nodeName)
	if err != nil {
		return node.Reply{}, err
	}
	reply, err := node.Call(ctx, pid, req)
	if err != nil {
		return node.Reply{}, fmt.Errorf("lab %s, node %s: %w", lab, nodeName, err)
	}
	return reply, nil
}

// pid finds the init of a node by the number in the lab's file, after making
// sure that the number is still the init's.
func (b *Backend) pid(lab, nodeName string) (int, error) {
	l, err := b.readLab(lab)
	if err != nil {
		return 0, err
	}
	n := l.Node(nodeName)
	if n == nil {
		return 0, fmt.Errorf("lab %s has no node %q%s", lab, nodeName, nearest(nodeName, l.Topology.NodeNames()))
	}
	if i, ok := b.initOf(n.PID); ok && i.lab == lab && i.node == nodeName {
		return n.PID, nil
	}
	inits, err := b.inits(lab)
	if err != nil {
		return 0, err
	}
	if len(inits) == 0 {
		return 0, noLab(lab)
	}
	return 0, fmt.Errorf("lab %s, node %s: its init is dead; destroy the lab and deploy it again", lab, nodeName)
}

// nearest suggests the word that was probably meant.
func nearest(got string, words []string) string {
	best, score := "", 0.5
	for _, w := range words {
		if s := levenshtein.Match(got, w, nil); s > score {
			best, score = w, s
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}
