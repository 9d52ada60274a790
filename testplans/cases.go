package testplans

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology/clabfile"
)

func wantName(s string) error {
	if !validName.MatchString(s) {
		return fmt.Errorf("%q has characters other than letters, digits and ._:-", s)
	}
	return nil
}

var planName = checked("a name of letters, digits and ._:-, such as ring-rollout", map[string]any{"type": "string", "pattern": namePattern}, wantName)

// caseIDPattern keeps IDs fit for file names, tables and test tools.
const caseIDPattern = `^[A-Za-z][A-Za-z0-9._-]{0,63}$`

var validCaseID = regexp.MustCompile(caseIDPattern)

var caseID = checked("an ID such as OSPF-001: a letter, then letters, digits and ._-", map[string]any{"type": "string", "pattern": caseIDPattern},
	func(s string) error {
		if !validCaseID.MatchString(s) {
			return fmt.Errorf("%q cannot be the ID of a case", s)
		}
		return nil
	})

// topologyPath reads the topology at once: what follows refers to its nodes.
var topologyPath = scalar{what: "the path of a topology file, relative to the plan", json: stringSchema("../../labs/ring/ring.clab.yml"),
	parse: func(d *decoder, n *yaml.Node) any {
		path := n.Value
		if !filepath.IsAbs(path) {
			path = filepath.Join(filepath.Dir(d.file), path)
		}
		abs, err := filepath.Abs(path)
		if err == nil {
			d.topology, err = d.lookup(abs)
		}
		if err != nil {
			d.topology = nil
			d.topologyMistakes(n, abs, err)
			return nil
		}
		d.topologyPath = abs
		return abs
	}}

// topologyMistakes reports why the topology file that n names cannot be used: what
// is wrong in it as mistakes of that file, under the name that leads there from
// where the user is.
func (d *decoder) topologyMistakes(n *yaml.Node, abs string, err error) {
	var wrong *clabfile.Error
	if !errors.As(err, &wrong) {
		d.mistake(n, "the path is relative to the plan", "cannot use the topology: %v", plainPathError(err))
		return
	}
	for _, p := range wrong.Problems {
		if p.Pos.File == abs && !filepath.IsAbs(n.Value) {
			p.Pos.File = filepath.Join(filepath.Dir(d.file), n.Value)
		}
		d.mistakes = append(d.mistakes, Mistake(p))
	}
}

// requirementTable reads requirements:, a mapping from IDs to sentences.
type requirementTable struct{}

func (requirementTable) read(d *decoder, n *yaml.Node) any {
	requirements := []any{}
	d.entries(n, "requirements", func(key, value *yaml.Node) {
		d.requirements = append(d.requirements, key.Value)
		if text := sentence.read(d, value); text != nil {
			requirements = append(requirements, Requirement{ID: key.Value, Text: text.(string)})
		}
	})
	return requirements
}

func (requirementTable) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "object", "propertyNames": map[string]any{"pattern": namePattern},
		"additionalProperties": map[string]any{"type": "string"}}
}

// caseList reads cases:, multiplying those with a matrix.
type caseList struct{}

func (caseList) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "array", "minItems": 1, "items": caseShape.schema(w)}
}

// A family is the case of the file that one or more cases are made from.
type family struct {
	node       *yaml.Node
	parameters []parameter
	count      int
}

func (f family) id() string {
	if n := entry(f.node, "id"); n != nil && n.Kind == yaml.ScalarNode {
		return n.Value
	}
	return "?"
}

// entry is the value of a mapping's key, nil if it has none.
func entry(n *yaml.Node, key string) *yaml.Node {
	for i := 0; n.Kind == yaml.MappingNode && i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return n.Content[i+1]
		}
	}
	return nil
}

