package testplans

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/yamltext"
)

// A decoder holds what reading one plan has found out so far.
type decoder struct {
	file     string // as the user named it
	document string // what the file is called in messages; a plan if empty
	lookup   TopologyLoader
	mistakes Mistakes
	files    []File // that the document names, as they were read

	topology     *topology.Topology // nil if it could not be read; then names of nodes go unchecked
	topologyPath string             // absolute
	requirements []string
	streams      []string
	read         map[string]readStream // the streams that are without mistakes
	pairs        map[string]bool       // streams that are bidirectional
	caseIDs      map[string]topology.Pos
	testFiles    map[string]*testFile       // JSNAPy's, by the names that the plan has for them
	sections     map[*yaml.Node]sectionStep // what the parts of a jsnapy step stand for
	places       map[*yaml.Node]stepPlace   // of the steps that stand in a repeat or a parallel
	above        []*shape                   // those around what is being read, the outermost first
	tooMany      int                        // cases after expansion, if they are more than MaxCases
}

func (d *decoder) noun() string {
	if d.document != "" {
		return d.document
	}
	return "plan"
}

func (d *decoder) pos(n *yaml.Node) topology.Pos {
	return topology.Pos{File: d.file, Line: n.Line, Column: n.Column}
}

// mistake records what is wrong at a node.
func (d *decoder) mistake(n *yaml.Node, hint, format string, args ...any) {
	d.mistakes = append(d.mistakes, Mistake{Pos: d.pos(n), Message: fmt.Sprintf(format, args...), Hint: hint})
}

// parse reads YAML into a tree without aliases.
func (d *decoder) parse(data []byte) *yaml.Node {
	var doc, next yaml.Node
	documents := yaml.NewDecoder(bytes.NewReader(data))
	err := documents.Decode(&doc)
	switch {
	case errors.Is(err, io.EOF) || err == nil && len(doc.Content) == 0:
		d.mistake(&yaml.Node{Line: 1, Column: 1}, "", "the %s is empty", d.noun())
		return nil
	case err != nil:
		d.mistakes = append(d.mistakes, syntaxMistake(d.file, data, err))
		return nil
	}
	if err := documents.Decode(&next); err == nil {
		d.mistake(&next, "make it a file of its own", "the %s is one YAML document; here begins another", d.noun())
	} else if !errors.Is(err, io.EOF) {
		d.mistakes = append(d.mistakes, syntaxMistake(d.file, data, err))
	}
	e := expander{d: d, budget: maxNodes, open: map[*yaml.Node]bool{}}
	return e.expand(doc.Content[0])
}

// syntaxMistake explains a text that is not YAML.
func syntaxMistake(file string, text []byte, err error) Mistake {
	f := yamltext.Diagnose(string(text), err)
	pos := topology.Pos{File: file, Line: max(1, f.Line), Column: max(1, f.Column)}
	return Mistake{Pos: pos, Message: "this is not YAML: " + f.Message, Hint: f.Hint}
}

// maxNodes bounds the size of a plan once its aliases are expanded; a plan of
// a hundred cases has a few thousand.
const maxNodes = 200_000

// An expander replaces aliases by copies of what they name.
type expander struct {
	d      *decoder
	budget int
	open   map[*yaml.Node]bool // anchors being expanded
}

var errTooLarge = errors.New("too large")

// expand returns a copy of the tree without aliases, or nil after a mistake.
func (e *expander) expand(n *yaml.Node) *yaml.Node {
	out, err := e.copy(n)
	switch {
	case errors.Is(err, errTooLarge):
		e.d.mistake(n, "", "the plan is larger than %d values after its aliases are expanded", maxNodes)
		return nil
	case err != nil:
		return nil
	}
	return out
}

func (e *expander) copy(n *yaml.Node) (*yaml.Node, error) {
	if e.budget--; e.budget < 0 {
		return nil, errTooLarge
	}
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	if e.open[n] {
		e.d.mistake(n, "", "the alias %q contains itself", n.Anchor)
		return nil, errors.New("recursive alias")
	}
	e.open[n] = true
	defer delete(e.open, n)
	out := *n
	out.Anchor, out.Content = "", nil
	for _, child := range n.Content {
		c, err := e.copy(child)
		if err != nil {
			return nil, err
		}
		out.Content = append(out.Content, c)
	}
	return &out, nil
}
