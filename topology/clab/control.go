package clab

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/ccl-lab/ccl/topology"
)

// labDirs is where containerlab makes its directories of our labs, so that those of
// other people's labs beside the topology file stay untouched.
func (b *Backend) labDirs() string { return filepath.Join(b.dir, "labs") }

// labDir is containerlab's directory of a lab.
func (b *Backend) labDir(name string) string { return filepath.Join(b.labDirs(), "clab-"+name) }

// Exec runs a command in a node's container, for a virtual machine beside its
// emulator, not inside Junos. When the context ends, the command is left alone:
// Docker offers no way to end it.
func (b *Backend) Exec(ctx context.Context, lab, node string, argv []string) (topology.ExecResult, error) {
	if len(argv) == 0 {
		return topology.ExecResult{}, fmt.Errorf("no command for node %s", node)
	}
	rec, _, err := b.node(lab, node)
	if err != nil {
		return topology.ExecResult{}, err
	}
	if slices.Contains(rec.Stopped, node) {
		return topology.ExecResult{}, fmt.Errorf("node %s is stopped", node)
	}
	return b.exec(ctx, lab, node, quote(argv))
}

// exec runs a command line, split by containerlab as a shell would.
func (b *Backend) exec(ctx context.Context, lab, node, command string) (topology.ExecResult, error) {
	out, err := b.run(ctx, "exec",
		"--label", "containerlab="+lab, "--label", "clab-node-name="+node,
		"--format", "json", "--cmd", command)
	if err != nil {
		return topology.ExecResult{}, fmt.Errorf("node %s: %w", node, err)
	}
	e, err := parseExec(out)
	if err != nil {
		return topology.ExecResult{}, fmt.Errorf("node %s: %w", node, err)
	}
	if *e.Code == 126 && strings.HasPrefix(e.Stdout, "OCI runtime exec failed") && strings.Contains(e.Stdout, "executable file not found") {
		// What a shell would say of a command that is not there.
		return topology.ExecResult{Code: 127, Stderr: strings.TrimSpace(e.Stdout) + "\n"}, nil
	}
	return topology.ExecResult{Code: *e.Code, Stdout: e.Stdout, Stderr: e.Stderr}, nil
}

// quote makes one command line of arguments.
func quote(argv []string) string {
	quoted := make([]string, len(argv))
	for i, arg := range argv {
		quoted[i] = "'" + strings.ReplaceAll(arg, "'", `'\''`) + "'"
	}
	return strings.Join(quoted, " ")
}

// node returns a lab's record and one of its nodes.
func (b *Backend) node(lab, name string) (*record, *topology.Node, error) {
	rec, err := b.ready(lab)
	if err != nil {
		return nil, nil, err
	}
	if n := rec.Lab.Topology.Node(name); n != nil {
		return rec, n, nil
	}
	return nil, nil, fmt.Errorf("lab %s has no node %q: the nearest is %s", lab, name, nearest(name, rec.Lab.Topology.NodeNames()))
}

func nearest(name string, names []string) string {
	return slices.MinFunc(names, func(a, b string) int {
		return levenshtein.Distance(name, a, nil) - levenshtein.Distance(name, b, nil)
	})
}

// SetLink takes one end of a link down or up in its container, whose peer then
// loses or regains carrier. Between containers only: the port of a virtual machine
// stays up whatever becomes of the device outside, so a test would not see the cut
// that it asked for.
func (b *Backend) SetLink(ctx context.Context, lab string, end topology.Endpoint, up bool) error {
	rec, err := b.ready(lab)
	if err != nil {
		return err
	}
	own, ok := rec.Lab.Topology.Endpoint(end.String())
	if !ok {
		return fmt.Errorf("lab %s has no link at %s", lab, end)
	}
	l := rec.Lab.Topology.LinkAt(own)
	for _, e := range []topology.Endpoint{l.A, l.B} {
		if n := rec.Lab.Topology.Node(e.Node); n != nil && !platformOf(n.Kind).carrier {
			return &topology.UnsupportedError{
				Pos: l.Pos, What: fmt.Sprintf("taking the link at %s down", end),
				Why:  fmt.Sprintf("the ports of %s (%s) do not see a cable being pulled under containerlab", n.Name, n.Kind),
				Hint: "disable the interface with a configure step, or run the case on the netns backend",
			}
		}
	}
	containers, err := b.containers(ctx, lab)
	if err != nil {
		return err
	}
	c := find(containers, own.Node)
	if c == nil || !c.running() || c.PID == 0 {
		return fmt.Errorf("node %s does not run", own.Node)
	}
	state := map[bool]string{true: "up", false: "down"}[up]
	out, err := exec.CommandContext(ctx, "nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", c.PID),
		"ip", "link", "set", "dev", own.Device, state).CombinedOutput()
	if err != nil {
		return fmt.Errorf("set %s %s: %w: %s", end, state, err, strings.TrimSpace(string(out)))
	}
	return nil
}

// Kill stops a node: its container ends, its links are kept for Start by
// containerlab (0.75 or newer). It is asked to end first, so a container that does
// not obey SIGTERM takes containerlab's two minutes. Single processes of a node are
// not supported.
func (b *Backend) Kill(ctx context.Context, lab, node, process string) error {
	return b.change(ctx, lab, node, process, b.stop)
}

// Start starts a node that was stopped, executes its commands and waits until it is
// ready, which takes a virtual machine as long as it takes to boot.
func (b *Backend) Start(ctx context.Context, lab, node, process string) error {
	return b.change(ctx, lab, node, process, func(ctx context.Context, rec *record, node string) error {
		if err := b.start(ctx, rec, node); err != nil {
			return err
		}
		_, err := b.climb(ctx, rec.Lab.Topology, rec.Lab.Topology.Node(node), false)
		return err
	})
}

// change stops or starts a node under the lab's lock.
func (b *Backend) change(ctx context.Context, lab, node, process string, do func(context.Context, *record, string) error) error {
	if _, err := b.ready(lab); err != nil {
		return err
	}
	unlock, err := b.lock(ctx, lab)
	if err != nil {
		return err
	}
	defer unlock()
	rec, n, err := b.node(lab, node)
	if err != nil {
		return err
	}
	if process != "" {
		return &topology.UnsupportedError{
			What: fmt.Sprintf("killing process %s of node %s", process, node),
			Why:  "the clab backend stops and starts whole nodes",
			Hint: "use a run step with the router's own restart command",
		}
	}
	if !hasContainer(n) {
		return &topology.UnsupportedError{What: "stopping node " + node, Why: "a node of kind " + n.Kind + " is no container"}
	}
	return do(ctx, rec, node)
}

func (b *Backend) stop(ctx context.Context, rec *record, node string) error {
	if slices.Contains(rec.Stopped, node) {
		return nil
	}
	if _, err := b.run(ctx, "stop", "--name", rec.Lab.Name, "--node", node); err != nil {
		return err
	}
	rec.Stopped = append(rec.Stopped, node)
	return b.write(rec)
}

func (b *Backend) start(ctx context.Context, rec *record, node string) error {
	if !slices.Contains(rec.Stopped, node) {
		return nil
	}
	if _, err := b.run(ctx, "start", "--name", rec.Lab.Name, "--node", node); err != nil {
		return err
	}
	// Its links came back without their addresses.
	if err := b.execAll(ctx, rec.Lab.Name, rec.Lab.Topology.Node(node)); err != nil {
		return err
	}
	rec.Stopped = slices.DeleteFunc(slices.Clone(rec.Stopped), func(s string) bool { return s == node })
	return b.write(rec)
}
