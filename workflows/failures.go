package workflows

import (
	"errors"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/temporal"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
)

// isInterruption reports whether an activity failed because the worker, and
// with it the case's streams and sessions, went away. That says nothing about
// any device: the attempt starts again.
func isInterruption(err error) bool {
	switch applicationType(err) {
	case activities.TypeInterrupted, activities.TypeNoLab, activities.TypeWorkerStopped:
		return true
	}
	var timeout *temporal.TimeoutError
	return errors.As(err, &timeout) && timeout.TimeoutType() == enumspb.TIMEOUT_TYPE_HEARTBEAT
}

// isUnsupported reports whether this lab or host cannot do what was asked.
func isUnsupported(err error) bool { return applicationType(err) == activities.TypeUnsupported }

// mistakesOf are the mistakes in plans that an error is about, if it is.
func mistakesOf(err error) testplans.Mistakes {
	var app *temporal.ApplicationError
	var mistakes testplans.Mistakes
	if applicationType(err) != activities.TypePlan || !errors.As(err, &app) || !app.HasDetails() || app.Details(&mistakes) != nil {
		return nil
	}
	return mistakes
}

// heldBy is the run that has a lab, if that is why it could not be had.
func heldBy(err error) *activities.Held {
	var app *temporal.ApplicationError
	held := &activities.Held{}
	if !isHeld(err) || !errors.As(err, &app) || !app.HasDetails() || app.Details(held) != nil {
		return nil
	}
	return held
}

// isHeld reports whether another run has the lab.
func isHeld(err error) bool { return applicationType(err) == activities.TypeHeld }

func applicationType(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Type()
	}
	return ""
}

// reason is what an activity's error says, without the wrappings that tell of
// Temporal rather than of the lab.
func reason(err error) string {
	var app *temporal.ApplicationError
	if errors.As(err, &app) {
		return app.Message()
	}
	var timeout *temporal.TimeoutError
	if errors.As(err, &timeout) {
		if last := timeout.Unwrap(); last != nil {
			return "it took too long; before that: " + reason(last)
		}
		return "it took too long and was given up"
	}
	return err.Error()
}
