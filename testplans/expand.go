package testplans

import (
	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// A step of a plan may stand for several. They take its place before the case
// is read, so that all that follows (the grammar, the names that steps refer to
// each other by, the plan's hash, its execution) knows plain steps only.

// stepParts are the keys of a case that hold steps.
var stepParts = []string{"setup", "steps", "teardown"}

// maxSteps is how many steps a case may have once they are written out. Each is
// an activity in the history of the case's workflow.
const maxSteps = 1000

// A stepExpander writes out the steps of one combination of a case.
type stepExpander struct {
	d       *decoder
	values  map[string]*yaml.Node // what {name} stands for
	count   int                   // of the steps written out so far
	full    bool                  // there are too many, which is told
	repeats int                   // so far
}

// expand returns a list of steps with values in place of their names, and with
// each step replaced by what it stands for.
func (e *stepExpander) expand(list *yaml.Node) *yaml.Node {
	if list.Kind != yaml.SequenceNode {
		return e.d.substituteIn(list, e.values)
	}
	out := *list
	out.Content = nil
	for _, item := range list.Content {
		if entry(item, "repeat") != nil {
			out.Content = append(out.Content, e.repeat(item)...)
			continue
		}
		out.Content = append(out.Content, e.step(item, nil)...)
	}
	return &out
}

// step returns what one step of the file stands for, in a round if it is in one.
// The nodes that it returns are new; they have the positions of the file.
func (e *stepExpander) step(n *yaml.Node, round *check.Round) []*yaml.Node {
	steps := e.d.jsnapySteps(e.d.substituteIn(n, e.values))
	e.fits(len(steps), n, "split the case")
	e.count += len(steps)
	if round != nil {
		for _, step := range steps {
			e.d.rounds[step] = round
		}
	}
	return steps
}

// fits reports whether a case can have so many steps more. It tells once if not.
func (e *stepExpander) fits(more int, at *yaml.Node, hint string) bool {
	if e.count+more <= maxSteps {
		return true
	}
	if !e.full {
		e.full = true
		e.d.mistake(at, hint, "the case has %d steps with this, and the most is %d", e.count+more, maxSteps)
	}
	return false
}
