// Package backendtest holds every backend to one contract: what is deployed can
// be inspected, attached to and destroyed, any number of times, and whatever goes
// wrong on the way leaves nothing behind.
package backendtest

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// patience bounds every wait of the suite. Nothing takes as long unless it fails.
const patience = time.Minute

// Run holds a backend to the contract. newBackend returns a backend with a state
// of its own, to which the test may deploy topo; calls with the same t return
// backends that see the same labs. topo needs at least one link.
//
// What only some backends can do is tested where the backend has the capability.
func Run(t *testing.T, newBackend func(t *testing.T) topology.Backend, topo *topology.Topology) {
	if len(topo.Links) == 0 {
		t.Fatal("the suite needs a topology with a link")
	}
	tests := []struct {
		name string
		run  func(*suite)
	}{
		{"Lifecycle", (*suite).lifecycle},
		{"NoLab", (*suite).noLab},
		{"OtherTopology", (*suite).otherTopology},
		{"ConcurrentDeploy", (*suite).concurrentDeploy},
		{"Cancelled", (*suite).cancelled},
		{"FailingCommand", (*suite).failingCommand},
		{"Unsupported", (*suite).unsupported},
		{"Exec", (*suite).exec},
		{"Link", (*suite).link},
		{"SwitchOff", (*suite).switchOff},
		{"HalfThere", (*suite).halfThere},
		{"Leases", (*suite).leases},
		{"Kept", (*suite).kept},
		{"LostLeases", (*suite).lostLeases},
		{"ConcurrentLeases", (*suite).concurrentLeases},
		{"ReapHeld", (*suite).reapHeld},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			copied := *topo
			s := &suite{T: t, ctx: ctx, backend: newBackend(t), topo: &copied, seen: map[string]bool{}}
			before := snapshot(t)
			tt.run(s)
			s.destroy()
			s.nothingLeft(before)
		})
	}
}

// suite is one test of the contract.
type suite struct {
	*testing.T
	ctx     context.Context
	backend topology.Backend
	topo    *topology.Topology
	seen    map[string]bool // namespaces of every lab that was deployed
}

// deploy brings the topology up and checks what the backend says of it.
func (s *suite) deploy() *topology.Lab {
	s.Helper()
	lab, err := s.backend.Deploy(s.ctx, s.topo)
	if err != nil {
		s.Fatalf("Deploy: %v", err)
	}
	s.checkLab(lab)
	return lab
}

func (s *suite) destroy() {
	s.Helper()
	if err := s.backend.Destroy(context.WithoutCancel(s.ctx), s.topo.Name); err != nil {
		s.Errorf("Destroy: %v", err)
	}
}

// checkLab holds a lab that must be up against its topology.
func (s *suite) checkLab(lab *topology.Lab) {
	s.Helper()
	if lab.Name != s.topo.Name || lab.Backend == "" || lab.Deployed.IsZero() {
		s.Errorf("lab %q of backend %q, deployed %v", lab.Name, lab.Backend, lab.Deployed)
	}
	var names []string
	for _, n := range lab.Nodes {
		names = append(names, n.Name)
		if n.State != topology.NodeRunning || n.Platform == "" {
			s.Errorf("node %s is %q, platform %q", n.Name, n.State, n.Platform)
		}
		if topology.IsJunos(n.Kind) && (n.Mgmt.Host == "" || n.Mgmt.NetconfPort == 0 || n.Mgmt.SSHPort == 0 || n.Mgmt.Credentials == "") {
			s.Errorf("node %s has no management access: %+v", n.Name, n.Mgmt)
		}
		s.remember(n)
	}
	if !slices.Equal(names, s.topo.NodeNames()) {
		s.Errorf("nodes %v, want %v", names, s.topo.NodeNames())
	}
}

func (s *suite) inspect() *topology.Lab {
	s.Helper()
	lab, err := s.backend.Inspect(s.ctx, s.topo.Name)
	if err != nil {
		s.Fatalf("Inspect: %v", err)
	}
	return lab
}

// gone checks that the backend knows no such lab.
func (s *suite) gone() {
	s.Helper()
	if lab, err := s.backend.Inspect(s.ctx, s.topo.Name); !errors.Is(err, topology.ErrNoLab) {
		s.Errorf("Inspect of no lab: %v, %v; want ErrNoLab", lab, err)
	}
	if lister, ok := s.backend.(topology.Lister); ok {
		if labs, err := lister.List(s.ctx); err != nil || len(labs) != 0 {
			s.Errorf("List: %v, %v; want no labs", labs, err)
		}
	}
}