func (caseList) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.SequenceNode || len(n.Content) == 0 {
		d.mistake(n, "a plan has at least one case", "cases must be a list of cases, not %s", describe(n))
		return nil
	}
	families := make([]family, len(n.Content))
	for i, node := range n.Content {
		families[i] = family{node: node, count: 1}
		if m := entry(node, "matrix"); m != nil {
			families[i].parameters = d.matrix(m)
			families[i].count = combinations(families[i].parameters, maxCombinations)
		}
	}
	fits := d.withinCap(n, families)
	var cases []any
	for _, f := range families {
		d.claim(f.node, "")
		count := f.count
		if !fits {
			count = 1 // one of each is enough to find the other mistakes
		}
		for i := range count {
			if c := d.oneCase(f, combination(f.parameters, i)); c != nil {
				cases = append(cases, c)
			}
		}
	}
	return cases
}

// maxCombinations is where counting stops.
const maxCombinations = 1_000_000

// withinCap counts the cases and reports whether the service takes that many.
func (d *decoder) withinCap(n *yaml.Node, families []family) bool {
	total := 0
	for _, f := range families {
		total += f.count
	}
	if total <= MaxCases {
		return true
	}
	d.tooMany = min(total, maxCombinations)
	biggest := slices.Clone(families)
	slices.SortStableFunc(biggest, func(a, b family) int { return cmp.Compare(b.count, a.count) })
	var parts []string
	for _, f := range biggest[:min(3, len(biggest))] {
		if f.count > 1 {
			parts = append(parts, fmt.Sprintf("%s makes %s%d (%s)", f.id(), orMore(f.count), min(f.count, maxCombinations), f.factors()))
		}
	}
	hint := strings.Join(parts, ", ")
	if hint == "" {
		hint = "split the plan, or join cases"
	}
	d.mistake(n, hint, "%s%d cases after expansion, the service's cap is %d", orMore(total), min(total, maxCombinations), MaxCases)
	return false
}

func orMore(count int) string {
	if count > maxCombinations {
		return "more than "
	}
	return ""
}

// factors is how a matrix comes to its count: "pref 3 × node 4".
func (f family) factors() string {
	parts := make([]string, len(f.parameters))
	for i, p := range f.parameters {
		parts[i] = fmt.Sprintf("%s %d", p.name, len(p.values))
	}
	return strings.Join(parts, " × ")
}

// oneCase reads one combination of a case, nil after a mistake.
func (d *decoder) oneCase(f family, values []*yaml.Node) any {
	if f.node.Kind != yaml.MappingNode {
		return caseShape.read(d, f.node)
	}
	extra := suffix(f.parameters, values)
	if extra != "" {
		d.claim(f.node, extra)
	}
	read, ok := caseShape.read(d, d.substitute(f.node, f.parameters, values)).(map[string]any)
	if !ok {
		return nil
	}
	read["id"] = fmt.Sprint(read["id"]) + extra
	read["pos"] = d.pos(f.node)
	if len(values) > 0 {
		params := map[string]string{}
		for i, p := range f.parameters {
			params[p.name] = values[i].Value
		}
		read["params"] = params
	}
	return read
}

// claim takes the case's ID, which no other case may have.
func (d *decoder) claim(n *yaml.Node, extra string) {
	at := entry(n, "id")
	if at == nil || at.Kind != yaml.ScalarNode || at.Value == "" {
		return
	}
	id := at.Value + extra // the base is claimed for the whole matrix
	first, taken := d.caseIDs[id]
	switch {
	case taken && first == d.pos(at):
		d.mistake(at, "values differ only in characters that IDs cannot have", "two combinations of this case's matrix make the ID %s", id)
		return
	case taken:
		d.mistake(at, "IDs are permanent and unique; choose another", "case ID %s is used twice; it is already on line %d", id, first.Line)
		return
	}
	d.caseIDs[id] = d.pos(at)
}

// remarshal turns what was read into the plan's types. The grammar and the
// types agree, so an error here is a defect of this package.
func remarshal(read any, into any) error {
	data, err := json.Marshal(read)
	if err != nil {
		return err
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}
