package workflows

import (
	"fmt"
	"path"

	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
)

// ReplicationInput says which lab is to be tried.
type ReplicationInput struct {
	Backend  string `json:"backend"`
	Topology string `json:"topology"` // absolute path
	Lab      string `json:"lab"`      // name
}

// A ReplicationResult is a lab that stood.
type ReplicationResult struct {
	Nodes    int                     `json:"nodes"`
	Commits  []activities.NodeCommit `json:"commits,omitempty"`
	Warnings int                     `json:"warnings"` // of the routers about their configurations
}

// Replication shows that the lab can be brought up with the customer's
// configurations, and takes it down again: runs begin on a fresh one.
func Replication(ctx workflow.Context, in ReplicationInput) (result *ReplicationResult, err error) {
	run := workflow.GetInfo(ctx).WorkflowExecution.ID
	r := &planRun{in: PlanRunInput{Run: run, Backend: in.Backend, Lab: in.Lab}, touched: true}
	defer func() {
		ctx, cancel := workflow.NewDisconnectedContext(ctx)
		defer cancel()
		if isHeld(err) {
			return
		}
		if left := r.takeDown(ctx); left != nil && err == nil {
			err = left
		}
	}()
	for interruptions := 0; ; interruptions++ {
		result, err = r.rehearse(ctx, in)
		if err == nil || !isInterruption(err) || interruptions == maxInterruptions {
			return result, err
		}
	}
}

// rehearse deploys the lab and commits the configurations.
func (r *planRun) rehearse(ctx workflow.Context, in ReplicationInput) (*ReplicationResult, error) {
	var (
		lab      *activities.Lab
		device   *activities.Device
		deployed activities.Deployed
	)
	summary := fmt.Sprintf("Deploy %s on %s", path.Base(in.Topology), in.Backend)
	err := workflow.ExecuteActivity(activityOn(ctx, r.labQueue(), summary, labTimeout), lab.Deploy,
		activities.DeployInput{Backend: in.Backend, Topology: in.Topology, Name: in.Lab, Run: r.in.Run}).Get(ctx, &deployed)
	if err != nil {
		return nil, err
	}
	r.deployed = &deployed
	result := &ReplicationResult{Nodes: len(deployed.Platforms)}
	summary = fmt.Sprintf("Commit the configurations of %d routers", len(deployed.Routers))
	err = workflow.ExecuteActivity(activityOn(ctx, deployed.Queue, summary, labTimeout), device.Provision,
		activities.ProvisionInput{Run: r.in.Run, Lab: deployed.Lab, Topology: in.Topology, Routers: deployed.Routers}).
		Get(ctx, &result.Commits)
	if err != nil {
		return nil, err
	}
	for _, c := range result.Commits {
		result.Warnings += len(c.Warnings)
	}
	return result, nil
}
