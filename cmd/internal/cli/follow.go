package cli

import (
	"context"
	"errors"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/workflows"
)

// follow shows a run until it ends. When the server of another process, that of
// a ccl up, does not answer any more it says so and what to do, and goes on
// when the server is back.
func (a *App) follow(ctx context.Context, s *session, id string, view *live) (*workflows.RunResult, error) {
	follow := workflows.Follow
	if view.redraw {
		follow = workflows.FollowLive
	}
	if s.Own != nil { // its end is ours
		return follow(ctx, s.Client, id, view.update)
	}
	for {
		watched, stop := s.Watch(ctx)
		result, err := follow(watched, s.Client, id, view.update)
		lost := errors.Is(context.Cause(watched), wire.ErrLost)
		stop()
		if err == nil || !lost || ctx.Err() != nil {
			return result, err
		}
		view.clear()
		a.sayLost(id)
		if err := s.Reconnect(ctx, a.config); err != nil {
			return nil, err
		}
		a.say("it answers again, the run goes on")
	}
}

// sayLost says what became of the server, and what to do.
func (a *App) sayLost(id string) {
	if a.config.Temporal.Address != "" {
		a.say("ccl: the Temporal server at %s does not answer; %s goes on when it does", a.config.Temporal.Address, id)
	} else {
		a.say("ccl: ccl up does not answer any more, so %s waits and loses nothing", id)
		a.say("ccl: hint: start ccl up again in another terminal and it goes on here")
	}
	a.say("     Ctrl-C ends the watching, not the run")
}
