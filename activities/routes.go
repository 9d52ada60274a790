package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// OpenSession opens a BGP session from the host of a port, by the address beside
// the peer's unless the session has one. A session that is not established in
// time is a *routes.SessionError.
type OpenSession func(ctx context.Context, at trafficgen.PortID, s routes.Spec, within time.Duration) (routes.Session, error)

// Routes announces BGP routes from hosts, and withdraws them.
type Routes struct {
	Labs      *Labs
	Generator trafficgen.Generator
	Open      OpenSession
	Feeds     *Feeds
}

// AnnounceRoutes opens a session, announces routes and judges how soon traffic
// to some of them flows. They stay announced.
func (a *Routes) AnnounceRoutes(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		step := in.Step.Routes
		fd, err := a.announce(ctx, r)
		var none *routes.SessionError
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case errors.As(err, &none):
			r.verdict(check.Fail, "%v", none)
			return nil
		case err != nil:
			return err
		}
		m := fd.measured()
		r.event(m.Announcement.Began, "routes", step.Node.Node, "%d routes announced to %v", m.Routes, step.Session.Peer)
		if m.Sample == 0 {
			r.verdict(check.Pass, "%d routes are announced", m.Routes)
			return nil
		}
		if m.Installation.Converged {
			r.event(m.Announcement.Began.Add(m.Installation.Full), "routes", step.Node.Node, "traffic to %d of them flows", m.Sample)
			r.RouteTime = &results.RouteTime{Routes: step.Start, Count: m.Routes, Sample: m.Sample, Took: m.Installation.Full, Uncertainty: m.Uncertainty()}
		}
		r.judge(check.JudgeInstallation(orWithin(step.Works, step.Within), m))
		return r.keepMeasured(step.Start, m)
	})
}

// announce does what the step says.
func (a *Routes) announce(ctx context.Context, r *recorder) (*feed, error) {
	in, step := r.in, r.in.Step.Routes
	k := key(in, step.Start)
	if old := a.Feeds.get(k); old != nil && !old.over() {
		if !repeated(ctx) {
			return nil, routesTrouble(ctx, step.Start, errRunning)
		}
		r.pulse.watch(old.feed.Live)
		return old, routesTrouble(ctx, step.Start, old.announce(ctx, time.Duration(step.Within)))
	}
	lab, err := a.Labs.Lab(in.Lab)
	if err != nil {
		return nil, err
	}
	at := step.Node
	if err := ResolvePort(lab, &at); err != nil {
		return nil, err
	}
	sample, err := sampleOf(lab, in)
	if err != nil {
		return nil, err
	}
	r.pulse.is(fmt.Sprintf("opening the BGP session with %v", step.Session.Peer))
	session, err := a.Open(ctx, at, *step.Session, time.Duration(step.Within))
	if err != nil {
		return nil, routesTrouble(ctx, step.Start, err)
	}
	r.pulse.is(fmt.Sprintf("announcing %d routes", step.Set.Count))
	fd, err := a.Feeds.add(k, a.Generator, session, *step.Set, sample)
	if err != nil {
		return nil, routesTrouble(ctx, step.Start, err)
	}
	r.pulse.watch(fd.feed.Live)
	return fd, routesTrouble(ctx, step.Start, fd.announce(ctx, time.Duration(step.Within)))
}

// sampleOf are the streams to some of the routes of a step.
func sampleOf(lab *topology.Lab, in StepInput) ([]trafficgen.Stream, error) {
	step := in.Step.Routes
	if step.Stream == "" {
		return nil, nil
	}
	if in.Stream == nil {
		return nil, final(TypePlan, fmt.Errorf("the plan has no stream %q", step.Stream))
	}
	one, err := resolve(lab, *in.Stream)
	if err != nil {
		return nil, err
	}
	sample, err := routes.Sample(one, *step.Set, step.Sample)
	if err != nil {
		return nil, final(TypePlan, err)
	}
	return sample, nil
}

// routesTrouble makes the speaker's and the generator's own troubles a verdict.
func routesTrouble(ctx context.Context, name string, err error) error {
	var none *routes.SessionError
	if err == nil || ctx.Err() != nil || errors.As(err, &none) {
		return err
	}
	return &streamError{fmt.Sprintf("routes %s: %v", name, err)}
}

// orWithin is a bound on a time; what the plan does not bound is bounded by how
// long it waits.
func orWithin(b check.Bound, within testplans.Duration) check.Bound {
	if b != "" {
		return b
	}
	return check.Bound(fmt.Sprintf("<= %dms", time.Duration(within).Milliseconds()))
}

// keepMeasured makes a measurement evidence of the step.
func (r *recorder) keepMeasured(name string, m routes.Measurement) error {
	all, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return fmt.Errorf("keep the measurement: %w", err)
	}
	what := fmt.Sprintf("routes %s: %d, seen by traffic to %d of them", name, m.Routes, m.Sample)
	return r.keep("routes-"+name, "", what, "json", string(all))
}

// WithdrawRoutes withdraws the routes of a former step, judges how soon traffic
// to them ends, and ends their session.
func (a *Routes) WithdrawRoutes(ctx context.Context, in StepInput) (*results.Step, error) {
	return trafficStep(ctx, in, func(ctx context.Context, r *recorder) error {
		step := in.Step.Routes
		fd := a.Feeds.get(key(in, step.Stop))
		switch {
		case fd == nil && in.Started:
			return interrupted("routes %s ended with the worker that announced them", step.Stop)
		case fd == nil:
			return &streamError{fmt.Sprintf("routes %s have not been announced in this case", step.Stop)}
		}
		r.pulse.watch(fd.feed.Live)
		if err := fd.withdraw(ctx, time.Duration(step.Within)); err != nil {
			return routesTrouble(ctx, step.Stop, err)
		}
		m := fd.measured()
		r.event(m.Withdrawal.Began, "routes", "", "%d routes withdrawn", m.Routes)
		if m.Sample == 0 {
			r.verdict(check.Pass, "%d routes are withdrawn", m.Routes)
			return nil
		}
		if m.Removal.Complete {
			r.event(m.Withdrawal.Began.Add(m.Removal.Full), "routes", "", "traffic to %d of them has ended", m.Sample)
			r.RouteTime = &results.RouteTime{Routes: step.Stop, Withdrawn: true, Count: m.Routes, Sample: m.Sample, Took: m.Removal.Full, Uncertainty: m.Uncertainty()}
		}
		r.judge(check.JudgeRemoval(orWithin(step.Gone, step.Within), m))
		return r.keepMeasured(step.Stop, m)
	})
}

// EndRoutes withdraws all that a case has left announced, and ends the sessions.
func (a *Routes) EndRoutes(ctx context.Context, in StopInput) error {
	defer heartbeat(ctx)()
	var errs []error
	for _, fd := range a.Feeds.takeCase(in.Lab, Place{Run: in.Run, Case: in.Case}.owner()) {
		errs = append(errs, fd.close())
	}
	if err := errors.Join(errs...); err != nil {
		return asActivityError(ctx, fmt.Errorf("routes: %w", err))
	}
	return nil
}
