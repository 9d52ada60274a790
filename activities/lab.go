package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/activity"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
)

// Lab deploys and destroys labs, and breaks and repairs things in them.
type Lab struct {
	Labs     *Labs
	Sessions *Sessions
	Streams  *Streams
	Captures *Recordings
	Feeds    *Feeds
	Topology testplans.TopologyLoader
	Queue    string // this host's task queue
}

// DeployInput says what to deploy.
type DeployInput struct {
	Backend  string `json:"backend"`
	Topology string `json:"topology"`       // absolute path of the file
	Name     string `json:"name,omitempty"` // the topology's name when empty
	// Run is who is to have the lab, as long as it needs it; empty: whoever
	// comes. It is the ID of the run's workflow.
	Run string `json:"run,omitempty"`
}

// Deployed is a lab and where its activities run.
type Deployed struct {
	Lab   LabRef `json:"lab"`
	Queue string `json:"queue"` // task queue of the lab's host
	// Topology is what the file says, without the startup configurations.
	Topology  *topology.Topology `json:"topology"`
	Platforms []results.Platform `json:"platforms"`
	Routers   []string           `json:"routers"` // nodes that take a Junos configuration
}

// Deploy brings the lab up, or attaches to it when it is up already. A lab that
// another run has is a TypeHeld error with a Held as its detail.
func (l *Lab) Deploy(ctx context.Context, in DeployInput) (*Deployed, error) {
	defer heartbeat(ctx)()
	backend, err := l.Labs.Backend(in.Backend)
	if err != nil {
		return nil, asActivityError(ctx, err)
	}
	t, err := l.Topology(in.Topology)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	if in.Name != "" {
		named := *t
		named.Name = in.Name
		t = &named
	}
	if err := l.Labs.hold(ctx, LabRef{Backend: in.Backend, Name: t.Name}, in.Run); err != nil {
		return nil, asActivityError(ctx, l.heldError(err))
	}
	lab, err := backend.Deploy(topology.WithProgress(ctx, func(text string) {
		activity.RecordHeartbeat(ctx, text) // shown with the pending activity
	}), t)
	if err != nil {
		return nil, asActivityError(ctx, err)
	}
	ref := LabRef{Backend: in.Backend, Name: lab.Name}
	// The processes behind the sessions of a former lab of this name are gone.
	l.Sessions.CloseLab(ref)
	l.Labs.remember(ref, lab)
	return describe(ref, lab, t, l.Queue), nil
}

func describe(ref LabRef, lab *topology.Lab, t *topology.Topology, queue string) *Deployed {
	d := &Deployed{Lab: ref, Queue: queue, Topology: withoutConfigs(t)}
	for _, n := range lab.Nodes {
		d.Platforms = append(d.Platforms, results.Platform{Node: n.Name, Kind: n.Kind, Platform: n.Platform})
	}
	for _, n := range lab.Routers() {
		d.Routers = append(d.Routers, n.Name)
	}
	return d
}

// withoutConfigs returns the topology as it goes into histories and records:
// configurations are long and may hold secrets.
func withoutConfigs(t *topology.Topology) *topology.Topology {
	out := *t
	out.Nodes = make([]*topology.Node, len(t.Nodes))
	for i, n := range t.Nodes {
		bare := *n
		bare.StartupConfig = ""
		out.Nodes[i] = &bare
	}
	return &out
}

// Release ends a run's lease on a lab, which stays up.
func (l *Lab) Release(ctx context.Context, in DestroyInput) error {
	l.Labs.letGo(in.LabRef)
	leaser := l.Labs.leaser(in.LabRef)
	if leaser == nil || in.Run == "" {
		return nil
	}
	return leaser.Release(ctx, in.Name, in.Run) // of a process before this one
}

// DestroyInput says which lab is to be removed, or left, by whom.
type DestroyInput struct {
	LabRef
	Run string `json:"run,omitempty"` // as it was deployed for
}

// Destroy removes the lab and what this worker keeps of it. A lab that another
// run has is a TypeHeld error.
func (l *Lab) Destroy(ctx context.Context, in DestroyInput) error {
	defer heartbeat(ctx)()
	ref := in.LabRef
	if err := l.Labs.hold(ctx, ref, in.Run); err != nil {
		return asActivityError(ctx, err)
	}
	defer l.Labs.letGo(ref)
	l.Streams.StopLab(ref)
	l.Captures.StopLab(ref)
	l.Feeds.StopLab(ref)
	l.Sessions.CloseLab(ref)
	l.Labs.forget(ref)
	backend, err := l.Labs.Backend(ref.Backend)
	if err != nil {
		return asActivityError(ctx, err)
	}
	err = backend.Destroy(ctx, ref.Name)
	if errors.Is(err, topology.ErrNoLab) {
		return nil
	}
	return asActivityError(ctx, err)
}

