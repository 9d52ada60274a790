package workflows

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/temporal"
)

// ErrNoNightly means that there is no nightly of that name.
var ErrNoNightly = errors.New("no such nightly")

// ErrNightRunning means that a night has begun and not ended: nights do not
// overlap.
var ErrNightRunning = errors.New("is running already")

// nightlyPrefix begins the ID of every nightly's schedule.
const nightlyPrefix = "nightly-"

// NightlyName is the ID of a nightly's schedule, with the prefix that users
// may leave out.
func NightlyName(name string) string {
	return nightlyPrefix + strings.TrimPrefix(name, nightlyPrefix)
}

// CatchUp is until how long after its time a night is made up for, if no
// server was running at its time. Later it would be day.
const CatchUp = 6 * time.Hour

// NightWithin is how long a night may take unless it is said otherwise.
const NightWithin = 12 * time.Hour

// NightlyOptions say what is to run when.
type NightlyOptions struct {
	NightlyInput
	PlanName string // for the list of workflows
	// Hour and Minute in TimeZone (a name of the IANA database) are when a
	// night begins, on the given days of the week (0 is Sunday), or on all.
	Hour, Minute int
	Days         []time.Weekday
	TimeZone     string
	Paused       bool
}

func (o *NightlyOptions) at() string { return fmt.Sprintf("%02d:%02d", o.Hour, o.Minute) }

func (o *NightlyOptions) spec() client.ScheduleSpec {
	at := client.ScheduleCalendarSpec{
		Hour:    []client.ScheduleRange{{Start: o.Hour}},
		Minute:  []client.ScheduleRange{{Start: o.Minute}},
		Comment: fmt.Sprintf("at %s %s", o.at(), o.TimeZone),
	}
	for _, day := range o.Days {
		at.DayOfWeek = append(at.DayOfWeek, client.ScheduleRange{Start: int(day)})
	}
	return client.ScheduleSpec{Calendars: []client.ScheduleCalendarSpec{at}, TimeZoneName: o.TimeZone}
}

// memo is what a list of nightlies shows of each.
func (o *NightlyOptions) memo() map[string]any {
	return map[string]any{
		"plan": o.Plan, "planName": o.PlanName, "backend": o.Backend, "out": o.Out,
		"at": o.at(), "days": dayNames(o.Days), "timeZone": o.TimeZone, "notify": strings.Join(o.Notify, ", "),
	}
}

// dayNames is "Mon, Tue", empty for every day.
func dayNames(days []time.Weekday) string {
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = d.String()[:3]
	}
	return strings.Join(names, ", ")
}

// CreateNightly makes the schedule. Its nights do not overlap: one that would
// begin while another goes on is left out. RegisterSearchAttributes must have
// been called.
func CreateNightly(ctx context.Context, c client.Client, o NightlyOptions) error {
	if o.Within <= 0 {
		o.Within = NightWithin
	}
	plan := temporal.NewSearchAttributes(PlanAttribute.ValueSet(o.PlanName))
	memo := o.memo()
	_, err := c.ScheduleClient().Create(ctx, client.ScheduleOptions{
		ID:   o.Name,
		Spec: o.spec(),
		Action: &client.ScheduleWorkflowAction{
			ID:                    o.Name, // each night's has its time added
			Workflow:              Nightly,
			Args:                  []any{o.NightlyInput},
			TaskQueue:             TaskQueue,
			Memo:                  memo,
			TypedSearchAttributes: plan,
			StaticSummary:         shorten("Nightly run of " + filepath.Base(o.Plan) + " on " + o.Backend),
			StaticDetails:         o.outline(),
		},
		Overlap:               enumspb.SCHEDULE_OVERLAP_POLICY_SKIP,
		CatchupWindow:         CatchUp,
		Paused:                o.Paused,
		Memo:                  memo,
		TypedSearchAttributes: plan,
	})
	if errors.Is(err, temporal.ErrScheduleAlreadyRunning) {
		return fmt.Errorf("there is a nightly %s already", o.Name)
	}
	if err != nil {
		return fmt.Errorf("create %s: %w", o.Name, err)
	}
	return nil
}

