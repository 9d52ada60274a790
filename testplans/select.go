package testplans

import (
	"fmt"
	"path"
	"slices"
	"strings"
)

// Select returns the plan with only some of its cases: those whose ID matches
// one of the patterns in cases, if there are any, and that carry one of tags,
// if there are any. A pattern is an ID, a case's ID without the [matrix] part,
// or a glob of * and ?. Order, hash and everything else stay the plan's. A
// pattern or tag that selects nothing is an error.
func (p *Plan) Select(cases, tags []string) (*Plan, error) {
	if err := p.knows(cases, tags); err != nil {
		return nil, err
	}
	out := *p
	out.Cases = nil
	for _, c := range p.Cases {
		if c.named(cases) && c.tagged(tags) {
			out.Cases = append(out.Cases, c)
		}
	}
	if len(out.Cases) == 0 {
		return nil, fmt.Errorf("no case is both %s and tagged %s", strings.Join(cases, " or "), strings.Join(tags, " or "))
	}
	return &out, nil
}

// knows reports the first pattern or tag that no case answers to.
func (p *Plan) knows(cases, tags []string) error {
	for _, pattern := range cases {
		if slices.ContainsFunc(p.Cases, func(c Case) bool { return c.matches(pattern) }) {
			continue
		}
		ids := make([]string, len(p.Cases))
		for i, c := range p.Cases {
			ids[i] = c.ID
		}
		return fmt.Errorf("no case is called %s; %s", pattern, suggest(pattern, ids))
	}
	for _, tag := range tags {
		if slices.ContainsFunc(p.Cases, func(c Case) bool { return slices.Contains(c.Tags, tag) }) {
			continue
		}
		hint := "this plan has no tags"
		if all := p.Tags(); len(all) > 0 {
			hint = suggest(tag, all)
		}
		return fmt.Errorf("no case is tagged %s; %s", tag, hint)
	}
	return nil
}

// Unproven returns the requirements that no case of the plan proves, in the
// plan's order. Cases that the lab cannot run prove nothing.
func (p *Plan) Unproven() []Requirement {
	var open []Requirement
	for _, r := range p.Requirements {
		proves := func(c Case) bool { return c.Requirement == r.ID && c.Infeasible == "" }
		if !slices.ContainsFunc(p.Cases, proves) {
			open = append(open, r)
		}
	}
	return open
}

// Tags returns every tag of the plan, sorted.
func (p *Plan) Tags() []string {
	var all []string
	for _, c := range p.Cases {
		all = append(all, c.Tags...)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (c *Case) named(patterns []string) bool {
	return len(patterns) == 0 || slices.ContainsFunc(patterns, c.matches)
}

func (c *Case) tagged(tags []string) bool {
	return len(tags) == 0 || slices.ContainsFunc(tags, func(t string) bool { return slices.Contains(c.Tags, t) })
}

// idGlob keeps path.Match from giving brackets and slashes, which IDs have, a
// meaning of their own.
var idGlob = strings.NewReplacer("[", `\[`, "]", `\]`, `\`, `\\`, "/", "|")

func (c *Case) matches(pattern string) bool {
	base, _, _ := strings.Cut(c.ID, "[")
	if pattern == c.ID || pattern == base {
		return true
	}
	for _, id := range []string{c.ID, base} {
		if ok, err := path.Match(idGlob.Replace(pattern), strings.ReplaceAll(id, "/", "|")); err == nil && ok {
			return true
		}
	}
	return false
}
