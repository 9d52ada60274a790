package workflows

import (
	"context"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"

	"github.com/ccl-lab/ccl/activities"
)

// FollowLive is Follow for somebody who watches: ten times a second it calls
// show, also with what the step that runs tells of itself in its heartbeats.
func FollowLive(ctx context.Context, c client.Client, run string, show func(Progress)) (*RunResult, error) {
	var last *Progress
	var asked time.Time
	look := func(ctx context.Context, c client.Client, run string) (*Progress, error) {
		if last == nil || time.Since(asked) >= followEvery {
			p, err := progressOf(ctx, c, run)
			if err != nil {
				return nil, err
			}
			last, asked = p, time.Now()
		}
		if current := last.Current(); current != nil && current.Now != nil {
			current.Now.Live = liveOf(ctx, c, current.Workflow)
		}
		return last, nil
	}
	return follow(ctx, c, run, activities.CountersEvery, look, show)
}

// liveOf is what the activities that a workflow waits for said last, nil if they
// have said nothing yet. There are several in a parallel.
func liveOf(ctx context.Context, c client.Client, workflowID string) *activities.Live {
	ctx, cancel := context.WithTimeout(ctx, queryTimeout)
	defer cancel()
	info, err := c.DescribeWorkflowExecution(ctx, workflowID, "")
	if err != nil { // it ends, or the server is away
		return nil
	}
	var all *activities.Live
	for _, a := range info.PendingActivities {
		live := &activities.Live{}
		if a.HeartbeatDetails == nil || converter.GetDefaultDataConverter().FromPayloads(a.HeartbeatDetails, live) != nil {
			continue
		}
		if all == nil {
			all = live
			continue
		}
		all.Doing = orElse(all.Doing, live.Doing)
		all.Streams = append(all.Streams, live.Streams...)
	}
	return all
}
