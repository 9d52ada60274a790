package activities

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/ccl-lab/ccl/topology"
)

// Labs finds backends, and the labs that this process has deployed or attached
// to. A lab it does not know was deployed by a former process on this host: its
// sessions, streams and emulated routers went with that process, so whatever
// case is running on it has been interrupted and the lab must be attached to,
// with Deploy, before it is used again. Hence one worker process a host.
type Labs struct {
	Backends map[string]topology.Backend // by name: netns, clab, …

	// Closed reports whether a run is known to have ended; nil knows of none.
	Closed func(ctx context.Context, run string) (bool, error)

	mu      sync.Mutex
	known   map[LabRef]*topology.Lab
	renewed map[LabRef]*renewal
}

// Backend returns the backend of that name. One that is not there is an
// *topology.UnsupportedError.
func (l *Labs) Backend(name string) (topology.Backend, error) {
	if b, ok := l.Backends[name]; ok {
		return b, nil
	}
	names := slices.Sorted(maps.Keys(l.Backends))
	return nil, &topology.UnsupportedError{
		What: fmt.Sprintf("backend %q", name),
		Why:  "this host has " + strings.Join(names, ", "),
	}
}

// Lab returns a lab of this process; any other is a TypeInterrupted error.
func (l *Labs) Lab(ref LabRef) (*topology.Lab, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if lab := l.known[ref]; lab != nil {
		return lab, nil
	}
	return nil, interrupted("the worker was restarted and has not attached to lab %s yet", ref.Name)
}

// Node returns one node of a lab, and the lab.
func (l *Labs) Node(ref LabRef, name string) (*topology.Lab, topology.LabNode, error) {
	lab, err := l.Lab(ref)
	if err != nil {
		return nil, topology.LabNode{}, err
	}
	if node := lab.Node(name); node != nil {
		return lab, *node, nil
	}
	return nil, topology.LabNode{}, final(TypePlan, fmt.Errorf("lab %s has no node %q", ref.Name, name))
}

func (l *Labs) remember(ref LabRef, lab *topology.Lab) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.known == nil {
		l.known = map[LabRef]*topology.Lab{}
	}
	l.known[ref] = lab
}

func (l *Labs) forget(ref LabRef) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.known, ref)
}