// outline is what each night does, as Markdown.
func (o *NightlyOptions) outline() string {
	baseline := "The run is compared with the plan's baseline."
	if o.BaselineFirst {
		baseline = "The run is compared with the plan's baseline; while there is none, the first that judges every case becomes it."
	}
	whom := "Nobody is told: there is no webhook."
	if len(o.Notify) > 0 {
		whom = "Told when something changed, and always when the plan could not run: " + markdown(strings.Join(o.Notify, ", ")) + "."
	}
	return fmt.Sprintf("1. Deploy a fresh lab `%s-DATE-TIME` on %s\n2. Run `%s` within %s\n3. Report, and remove the lab\n4. %s\n5. %s\n",
		o.Lab, o.Backend, o.Plan, o.Within, baseline, whom)
}

// PauseNightly lets no more nights begin. One that goes on ends.
func PauseNightly(ctx context.Context, c client.Client, name, note string) error {
	h := c.ScheduleClient().GetHandle(ctx, name)
	return nightlyError(name, h.Pause(ctx, client.SchedulePauseOptions{Note: note}))
}

// ResumeNightly ends a pause. Nights that it left out are not made up for.
func ResumeNightly(ctx context.Context, c client.Client, name, note string) error {
	h := c.ScheduleClient().GetHandle(ctx, name)
	return nightlyError(name, h.Unpause(ctx, client.ScheduleUnpauseOptions{Note: note}))
}

// DeleteNightly removes the schedule. A night that goes on ends.
func DeleteNightly(ctx context.Context, c client.Client, name string) error {
	return nightlyError(name, c.ScheduleClient().GetHandle(ctx, name).Delete(ctx))
}

// triggerPatience is how long a schedule may take to start what it was told to.
const triggerPatience = 15 * time.Second

// TriggerNightly begins a night now, also of a paused nightly, and returns the
// ID of its workflow. ErrNightRunning names the one that goes on, if one does.
func TriggerNightly(ctx context.Context, c client.Client, name string) (workflowID string, err error) {
	h := c.ScheduleClient().GetHandle(ctx, name)
	before, err := h.Describe(ctx)
	if err != nil {
		return "", nightlyError(name, err)
	}
	if going := before.Info.RunningWorkflows; len(going) > 0 {
		return "", fmt.Errorf("%s %w: %s", name, ErrNightRunning, going[0].WorkflowID)
	}
	if err := anotherSecond(ctx, before.Info.RecentActions); err != nil {
		return "", err
	}
	err = h.Trigger(ctx, client.ScheduleTriggerOptions{Overlap: enumspb.SCHEDULE_OVERLAP_POLICY_SKIP})
	if err != nil {
		return "", nightlyError(name, err)
	}
	ctx, cancel := context.WithTimeout(ctx, triggerPatience)
	defer cancel()
	for {
		now, err := h.Describe(ctx)
		if err != nil {
			return "", nightlyError(name, err)
		}
		if now.Info.NumActions > before.Info.NumActions {
			last := now.Info.RecentActions[len(now.Info.RecentActions)-1]
			return last.StartWorkflowResult.WorkflowID, nil
		}
		select {
		case <-ctx.Done():
			return "", fmt.Errorf("%s was told to begin a night and has not within %s", name, triggerPatience)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// anotherSecond waits until a night can begin that is not the last one again:
// Temporal names them, and we their runs, by the second in which they begin.
func anotherSecond(ctx context.Context, actions []client.ScheduleActionResult) error {
	if len(actions) == 0 {
		return nil
	}
	last := actions[len(actions)-1].ActualTime
	select {
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-time.After(time.Until(last.Truncate(time.Second).Add(time.Second))):
		return nil
	}
}

// nightlyError says that there is no nightly where Temporal says that there is
// no schedule.
func nightlyError(name string, err error) error {
	var missing *serviceerror.NotFound
	switch {
	case err == nil:
		return nil
	case errors.As(err, &missing):
		return fmt.Errorf("%w: %s", ErrNoNightly, name)
	}
	return fmt.Errorf("%s: %w", name, err)
}
