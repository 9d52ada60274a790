package clabfile

import (
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/agext/levenshtein"
	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/yamltext"
)

// A Problem is one thing wrong in a topology file.
type Problem struct {
	Pos     topology.Pos
	Message string // what is wrong and what was expected
	Hint    string // what to do about it; may be empty
}

// String is the problem on one line, with its place and without the hint.
func (p Problem) String() string { return p.Pos.String() + ": " + p.Message }

// An Error is everything wrong in a topology file, in the order of the file.
type Error struct {
	Problems []Problem
}

// Error lists the problems, one a line, each hint indented below its problem.
func (e *Error) Error() string {
	var b strings.Builder
	for i, p := range e.Problems {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(p.String())
		if p.Hint != "" {
			b.WriteString("\n  hint: " + p.Hint)
		}
	}
	return b.String()
}

// report collects the problems of one file.
type report struct {
	file     string
	problems []Problem
}

// add notes a problem, once: many nodes may inherit the same mistake.
func (r *report) add(p Problem) {
	if !slices.Contains(r.problems, p) {
		r.problems = append(r.problems, p)
	}
}

// at reports a problem at a node of the file; a nil node is the file itself.
func (r *report) at(n *yaml.Node, message, hint string) {
	r.add(Problem{Pos: r.pos(n), Message: message, Hint: hint})
}

func (r *report) pos(n *yaml.Node) topology.Pos {
	if n == nil {
		return topology.Pos{File: r.file}
	}
	return topology.Pos{File: r.file, Line: n.Line, Column: n.Column}
}

func (r *report) failed() bool { return len(r.problems) > 0 }

// err returns the problems in the order of the file.
func (r *report) err() error {
	if !r.failed() {
		return nil
	}
	sort.SliceStable(r.problems, func(i, j int) bool {
		a, b := r.problems[i].Pos, r.problems[j].Pos
		if a.Line != b.Line {
			return a.Line < b.Line
		}
		return a.Column < b.Column
	})
	return &Error{Problems: r.problems}
}

// yamlProblem explains a text that is not YAML.
func yamlProblem(file, text string, err error) Problem {
	f := yamltext.Diagnose(text, err)
	if strings.Contains(text, "{{") {
		f.Hint = "it looks like a template: render it first"
	}
	return Problem{Pos: topology.Pos{File: file, Line: f.Line, Column: f.Column}, Message: "this is not YAML: " + f.Message, Hint: f.Hint}
}

// didYouMean is a hint naming the word nearest to got, or listing the words if
// none is near and they are few, or nothing.
func didYouMean(got string, words []string) string {
	const (
		near = 0.6 // of 1; two letters of five may be wrong
		few  = 8
		long = 64 // no word is near a longer one
	)
	if len(got) > long {
		return ""
	}
	best, score := "", 0.0
	for _, w := range words {
		if s := levenshtein.Match(strings.ToLower(got), strings.ToLower(w), nil); s > score {
			best, score = w, s
		}
	}
	switch {
	case score >= near:
		return fmt.Sprintf("did you mean %s?", best)
	case len(words) > 0 && len(words) <= few:
		return "one of " + strings.Join(words, ", ")
	}
	return ""
}
