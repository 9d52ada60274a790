package testplans

import (
	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// branchTable is the branches of a parallel, by name.
type branchTable struct{}

var branchSteps = innerSteps{without: "parallel"}

func (branchTable) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode {
		d.mistake(n, "give each branch a name: {upgrade: [steps], probe: [steps]}", "expected the branches by name, not %s", describe(n))
		return nil
	}
	if len(n.Content) == 0 {
		d.mistake(n, "", "this parallel has no branches")
		return nil
	}
	d.entries(n, "parallel", func(_, steps *yaml.Node) { branchSteps.read(d, steps) })
	if len(n.Content) == 2 {
		d.mistake(n, "with one branch the steps can stand without parallel", "there is nothing beside the branch %s", n.Content[0].Value)
	}
	return map[string]any{}
}

func (branchTable) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "object", "minProperties": 2,
		"propertyNames": map[string]any{"pattern": namePattern}, "additionalProperties": branchSteps.schema(w)}
}

// parallel writes out the branches of a step, one after the other.
func (e *stepExpander) parallel(n *yaml.Node) []*yaml.Node {
	if e.at.branch != nil {
		e.d.mistake(keyNode(n, "parallel"), "give its branches to the outer one", "parallel cannot stand inside of a parallel")
		return nil
	}
	head, read := e.head(n, "parallel")
	e.parallels++
	branch := check.Branch{Parallel: e.parallels, InRound: e.at.round != nil}
	branch.Title, _ = read["title"].(string)
	branches := entry(n, "parallel")
	var all []*yaml.Node
	for i := 0; branches.Kind == yaml.MappingNode && i+1 < len(branches.Content); i += 2 {
		name, steps := branches.Content[i], branches.Content[i+1]
		if steps.Kind != yaml.SequenceNode {
			continue // which is told
		}
		this := branch
		this.Name = name.Value
		e.at.branch = &this
		all = append(all, e.steps(steps.Content)...)
	}
	e.at.branch = nil
	if len(all) == 0 {
		return []*yaml.Node{head}
	}
	return all
}
