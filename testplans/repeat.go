package testplans

import (
	"fmt"
	"maps"
	"strconv"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// roundName is what stands for the number of the round: {round}.
const roundName = "round"

var repeatShape = &shape{
	name: "repeat",
	doc:  "Steps that are run several times, one round after the other.",
	fields: []field{
		{key: "times", is: integer(1, maxSteps), required: true, doc: "How many rounds there are."},
		{key: "steps", is: roundSteps{}, required: true,
			doc: "The steps of each round; {round} in a text is the round's number, from 1. A snapshot is kept until its round ends."},
	},
}

// roundSteps checks the steps of a repeat as far as they are not read one by one
// in each round.
type roundSteps struct{}

func (roundSteps) read(d *decoder, n *yaml.Node) any {
	switch {
	case n.Kind != yaml.SequenceNode:
		d.mistake(n, "", "expected a list of steps, not %s", describe(n))
		return nil
	case len(n.Content) == 0:
		d.mistake(n, "", "this list is empty")
		return nil
	}
	for _, item := range n.Content {
		if key := keyNode(item, "repeat"); key != nil {
			d.mistake(key, "write the inner rounds out, or repeat the outer ones more often", "repeat cannot stand inside of a repeat")
		}
	}
	return []any{}
}

func (roundSteps) schema(w *schemaWriter) map[string]any {
	item := stepShape.schema(w)
	item["not"] = map[string]any{"required": []string{"repeat"}}
	return map[string]any{"type": "array", "minItems": 1, "items": item}
}

// keyNode is the key of a mapping's entry, nil if it has none.
func keyNode(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i]
		}
	}
	return nil
}

// repeat writes out the rounds of a step. Of one with mistakes there is one
// round, which is enough to find the mistakes in its steps.
func (e *stepExpander) repeat(n *yaml.Node) []*yaml.Node {
	head := e.head(n)
	e.d.above = append(e.d.above, caseShape)
	read, ok := stepShape.read(e.d, head).(map[string]any)
	e.d.above = e.d.above[:len(e.d.above)-1]
	round := check.Round{Times: 1}
	steps := entry(entry(n, "repeat"), "steps")
	if ok {
		round.Title, _ = read["title"].(string)
		round.Times = e.times(n, head, len(steps.Content))
	}
	if steps == nil || steps.Kind != yaml.SequenceNode || len(steps.Content) == 0 {
		return []*yaml.Node{head} // whose mistakes are told already
	}
	e.repeats++
	round.Repeat = e.repeats
	if all := e.rounds(round, steps); len(all) > 0 {
		return all
	}
	return []*yaml.Node{head}
}

// head is a repeat with the values of the matrix in place of their names, but
// for its steps: they are not in a round yet.
func (e *stepExpander) head(n *yaml.Node) *yaml.Node {
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, child := range n.Content {
		switch key := n.Content[i&^1].Value; {
		case i%2 == 0:
			out.Content[i] = child
		case key == "repeat" && child.Kind == yaml.MappingNode:
			out.Content[i] = e.head(child)
		case key == "steps":
			out.Content[i] = child
		default:
			out.Content[i] = e.d.substituteIn(child, e.values)
		}
	}
	return &out
}

// times is how many rounds a repeat without mistakes has: 1 if there are too many.
func (e *stepExpander) times(n, head *yaml.Node, steps int) int {
	if taken := e.values[roundName]; taken != nil {
		e.d.mistake(keyNode(n, "repeat"), "give the matrix value another name",
			"{round} is the number of the round here, and a value of the case's matrix on line %d", taken.Line)
		return 1
	}
	at := entry(entry(head, "repeat"), "times")
	times, _ := strconv.Atoi(at.Value) // it was read
	hint := fmt.Sprintf("%d rounds of %d steps are %d: repeat less often, or split the case", times, steps, times*steps)
	if !e.fits(times*steps, at, hint) {
		return 1
	}
	return times
}

// rounds writes out every round of a repeat.
func (e *stepExpander) rounds(round check.Round, steps *yaml.Node) []*yaml.Node {
	outside := e.values
	defer func() { e.values = outside }()
	e.values = maps.Clone(outside)
	var all []*yaml.Node
	for i := range round.Times {
		this := round
		this.Number = i + 1
		e.values[roundName] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(this.Number)}
		for _, item := range steps.Content {
			if entry(item, "repeat") == nil { // that is told already
				all = append(all, e.step(item, &this)...)
			}
		}
	}
	return all
}
