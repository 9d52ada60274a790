// Package activities is what workflows do to the world: deploy labs, configure
// and question devices, move traffic, keep records. There is one struct a
// concern, with its dependencies in plain fields, and New makes them all.
//
// Three rules hold for every activity.
//
// A verdict is data: a step that fails returns a results.Step that says so. A
// Go error means that the step could not be judged. Refusals and mistakes are
// errors that are never retried, everything else may heal and is (errors.go).
//
// An activity may run twice, because the worker died before it could report.
// Deploying, faults, records and files are the same when done again; a commit
// carries the step in its log, and a repeated one looks there first.
//
// Activities that touch a lab run on the lab's host, on the task queue that
// Deploy answers with; the others run anywhere.
package activities
