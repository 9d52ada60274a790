package testplans

import "go.yaml.in/yaml/v3"

// isPlan reports whether a file is meant to be a plan. Of one that is meant for
// another command it says so, in place of a mistake for every key.
func (d *decoder) isPlan(root *yaml.Node) bool {
	if root.Kind != yaml.MappingNode {
		return true // the shape says the rest
	}
	value := map[string]*yaml.Node{}
	for i := 0; i+1 < len(root.Content); i += 2 {
		value[root.Content[i].Value] = root.Content[i+1]
	}
	topology := value["topology"]
	switch {
	case value["plan"] != nil || value["cases"] != nil:
		return true
	case topology != nil && topology.Kind == yaml.MappingNode:
		d.mistake(root, "a plan names it: topology: ring.clab.yml; ccl lab deploy deploys it", "this is a topology, not a plan")
	case value["engagement"] != nil && value["contract"] != nil:
		d.mistake(root, "ccl engagement start takes it in", "this is an engagement, not a plan")
	default:
		return true
	}
	return false
}