// Fault takes a link down or up, kills a process or starts it again.
func (l *Lab) Fault(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		f := in.Step.Fault
		// The moment before: an outage that the fault causes cannot begin earlier.
		at := time.Now()
		text, node, err := l.apply(ctx, in.Lab, *f)
		if err != nil {
			return err
		}
		r.event(at, EventFault, node, "%s", text)
		r.verdict(check.Pass, "%s", text)
		return nil
	})
}

// Events that a convergence can be measured from.
const (
	EventFault  = "fault"
	EventCommit = "commit"
)

// RepairInput lists what a case may have broken.
type RepairInput struct {
	Lab    LabRef            `json:"lab"`
	Faults []testplans.Fault `json:"faults"`
}

// Repair undoes faults: links come up and processes run. What is whole stays
// as it is, and what this backend cannot break needs no repair.
func (l *Lab) Repair(ctx context.Context, in RepairInput) error {
	defer heartbeat(ctx)()
	for _, f := range in.Faults {
		f.State = f.Whole()
		_, _, err := l.apply(ctx, in.Lab, f)
		var unsupported *topology.UnsupportedError
		if err != nil && !errors.As(err, &unsupported) {
			return asActivityError(ctx, err)
		}
	}
	return nil
}

// apply does what a fault says and returns a description and the node.
func (l *Lab) apply(ctx context.Context, ref LabRef, f testplans.Fault) (text, node string, err error) {
	backend, err := l.Labs.Backend(ref.Backend)
	if err != nil {
		return "", "", err
	}
	lab, err := l.Labs.Lab(ref)
	if err != nil {
		return "", "", err
	}
	if f.Process != nil {
		return applyProcess(ctx, backend, lab, f)
	}
	if f.Node != "" {
		return applyPower(ctx, backend, lab, f)
	}
	return applyLink(ctx, backend, lab, f)
}

// applyLink takes a link down, makes it lose frames, or makes it whole again.
func applyLink(ctx context.Context, backend topology.Backend, lab *topology.Lab, f testplans.Fault) (text, node string, err error) {
	ref := LabRef{lab.Backend, lab.Name}
	end, ok := lab.Topology.Endpoint(f.Link)
	if !ok {
		return "", "", final(TypePlan, fmt.Errorf("lab %s has no link at %s", lab.Name, f.Link))
	}
	setter, canSet := backend.(topology.LinkSetter)
	lossy, canLose := backend.(topology.LossSetter)
	switch f.State {
	case "lossy":
		if !canLose {
			return "", "", cannot(ref, "losing frames of a link")
		}
		return fmt.Sprintf("link %s loses %.3g %%", f.Link, 100*f.Loss), end.Node, lossy.SetLoss(ctx, lab.Name, end, f.Loss)
	case "up", "down":
		if !canSet {
			return "", "", cannot(ref, "taking links down")
		}
		err := setter.SetLink(ctx, lab.Name, end, f.State == "up")
		if err == nil && canLose && f.State == "up" {
			err = lossy.SetLoss(ctx, lab.Name, end, 0)
		}
		return fmt.Sprintf("link %s %s", f.Link, f.State), end.Node, err
	}
	return "", "", final(TypePlan, fmt.Errorf("link %s: state %q is not down, lossy or up", f.Link, f.State))
}

// applyPower switches a node off or on.
func applyPower(ctx context.Context, backend topology.Backend, lab *topology.Lab, f testplans.Fault) (text, node string, err error) {
	control, ok := backend.(topology.ProcessController)
	if !ok {
		return "", "", cannot(LabRef{lab.Backend, lab.Name}, "switching nodes off")
	}
	text = fmt.Sprintf("node %s %s", f.Node, f.State)
	switch f.State {
	case "off":
		return text, f.Node, control.Kill(ctx, lab.Name, f.Node, "")
	case "on":
		return text, f.Node, control.Start(ctx, lab.Name, f.Node, "")
	}
	return "", "", final(TypePlan, fmt.Errorf("node %s: state %q is neither off nor on", f.Node, f.State))
}

func applyProcess(ctx context.Context, backend topology.Backend, lab *topology.Lab, f testplans.Fault) (text, node string, err error) {
	p := f.Process
	control, ok := backend.(topology.ProcessController)
	if !ok {
		return "", "", cannot(LabRef{lab.Backend, lab.Name}, "killing processes")
	}
	text = fmt.Sprintf("process %s of %s %s", p.Name, p.Node, f.State)
	switch f.State {
	case "killed":
		return text, p.Node, control.Kill(ctx, lab.Name, p.Node, p.Name)
	case "running":
		return text, p.Node, control.Start(ctx, lab.Name, p.Node, p.Name)
	}
	return "", "", final(TypePlan, fmt.Errorf("process %s: state %q is neither killed nor running", p.Name, f.State))
}

func cannot(ref LabRef, what string) error {
	return &topology.UnsupportedError{What: what, Why: "the " + ref.Backend + " backend cannot do it"}
}
