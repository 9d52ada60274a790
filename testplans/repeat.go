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
		{key: "steps", is: innerSteps{without: "repeat"}, required: true,
			doc: "The steps of each round; {round} in a text is the round's number, from 1. A snapshot is kept until its round ends."},
	},
}

// innerSteps are the steps inside of one that stands for several. They are read
// when they are written out.
type innerSteps struct{ without string } // a key of steps that it cannot have

func (innerSteps) read(d *decoder, n *yaml.Node) any {
	switch {
	case n.Kind != yaml.SequenceNode:
		d.mistake(n, "", "expected a list of steps, not %s", describe(n))
		return nil
	case len(n.Content) == 0:
		d.mistake(n, "", "this list is empty")
		return nil
	}
	return []any{}
}

func (s innerSteps) schema(w *schemaWriter) map[string]any {
	item := stepShape.schema(w)
	item["not"] = map[string]any{"required": []string{s.without}}
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
	key := keyNode(n, "repeat")
	if e.at.round != nil {
		e.d.mistake(key, "write the inner rounds out, or repeat the outer ones more often", "repeat cannot stand inside of a repeat")
		return nil
	}
	head, read := e.head(n, "steps")
	steps := entry(entry(n, "repeat"), "steps")
	if steps == nil || steps.Kind != yaml.SequenceNode {
		return []*yaml.Node{head} // whose mistakes are told already
	}
	e.repeats++
	round := check.Round{Repeat: e.repeats, Times: 1}
	if taken := e.values[roundName]; taken != nil {
		e.d.mistake(key, "give the matrix value another name",
			"{round} is the number of the round here, and a value of the case's matrix on line %d", taken.Line)
	} else if read != nil {
		round.Title, _ = read["title"].(string)
		round.Times, _ = strconv.Atoi(entry(entry(head, "repeat"), "times").Value) // it was read
	}
	if all := e.rounds(round, head, steps.Content); len(all) > 0 {
		return all
	}
	return []*yaml.Node{head}
}

// rounds writes out every round of a repeat, or only the first if they are more
// than a case takes.
func (e *stepExpander) rounds(round check.Round, head *yaml.Node, steps []*yaml.Node) []*yaml.Node {
	outside, before := e.values, e.count
	defer func() { e.values, e.at.round = outside, nil }()
	e.values = maps.Clone(outside)
	var all []*yaml.Node
	for number := 1; number <= round.Times; number++ {
		this := round
		this.Number = number
		e.at.round = &this
		e.values[roundName] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!int", Value: strconv.Itoa(number)}
		all = append(all, e.steps(steps)...)
		if number > 1 || round.Times == 1 {
			continue
		}
		each := e.count - before
		hint := fmt.Sprintf("%d rounds of %d steps are %d: repeat less often, or split the case", round.Times, each, round.Times*each)
		if !e.fits((round.Times-1)*each, entry(entry(head, "repeat"), "times"), hint) {
			break
		}
	}
	return all
}
