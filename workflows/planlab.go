package workflows

import (
	"fmt"
	"path"
	"time"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans/results"
)

// prepareLab brings the lab to the state that every case begins with. When the
// worker is lost on the way it begins again: every part may be repeated.
func (r *planRun) prepareLab(ctx workflow.Context) error {
	for interruptions := 0; ; interruptions++ {
		err := r.tryPrepareLab(ctx)
		if err == nil || !isInterruption(err) || interruptions == maxInterruptions {
			return err
		}
	}
}

func (r *planRun) tryPrepareLab(ctx workflow.Context) error {
	if err := r.deploy(ctx); err != nil {
		return err
	}
	if err := r.enter(ctx, PhaseProvisioning); err != nil {
		return err
	}
	if err := r.provision(ctx); err != nil {
		return err
	}
	return r.readBaseline(ctx)
}

func (r *planRun) deployInput() activities.DeployInput {
	return activities.DeployInput{Backend: r.in.Backend, Topology: r.plan.Topology, Name: r.in.Lab, Run: r.in.Run, Keep: r.in.KeepLab}
}

// deploy brings the lab up. While another run has it, it waits for as long as
// the run may.
func (r *planRun) deploy(ctx workflow.Context) error {
	for {
		err := r.tryDeploy(ctx)
		held, until := heldBy(err), r.waitsUntil()
		if held == nil {
			r.waitsNoMore(ctx)
			return err
		}
		if !workflow.Now(ctx).Before(until) {
			return r.inVain(err, until)
		}
		if err := r.awaitLab(ctx, held, until); err != nil {
			return err
		}
	}
}

func (r *planRun) tryDeploy(ctx workflow.Context) error {
	var lab *activities.Lab
	if err := r.enter(ctx, PhaseDeploying); err != nil {
		return err
	}
	// The lab may come up on the first host that is free; from then on it stays.
	queue := r.labQueue()
	r.touched = true
	summary := fmt.Sprintf("Deploy %s on %s", path.Base(r.plan.Topology), r.in.Backend)
	var deployed activities.Deployed
	err := workflow.ExecuteActivity(activityOn(ctx, queue, summary, labTimeout), lab.Deploy, r.deployInput()).Get(ctx, &deployed)
	if err != nil {
		r.touched = !isHeld(err)
		return err
	}
	r.deployed = &deployed
	r.result.Lab, r.progress.Lab = deployed.Lab, deployed.Lab
	r.record.Lab, r.record.Topology, r.record.Platforms = deployed.Lab.Name, deployed.Topology, deployed.Platforms
	return nil
}

// provision commits the startup configurations. What a router warns of goes
// on record with its platform.
func (r *planRun) provision(ctx workflow.Context) error {
	var device *activities.Device
	if !r.in.NoProvision {
		summary := fmt.Sprintf("Commit the startup configurations of %d routers", len(r.deployed.Routers))
		var commits []activities.NodeCommit
		err := workflow.ExecuteActivity(activityOn(ctx, r.deployed.Queue, summary, labTimeout), device.Provision,
			activities.ProvisionInput{
				Run: r.in.Run, Lab: r.deployed.Lab, Topology: r.plan.Topology, Routers: r.deployed.Routers,
			}).Get(ctx, &commits)
		if err != nil {
			return err
		}
		for _, c := range commits {
			if p := r.platform(c.Node); p != nil {
				p.Notes = append(p.Notes, c.Warnings...)
			}
		}
	}
	return nil
}

// platform is the record of one node, or nil.
func (r *planRun) platform(node string) *results.Platform {
	for i := range r.record.Platforms {
		if p := &r.record.Platforms[i]; p.Node == node {
			return p
		}
	}
	return nil
}

// readBaseline keeps what every case begins with, and records what the routers
// say they run.
func (r *planRun) readBaseline(ctx workflow.Context) error {
	var device *activities.Device
	summary := fmt.Sprintf("Keep the baseline configuration of %d routers", len(r.deployed.Routers))
	err := workflow.ExecuteActivity(activityOn(ctx, r.deployed.Queue, summary, slack), device.Baseline,
		activities.BaselineInput{
			Lab: r.deployed.Lab, Routers: r.deployed.Routers, Dir: path.Join(r.in.Out, "baseline"),
		}).Get(ctx, &r.baseline)
	if err != nil {
		return err
	}
	for _, n := range r.baseline.Nodes {
		if p := r.platform(n.Node); p != nil {
			p.Release, p.Config = n.Release, n.Config
		}
	}
	return r.save(ctx, "Record the lab and its platforms")
}

// destroyPatience is how long a lab's host, which may be down, is waited for.
const destroyPatience = time.Hour

// destroy takes the lab down, unless it is to be kept. A deployment that
// failed or was cancelled half-way left nothing by its contract, but may have
// been cut off, so that is destroyed too.
func (r *planRun) destroy(ctx workflow.Context) error {
	if !r.touched {
		return nil
	}
	if r.in.KeepLab && r.deployed != nil {
		r.result.LabLeft = true
		r.giveBack(ctx)
		return nil
	}
	if err := r.enter(ctx, PhaseDestroying); err != nil {
		return err
	}
	return r.takeDown(ctx)
}

// giveBack ends the run's lease on a lab that it leaves up. If that fails the
// lease ends a little later by itself.
func (r *planRun) giveBack(ctx workflow.Context) {
	if workflow.GetVersion(ctx, "give-back-lab", workflow.DefaultVersion, 1) == workflow.DefaultVersion {
		return
	}
	var lab *activities.Lab
	ref := r.deployed.Lab
	err := workflow.ExecuteActivity(activityOn(ctx, r.labQueue(), "Leave lab "+ref.Name+" to others", slack), lab.Release,
		activities.DestroyInput{LabRef: ref, Run: r.in.Run}).Get(ctx, nil)
	if err != nil {
		workflow.GetLogger(ctx).Warn("could not give back the lab", "lab", ref.Name, "error", err)
	}
}

// labQueue is the task queue of the lab's host, empty while it has none.
func (r *planRun) labQueue() string {
	if r.deployed == nil {
		return ""
	}
	return r.deployed.Queue
}

// takeDown destroys the lab that was deployed, or may have been.
func (r *planRun) takeDown(ctx workflow.Context) error {
	queue, ref := r.labQueue(), activities.LabRef{Backend: r.in.Backend, Name: r.in.Lab}
	if r.deployed != nil {
		ref = r.deployed.Lab
	}
	var lab *activities.Lab
	ctx = activityOn(ctx, queue, "Destroy lab "+ref.Name, labTimeout)
	ctx = workflow.WithScheduleToCloseTimeout(ctx, destroyPatience)
	err := workflow.ExecuteActivity(ctx, lab.Destroy, activities.DestroyInput{LabRef: ref, Run: r.in.Run}).Get(ctx, nil)
	if r.deployed == nil && isUnsupported(err) {
		return nil // there is no such backend, hence no lab
	}
	if isHeld(err) {
		return nil // it was taken over, and is another run's now, or is to stay up for somebody
	}
	if err != nil {
		r.result.LabLeft = true
		return fmt.Errorf("lab %s is still up, remove it with \"ccl lab destroy\": %s", ref.Name, reason(err))
	}
	return nil
}
