package cli

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

// A nightlyRequest is a nightly as its flags ask for it.
type nightlyRequest struct {
	name, at, zone string
	days           []string
	workflows.NightlyOptions
}

func (a *App) nightlyCreateCommand() *cobra.Command {
	var r nightlyRequest
	c := &cobra.Command{
		Use:   "create FILE",
		Short: "Run a plan every night on a fresh lab",
		Long: `Create a schedule: every night the plan runs on a lab of that night's own, the
run is compared with the plan's baseline, reported, and the lab removed. Nights
do not overlap; one that was missed because no server ran is made up for within
six hours.

Those named with --notify are told when something changed, and always when the
plan could not run or there is no baseline. A name stands for a webhook of the
worker's settings: notify.NAME.url in ccl.yaml or CCL_NOTIFY_NAME_URL, for Slack
or Teams. A Teams workflow that takes adaptive cards only needs
notify.NAME.format: adaptive-card.

Nights run while ccl up, or a worker of the cluster, runs. Where clocks change,
choose a time that exists on every day.`,
		Example: `  ccl nightly create plan.yaml --notify lab-chat
  ccl nightly create plan.yaml --at 23:15 --time-zone Europe/Berlin --days mon-fri
  ccl nightly create plan.yaml --baseline-first --tag smoke --within 2h`,
		Args: exactly("a plan FILE"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := a.fillNightly(&r, args[0]); err != nil {
				return err
			}
			return a.createNightly(cmd.Context(), r.NightlyOptions)
		},
	}
	f := c.Flags()
	f.StringVar(&r.name, "name", "", "name of the nightly (default the plan's)")
	f.StringVar(&r.at, "at", "22:00", "when a night begins, `HH:MM`")
	f.StringVar(&r.zone, "time-zone", "UTC", "`zone` of that time, such as Europe/Berlin")
	f.StringSliceVar(&r.days, "days", nil, "`days` on which nights begin, such as mon-fri or sat,sun (default all)")
	f.StringSliceVar(&r.Notify, "notify", nil, "`names` of the webhooks to tell")
	f.BoolVar(&r.BaselineFirst, "baseline-first", false, "while the plan has no baseline, the first night that judges every case becomes it")
	f.DurationVar(&r.Within, "within", workflows.NightWithin, "how long a night may take, waiting for its lab included")
	f.StringSliceVar(&r.Cases, "case", nil, "only these cases: IDs or globs")
	f.StringSliceVar(&r.Tags, "tag", nil, "only cases with one of these tags")
	f.IntVar(&r.Reattempts, "reattempts", 0, "try a case that did not pass so often again, to tell a flaky one")
	f.BoolVar(&r.Paused, "paused", false, "create it paused")
	return c
}

// fillNightly checks the flags and the plan, so that mistakes show now and not
// at night.
func (a *App) fillNightly(r *nightlyRequest, file string) error {
	at, err := time.Parse("15:04", r.at)
	if err != nil {
		return usageError("--at %q: expected HH:MM, such as 22:00", r.at)
	}
	r.Hour, r.Minute = at.Hour(), at.Minute()
	zone, err := time.LoadLocation(r.zone)
	if err != nil || r.zone == "" || zone == time.Local {
		return usageError("--time-zone %q: expected a name such as UTC or Europe/Berlin", r.zone)
	}
	r.TimeZone = r.zone
	if r.Days, err = parseDays(r.days); err != nil {
		return err
	}
	if r.Within <= 0 {
		return usageError("--within %s: expected a time such as 8h", r.Within)
	}
	plan, err := loadPlan(file)
	if err != nil {
		return err
	}
	if _, err := plan.Select(r.Cases, r.Tags); err != nil {
		return usageError("%w", err)
	}
	// Whether it works here is the worker's matter; whether it exists is known.
	var unsupported *topology.UnsupportedError
	if _, err := a.backend(); errors.As(err, &unsupported) {
		return err
	}
	return a.fillFromPlan(r, plan)
}

func (a *App) fillFromPlan(r *nightlyRequest, plan *testplans.Plan) error {
	t, err := clabfile.Load(plan.Topology)
	if err != nil {
		return err
	}
	if r.name == "" {
		r.name = plan.Name
	}
	r.Name, r.PlanName, r.Plan, r.Lab, r.Backend = workflows.NightlyName(r.name), plan.Name, plan.File, t.Name, a.config.Backend
	if r.Plan, err = filepath.Abs(r.Plan); err != nil {
		return err
	}
	r.Out, err = filepath.Abs(a.config.Out)
	return err
}

func (a *App) createNightly(ctx context.Context, o workflows.NightlyOptions) error {
	for _, name := range o.Notify {
		if _, err := wire.Webhook(a.config, name); err != nil {
			a.say("ccl: note: %v; the worker must know it", err)
		}
	}
	if len(o.Notify) == 0 {
		a.say("ccl: note: nobody is told of these nights; --notify names a webhook")
	}
	return a.withSchedules(ctx, func(c client.Client, idle bool) error {
		if err := workflows.RegisterSearchAttributes(ctx, c, a.config.Temporal.Namespace); err != nil {
			return err
		}
		if err := workflows.CreateNightly(ctx, c, o); err != nil {
			return err
		}
		if idle {
			a.say("ccl: note: no ccl up runs here; nights begin only while one does")
		}
		if a.json {
			return a.printJSON(map[string]string{"nightly": o.Name})
		}
		a.say("%s begins at %02d:%02d %s; ccl nightly trigger %s begins one now", o.Name, o.Hour, o.Minute, o.TimeZone, o.Name)
		return nil
	})
}

// weekdays are the days as they are written, in the week's order from Sunday.
var weekdays = []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"}

// parseDays reads days and ranges of days: mon-fri, sun. A range may pass the
// end of the week.
func parseDays(list []string) ([]time.Weekday, error) {
	chosen := map[time.Weekday]bool{}
	for _, item := range list {
		from, to, isRange := strings.Cut(strings.ToLower(item), "-")
		if !isRange {
			to = from
		}
		first, last := dayOf(from), dayOf(to)
		if first < 0 || last < 0 {
			return nil, usageError("--days %q: expected %s, or a range such as mon-fri", item, strings.Join(weekdays, ", "))
		}
		for d := first; ; d = (d + 1) % 7 {
			chosen[time.Weekday(d)] = true
			if d == last {
				break
			}
		}
	}
	var days []time.Weekday
	for d := range time.Weekday(7) {
		if chosen[d] {
			days = append(days, d)
		}
	}
	return days, nil
}

func dayOf(s string) int {
	for i, name := range weekdays {
		if s == name || s == strings.ToLower(time.Weekday(i).String()) {
			return i
		}
	}
	return -1
}