func (s *suite) lifecycle() {
	first := s.deploy()
	s.checkLab(s.inspect())
	again := s.deploy()
	if !again.Deployed.Equal(first.Deployed) || pids(again) != pids(first) {
		s.Errorf("a second Deploy made a new lab: %+v, was %+v", again, first)
	}
	if lister, ok := s.backend.(topology.Lister); ok {
		labs, err := lister.List(s.ctx)
		if err != nil || len(labs) != 1 || labs[0].Name != s.topo.Name {
			s.Errorf("List: %v, %v", labs, err)
		}
	}
	if reaper, ok := s.backend.(topology.Reaper); ok {
		if names, err := reaper.Reap(s.ctx); err != nil || len(names) != 0 {
			s.Errorf("Reap took a lab that is whole: %v, %v", names, err)
		}
	}
	s.destroy()
	s.gone()
	s.destroy()
}

func (s *suite) noLab() {
	s.gone()
	s.destroy()
	if e, ok := s.backend.(topology.Executor); ok {
		if _, err := e.Exec(s.ctx, s.topo.Name, s.topo.Nodes[0].Name, []string{"true"}); !errors.Is(err, topology.ErrNoLab) {
			s.Errorf("Exec in no lab: %v, want ErrNoLab", err)
		}
	}
}

func (s *suite) otherTopology() {
	s.deploy()
	other := *s.topo
	other.Links = other.Links[1:]
	if _, err := s.backend.Deploy(s.ctx, &other); err == nil {
		s.Error("Deploy attached to a lab of another topology")
	}
	s.checkLab(s.inspect())
}

func (s *suite) concurrentDeploy() {
	const deployers = 3
	labs := make([]*topology.Lab, deployers)
	errs := make([]error, deployers)
	var done sync.WaitGroup
	for i := range deployers {
		done.Go(func() { labs[i], errs[i] = s.backend.Deploy(s.ctx, s.topo) })
	}
	done.Wait()
	for i := range deployers {
		if errs[i] != nil {
			s.Fatalf("deployer %d: %v", i, errs[i])
		}
		s.checkLab(labs[i])
		if pids(labs[i]) != pids(labs[0]) {
			s.Errorf("deployers got different labs: %s and %s", pids(labs[i]), pids(labs[0]))
		}
	}
}

// cancelled takes the context away at several moments of a deployment.
func (s *suite) cancelled() {
	for _, after := range []time.Duration{0, 5 * time.Millisecond, 30 * time.Millisecond, 80 * time.Millisecond, 200 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(s.ctx, after)
		_, err := s.backend.Deploy(ctx, s.topo)
		cancel()
		if err == nil { // it was faster
			s.destroy()
			continue
		}
		if !errors.Is(err, context.DeadlineExceeded) {
			s.Errorf("cancelled after %v: %v, want the context's error", after, err)
		}
		s.gone()
	}
}

func (s *suite) failingCommand() {
	nodes := slices.Clone(s.topo.Nodes)
	i := slices.IndexFunc(nodes, func(n *topology.Node) bool { return n.Kind == "linux" })
	if i < 0 {
		s.Skip("the topology has no linux node to run a command in")
	}
	failing := *nodes[i]
	failing.Exec = append(slices.Clone(failing.Exec), `sh -c "echo the reason; exit 3"`)
	nodes[i] = &failing
	s.topo.Nodes = nodes
	_, err := s.backend.Deploy(s.ctx, s.topo)
	if err == nil {
		s.Fatal("Deploy succeeded although a command failed")
	}
	for _, want := range []string{failing.Name, "exit code 3", "the reason"} {
		if !strings.Contains(err.Error(), want) {
			s.Errorf("error %q does not say %q", err, want)
		}
	}
	s.gone()
}

func (s *suite) unsupported() {
	s.topo.Nodes = append(slices.Clone(s.topo.Nodes), &topology.Node{Name: "other", Kind: "no-such-kind"})
	_, err := s.backend.Deploy(s.ctx, s.topo)
	var unsupported *topology.UnsupportedError
	if !errors.As(err, &unsupported) || !strings.Contains(unsupported.What, "no-such-kind") {
		s.Errorf("Deploy: %v, want an UnsupportedError that names the kind", err)
	}
	s.gone()
}
