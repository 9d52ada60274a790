package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
)

// TaskQueue is where workflows, and activities that touch no lab, run.
const TaskQueue = "ccl"

const (
	// heartbeatTimeout is after how long without a sign of life a worker counts
	// as lost. Activities beat every second; a machine may be busy for long. A
	// worker that is started on the same host notices sooner (releaseOrphans).
	heartbeatTimeout = 60 * time.Second
	// slack is what a step may take beyond its own times.
	slack = 2 * time.Minute
	// labTimeout is how long a lab may take to come up or go down. A virtual
	// Junos boots for up to half an hour, and once more if it got stuck; a dead
	// worker is noticed by its heartbeat long before.
	labTimeout = 90 * time.Minute
)

// retries is for trouble that may pass: a session that broke, a worker that
// died. What cannot pass is marked as such by the activities.
var retries = &temporal.RetryPolicy{
	InitialInterval:    200 * time.Millisecond,
	BackoffCoefficient: 2,
	MaximumInterval:    5 * time.Second,
	MaximumAttempts:    5,
}

// summaryLimit is how long a summary may be, in bytes, with room to spare.
const summaryLimit = 380

// shorten cuts a sentence to what a summary may hold.
func shorten(s string) string {
	if len(s) <= summaryLimit {
		return s
	}
	cut := summaryLimit
	for cut > 0 && s[cut]&0xC0 == 0x80 { // not within a character
		cut--
	}
	return s[:cut] + "…"
}

// activityOn returns a context for one activity. An empty queue is the
// workflow's own.
func activityOn(ctx workflow.Context, queue, summary string, timeout time.Duration) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           queue,
		StartToCloseTimeout: timeout,
		HeartbeatTimeout:    heartbeatTimeout,
		WaitForCancellation: true,
		RetryPolicy:         retries,
		Summary:             shorten(summary),
	})
}

// record returns a context for an activity that only reads or writes files
// and records.
func record(ctx workflow.Context, summary string) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: slack,
		RetryPolicy:         retries,
		Summary:             shorten(summary),
	})
}

// stepTimeout is how long a step may take: its own times and some slack.
func stepTimeout(s *testplans.Step) time.Duration {
	switch {
	case s.WaitUntil != nil:
		return time.Duration(s.WaitUntil.Within) + slack
	case s.Traffic != nil:
		return time.Duration(s.Traffic.Duration) + slack
	case s.Routes != nil: // for the session, for streams that must not flow before, and for those that must
		return 3*time.Duration(s.Routes.Within) + slack
	case s.Converge != nil:
		return time.Duration(s.Converge.Within) + slack
	case s.Ping != nil:
		return 3*time.Duration(s.Ping.Count)*time.Second + slack
	case s.Benchmark != nil:
		return s.Benchmark.Longest() + slack
	case s.Fault != nil && s.Fault.Node != "":
		return activities.DownTimeout + slack // virtual machines switch off no faster
	}
	return slack
}
