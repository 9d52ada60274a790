package testplans

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// followNames follows streams, captures, routes and snapshots through a case's
// steps: what is stopped, judged or compared with must have been started or
// taken, and nothing twice. What still runs when the case ends is stopped for it.
func followNames(d *decoder, o *object) any {
	running := map[string]int{} // the line on which each was started
	captures := map[string]int{}
	feeds := map[string]feed{}
	snapshots := map[string]taken{}
	before := len(d.mistakes)
	for _, part := range []string{"setup", "steps", "teardown"} {
		steps, _ := o.values[part].([]any)
		for i, step := range steps {
			s, _ := step.(map[string]any)
			node := o.at[part].Content[i]
			if traffic, ok := s["traffic"].(map[string]any); ok {
				d.traffic(running, traffic, node)
			}
			if capture, ok := s["capture"].(map[string]any); ok {
				d.captures(captures, capture, node)
			}
			if routes, ok := s["routes"].(*Routes); ok {
				d.feeds(feeds, routes, node)
			}
			d.snapshots(snapshots, s, node)
			if converge, ok := s["converge"].(map[string]any); ok {
				names, _ := converge["streams"].([]any)
				for _, name := range append(names, converge["stream"]) {
					if name, ok := name.(string); ok && running[name] == 0 {
						d.mistake(node, "start it before the fault: traffic: {start: "+name+"}", "stream %s is not running here, so that its outage cannot be seen", name)
					}
				}
			}
		}
	}
	if len(d.mistakes) > before {
		return nil
	}
	return o.values
}

// captures applies one capture step to the set of running captures.
func (d *decoder) captures(running map[string]int, step map[string]any, node *yaml.Node) {
	start, _ := step["start"].(string)
	stop, _ := step["stop"].(string)
	switch {
	case start != "" && running[start] != 0:
		d.mistake(node, "give it another name", "capture %s is already running; it was started on line %d", start, running[start])
	case stop != "" && running[stop] == 0:
		d.mistake(node, suggestStart(stop, running), "capture %s is not running here", stop)
	}
	if start != "" {
		running[start] = node.Line
	}
	delete(running, stop)
}

// A feed is routes that were started on a line.
type feed struct {
	line   int
	stream string
}

// feeds applies one routes step to the set of announced routes.
func (d *decoder) feeds(running map[string]feed, step *Routes, node *yaml.Node) {
	was := running[step.Start+step.Stop] // one is empty
	switch {
	case step.Start != "" && was.line != 0:
		d.mistake(node, "give them another name", "routes %s are already announced; they were started on line %d", step.Start, was.line)
	case step.Stop != "" && was.line == 0:
		d.mistake(node, suggestStart(step.Stop, running), "routes %s are not announced here", step.Stop)
	case step.Gone != "" && was.stream == "":
		d.mistake(node, "start them with stream: NAME", "routes %s were started on line %d without a stream that could show when they are gone", step.Stop, was.line)
	}
	if step.Start != "" {
		running[step.Start] = feed{node.Line, step.Stream}
	}
	delete(running, step.Stop)
}

// suggestStart is a hint for a name that nothing was started under.
func suggestStart[T any](name string, running map[string]T) string {
	if near := nearest(name, slices.Sorted(maps.Keys(running))); near != "" {
		return "did you mean " + near + "?"
	}
	return "start it first"
}

// traffic applies one traffic step to the set of running streams.
func (d *decoder) traffic(running map[string]int, step map[string]any, node *yaml.Node) {
	start, _ := step["start"].(string)
	stop, _ := step["stop"].(string)
	run, _ := step["run"].(string)
	switch {
	case start != "" && running[start] != 0:
		d.mistake(node, "", "stream %s is already running; it was started on line %d", start, running[start])
	case run != "" && running[run] != 0:
		d.mistake(node, "stop it first, or run another", "stream %s is already running; it was started on line %d", run, running[run])
	case stop != "" && running[stop] == 0:
		d.mistake(node, "start it first: traffic: {start: "+stop+"}", "stream %s is not running here", stop)
	}
	if start != "" {
		running[start] = node.Line
	}
	delete(running, stop)
}
