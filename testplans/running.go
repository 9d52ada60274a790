package testplans

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
)

// followNames follows streams, captures, routes and snapshots through a case's
// steps: what is stopped, judged or compared with must have been started or
// taken, and nothing twice. What still runs when the case ends is stopped for it.
func followNames(d *decoder, o *object) any {
	f := &follower{
		d: d, running: map[string]begun{}, captures: map[string]begun{}, feeds: map[string]feed{},
		snapshots: map[string]taken{}, passed: map[string]int{}, told: map[topology.Pos]*check.Round{},
	}
	for _, part := range stepParts {
		steps, _ := o.values[part].([]any)
		for i, step := range steps {
			s, _ := step.(map[string]any)
			f.step(s, o.at[part].Content[i])
		}
	}
	if len(f.told) > 0 {
		return nil
	}
	return o.values
}

// A follower is somewhere among the steps of a case.
type follower struct {
	d     *decoder
	node  *yaml.Node   // the step
	round *check.Round // nil outside of repeat

	branch *check.Branch    // nil outside of parallel
	claims map[string]claim // of the branches of this parallel, by what they do

	running   map[string]begun // streams
	captures  map[string]begun
	feeds     map[string]feed
	snapshots map[string]taken
	passed    map[string]int                // snapshots of rounds that are over: their lines
	told      map[topology.Pos]*check.Round // steps with mistakes, and the round that has them first
}

// begun is where something was started that goes on.
type begun struct {
	line  int
	round *check.Round
}

func (f *follower) here() begun { return begun{f.node.Line, f.round} }

// step applies one step to what is known so far.
func (f *follower) step(s map[string]any, node *yaml.Node) {
	f.node = node
	at := f.d.places[node]
	f.enter(at.round)
	f.together(s, at.branch)
	if traffic, ok := s["traffic"].(map[string]any); ok {
		f.traffic(traffic)
	}
	if capture, ok := s["capture"].(map[string]any); ok {
		f.capture(capture)
	}
	if routes, ok := s["routes"].(*Routes); ok {
		f.routes(routes)
	}
	f.snapshot(s)
	if converge, ok := s["converge"].(map[string]any); ok {
		names, _ := converge["streams"].([]any)
		for _, name := range append(names, converge["stream"]) {
			if name, ok := name.(string); ok && f.running[name].line == 0 {
				f.mistake("start it before the fault: traffic: {start: "+name+"}", "stream %s is not running here, so that its outage cannot be seen", name)
			}
		}
	}
}

// mistake tells what is wrong with the step, which may be so in every round: it
// is told of the first.
func (f *follower) mistake(hint, format string, args ...any) {
	at := f.d.pos(f.node)
	if first, told := f.told[at]; told && first != f.round {
		return
	}
	f.told[at] = f.round
	f.d.mistake(f.node, hint, format, args...)
}

// startedAgain is the mistake of starting what runs already.
func (f *follower) startedAgain(hint, what string, was begun) {
	if was.line == f.node.Line && was.round.Together(f.round) {
		f.mistake("stop it in the same round, or start it before the repeat", "%s is still running in %s: it was started in round %d", what, f.round, was.round.Number)
		return
	}
	f.mistake(hint, "%s is already running; it was started on line %d", what, was.line)
}

// stoppedAgain is the mistake of stopping what does not run.
func (f *follower) stoppedAgain(hint, what string) {
	if f.round != nil && f.round.Number > 1 {
		hint = "start it in the same round, or stop it after the repeat"
		what += fmt.Sprintf(" is not running any more in %s", f.round)
	} else {
		what += " is not running here"
	}
	f.mistake(hint, "%s", what)
}

// capture applies a capture step to the set of running captures.
func (f *follower) capture(step map[string]any) {
	start, _ := step["start"].(string)
	stop, _ := step["stop"].(string)
	switch {
	case start != "" && f.captures[start].line != 0:
		f.startedAgain("give it another name", "capture "+start, f.captures[start])
	case stop != "" && f.captures[stop].line == 0:
		f.stoppedAgain(suggestStart(stop, f.captures), "capture "+stop)
	}
	if start != "" {
		f.captures[start] = f.here()
	}
	delete(f.captures, stop)
}

// A feed is routes that were started.
type feed struct {
	begun
	stream string
}

// routes applies a routes step to the set of announced routes.
func (f *follower) routes(step *Routes) {
	was := f.feeds[step.Start+step.Stop] // one is empty
	switch {
	case step.Start != "" && was.line == f.node.Line && was.round.Together(f.round):
		f.mistake("stop them in the same round, or start them before the repeat", "routes %s are still announced in %s: they were started in round %d", step.Start, f.round, was.round.Number)
	case step.Start != "" && was.line != 0:
		f.mistake("give them another name", "routes %s are already announced; they were started on line %d", step.Start, was.line)
	case step.Stop != "" && was.line == 0:
		f.mistake(suggestStart(step.Stop, f.feeds), "routes %s are not announced here", step.Stop)
	case step.Gone != "" && was.stream == "":
		f.mistake("start them with stream: NAME", "routes %s were started on line %d without a stream that could show when they are gone", step.Stop, was.line)
	}
	if step.Start != "" {
		f.feeds[step.Start] = feed{f.here(), step.Stream}
	}
	delete(f.feeds, step.Stop)
}

// suggestStart is a hint for a name that nothing was started under.
func suggestStart[T any](name string, running map[string]T) string {
	if near := nearest(name, slices.Sorted(maps.Keys(running))); near != "" {
		return "did you mean " + near + "?"
	}
	return "start it first"
}

// traffic applies a traffic step to the set of running streams.
func (f *follower) traffic(step map[string]any) {
	start, _ := step["start"].(string)
	stop, _ := step["stop"].(string)
	run, _ := step["run"].(string)
	switch {
	case start != "" && f.running[start].line != 0:
		f.startedAgain("", "stream "+start, f.running[start])
	case run != "" && f.running[run].line != 0:
		f.startedAgain("stop it first, or run another", "stream "+run, f.running[run])
	case stop != "" && f.running[stop].line == 0:
		f.stoppedAgain("start it first: traffic: {start: "+stop+"}", "stream "+stop)
	}
	if start != "" {
		f.running[start] = f.here()
	}
	delete(f.running, stop)
}
