package testplans

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/topology"
)

// hash is the sha256 of what the plan tests: its name, type, requirements,
// streams, expanded cases and the name of its topology. Comments, layout, the
// order of keys, positions, paths and titles that were made from steps leave
// it alone, so that a signed scope survives them; rounds stand for the steps
// that they are, and a capture for its content, wherever it lies. It must be
// called before titles are made.
func (p *Plan) hash(topologyName string, files []File) string {
	cases := make([]Case, len(p.Cases))
	for i, c := range p.Cases {
		c.Pos = topology.Pos{}
		c.Setup, c.Steps, c.Teardown = unplaced(c.Setup), unplaced(c.Steps), unplaced(c.Teardown)
		cases[i] = c
	}
	streams := maps.Clone(p.Streams)
	for name, s := range streams {
		if s.Capture != "" {
			s.Capture = contentOf(s.Capture, files)
			streams[name] = s
		}
	}
	content, err := json.Marshal(struct {
		Name, Topology string
		Type           Type
		Requirements   []Requirement
		Streams        any
		Cases          []Case
	}{p.Name, topologyName, p.Type, p.Requirements, streams, cases})
	if err != nil {
		panic("testplans: a plan is plain data: " + err.Error())
	}
	return hashOf(content)
}

// contentOf is the sha256 of a file that was read; one that was not has none.
func contentOf(path string, files []File) string {
	for i := range files {
		if files[i].Path == path {
			return hashOf(files[i].Content)
		}
	}
	return ""
}

func hashOf(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

func unplaced(steps []Step) []Step {
	out := make([]Step, len(steps))
	for i, s := range steps {
		s.Pos, s.Round, s.GoOn = topology.Pos{}, nil, false
		if s.Branch != nil {
			s.Branch = &check.Branch{Parallel: s.Branch.Parallel, Name: s.Branch.Name}
		}
		out[i] = s
	}
	return out
}

// Hash is the sha256 of what one case tests. As with the plan's hash, layout
// and positions leave it alone; so do titles, which may be made from steps.
func (c Case) Hash() string {
	c.Pos = topology.Pos{}
	c.Setup, c.Steps, c.Teardown = untitled(c.Setup), untitled(c.Steps), untitled(c.Teardown)
	content, err := json.Marshal(c)
	if err != nil {
		panic("testplans: a case is plain data: " + err.Error())
	}
	return hashOf(content)
}

func untitled(steps []Step) []Step {
	out := unplaced(steps)
	for i := range out {
		out[i].Title = ""
	}
	return out
}
