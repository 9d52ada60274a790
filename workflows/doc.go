// Package workflows is the story of a test run, told to Temporal: PlanRun
// deploys a lab, runs a plan's cases one after the other, each as a child
// TestCase, reports, and takes the lab down whatever happened.
//
// Nightly, started by a schedule, runs a plan as a child PlanRun, compares it
// with the plan's baseline and tells those concerned what changed.
//
// Engagement is the contract with a customer around runs and nights. What its
// contacts sign is kept when it is submitted, and that runs, whatever becomes of
// the files.
//
// Workflows decide order, time and what follows from what; everything that
// touches the world is an activity. They are deterministic: no clock but
// workflow.Now, no walk over a map, no goroutine but workflow.Go.
//
// Progress and CaseProgress answer the query "progress". StartRun and Follow
// are the client's side, NewWorkers the worker's.
//
// The server package below runs a Temporal server in this process. Nothing
// here needs it: any cluster will do, once RegisterSearchAttributes has been
// called on it.
package workflows
