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

// A stepPlace is where a step that was written out stands.
type stepPlace struct {
	round  *check.Round  // nil outside of repeat
	branch *check.Branch // nil outside of parallel
}

// A stepExpander writes out the steps of one combination of a case.
type stepExpander struct {
	d      *decoder
	values map[string]*yaml.Node // what {name} stands for
	at     stepPlace

	count     int  // of the steps written out so far
	full      bool // there are too many, which is told
	repeats   int  // so far
	parallels int
}

// expand returns a list of steps with values in place of their names, and with
// each step replaced by what it stands for.
func (e *stepExpander) expand(list *yaml.Node) *yaml.Node {
	if list.Kind != yaml.SequenceNode {
		return e.d.substituteIn(list, e.values)
	}
	out := *list
	out.Content = e.steps(list.Content)
	return &out
}

func (e *stepExpander) steps(items []*yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	for _, item := range items {
		switch {
		case entry(item, "repeat") != nil:
			all = append(all, e.repeat(item)...)
		case entry(item, "parallel") != nil:
			all = append(all, e.parallel(item)...)
		default:
			all = append(all, e.step(item)...)
		}
	}
	return all
}

// step returns what a step of the file stands for that is neither repeat nor
// parallel. The nodes that it returns are new; they have the positions of the
// file.
func (e *stepExpander) step(n *yaml.Node) []*yaml.Node {
	steps := e.d.jsnapySteps(e.d.substituteIn(n, e.values))
	e.fits(len(steps), n, "split the case")
	e.count += len(steps)
	if e.at != (stepPlace{}) {
		for _, step := range steps {
			e.d.places[step] = e.at
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

// head is a step that stands for several with the values of the matrix in place
// of their names, but for the steps in it: they are not in their places yet. Its
// mistakes are told; without any it is returned as it was read.
func (e *stepExpander) head(n *yaml.Node, inside string) (head *yaml.Node, read map[string]any) {
	head = e.shallow(n, inside)
	e.d.above = append(e.d.above, caseShape)
	defer func() { e.d.above = e.d.above[:len(e.d.above)-1] }()
	read, _ = stepShape.read(e.d, head).(map[string]any)
	return head, read
}

// shallow copies a mapping and puts the values in, except inside of one key of
// one of its own values.
func (e *stepExpander) shallow(n *yaml.Node, except string) *yaml.Node {
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		switch key := n.Content[i&^1].Value; {
		case i%2 == 0 || key == except:
			out.Content[i] = child
		case child.Kind == yaml.MappingNode:
			out.Content[i] = e.shallow(child, except)
		default:
			out.Content[i] = e.d.substituteIn(child, e.values)
		}
	}
	return &out
}
