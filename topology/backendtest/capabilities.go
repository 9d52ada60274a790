package backendtest

import (
	"fmt"
	"slices"
	"strings"
	"syscall"

	"github.com/ccl-lab/ccl/topology"
)

// exec tests an Executor.
func (s *suite) exec() {
	e, ok := s.backend.(topology.Executor)
	if !ok {
		s.Skip("the backend executes no commands")
	}
	s.deploy()
	name := s.topo.Nodes[0].Name
	result, err := e.Exec(s.ctx, s.topo.Name, name, []string{"sh", "-c", "echo out; echo err >&2; exit 7"})
	want := topology.ExecResult{Code: 7, Stdout: "out\n", Stderr: "err\n"}
	if err != nil || result != want {
		s.Errorf("Exec: %+v, %v; want %+v", result, err, want)
	}
	if result, err := e.Exec(s.ctx, s.topo.Name, name, []string{"no-such-command"}); err != nil || result.Code != 127 {
		s.Errorf("Exec of no command: %+v, %v; want code 127", result, err)
	}
	if _, err := e.Exec(s.ctx, s.topo.Name, name+"x", []string{"true"}); err == nil || !strings.Contains(err.Error(), name) {
		s.Errorf("Exec in an unknown node: %v; want an error that names the nearest node", err)
	}
}

// link tests a LinkSetter: the peer of an end that is down has no carrier.
func (s *suite) link() {
	setter, ok := s.backend.(topology.LinkSetter)
	executor, canExec := s.backend.(topology.Executor)
	if !ok || !canExec {
		s.Skip("the backend sets no links, or shows none")
	}
	s.deploy()
	l := s.topo.Links[0]
	carrier := func() string {
		r, err := executor.Exec(s.ctx, s.topo.Name, l.B.Node, []string{"ip", "-o", "link", "show", l.B.Device})
		if err != nil || r.Code != 0 {
			s.Fatalf("ip link: %+v, %v", r, err)
		}
		if strings.Contains(r.Stdout, "LOWER_UP") {
			return "up"
		}
		return "down"
	}
	for _, up := range []bool{true, false, false, true} {
		if err := setter.SetLink(s.ctx, s.topo.Name, l.A, up); err != nil {
			s.Fatalf("SetLink(%s, %v): %v", l.A, up, err)
		}
		want := "down"
		if up {
			want = "up"
		}
		if got := carrier(); got != want {
			s.Errorf("with %s set to %v, %s is %s", l.A, up, l.B, got)
		}
	}
	nowhere := topology.Endpoint{Node: l.A.Node, Interface: "ge-9/9/9"}
	if err := setter.SetLink(s.ctx, s.topo.Name, nowhere, false); err == nil {
		s.Error("SetLink of an endpoint that is not there succeeded")
	}
}

// switchOff tests a ProcessController with whole nodes.
func (s *suite) switchOff() {
	c, ok := s.backend.(topology.ProcessController)
	if !ok {
		s.Skip("the backend controls no processes")
	}
	s.deploy()
	name := s.topo.Links[0].A.Node
	for range 2 { // a second Kill and Start change nothing
		if err := c.Kill(s.ctx, s.topo.Name, name, ""); err != nil {
			s.Fatalf("Kill: %v", err)
		}
	}
	for _, n := range s.inspect().Nodes {
		want := topology.NodeRunning
		if n.Name == name {
			want = topology.NodeStopped
		}
		if n.State != want {
			s.Errorf("%s is %s, want %s", n.Name, n.State, want)
		}
	}
	for range 2 {
		if err := c.Start(s.ctx, s.topo.Name, name, ""); err != nil {
			s.Fatalf("Start: %v", err)
		}
	}
	s.checkLab(s.inspect())
	if err := c.Kill(s.ctx, s.topo.Name, name, ""); err != nil {
		s.Fatalf("Kill: %v", err)
	}
	s.deploy() // attaches, and switches it on
	s.checkLab(s.inspect())
}

// halfThere tests a Reaper, and that Deploy repairs.
func (s *suite) halfThere() {
	reaper, ok := s.backend.(topology.Reaper)
	if !ok {
		s.Skip("the backend reaps nothing")
	}
	lab := s.deploy()
	victim := lab.Nodes[len(lab.Nodes)-1]
	if victim.PID == 0 {
		s.Skip("the backend's nodes are no processes of this host")
	}
	s.kill(victim)
	repaired := s.deploy()
	if pids(repaired) == pids(lab) {
		s.Error("Deploy attached to a lab with a dead node")
	}
	s.kill(repaired.Nodes[0])
	names, err := reaper.Reap(s.ctx)
	if err != nil || !slices.Equal(names, []string{s.topo.Name}) {
		s.Errorf("Reap: %v, %v; want %s", names, err, s.topo.Name)
	}
	s.gone()
}

// kill ends a node's first process and waits until the backend sees it.
func (s *suite) kill(n topology.LabNode) {
	s.Helper()
	if err := syscall.Kill(n.PID, syscall.SIGKILL); err != nil {
		s.Fatalf("kill %s: %v", n.Name, err)
	}
	s.eventually(fmt.Sprintf("%s is stopped", n.Name), func() bool {
		return s.inspect().Node(n.Name).State == topology.NodeStopped
	})
}

// pids tells deployments of a lab apart.
func pids(lab *topology.Lab) string {
	var s strings.Builder
	for _, n := range lab.Nodes {
		fmt.Fprintf(&s, "%s=%d ", n.Name, n.PID)
	}
	return s.String()
}
