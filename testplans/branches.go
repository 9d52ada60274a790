package testplans

import (
	"github.com/ccl-lab/ccl/testplans/check"
)

// Branches of a parallel run at the same time, so that what one does must not
// depend on how far another has come: neither may they deal with the same thing,
// nor may one measure from what another does.

// A claim is what a step of a branch does that no other branch may do too.
type claim struct {
	branch *check.Branch
	line   int
}

// together checks a step against those of the other branches.
func (f *follower) together(s map[string]any, branch *check.Branch) {
	if !branch.Together(f.branch) {
		f.claims = map[string]claim{}
	}
	f.branch = branch
	if branch == nil {
		return
	}
	for _, deed := range f.deeds(s) {
		was, claimed := f.claims[deed]
		switch {
		case !claimed:
			f.claims[deed] = claim{branch, f.node.Line}
		case !was.branch.Same(branch):
			f.mistake("put both into one branch, or one of them before or after the parallel",
				"branch %s %s too, on line %d, and runs at the same time", was.branch.Name, deed, was.line)
		}
	}
	f.measuresFrom(s)
}

// measuresFrom checks that a converge step and the fault that it measures from
// are not in two branches.
func (f *follower) measuresFrom(s map[string]any) {
	const breaks, judges = "a fault or commit", "a converge"
	mine, other := "", ""
	switch {
	case s["converge"] != nil:
		mine, other = judges, breaks
	case s["fault"] != nil || s["configure"] != nil || s["rollback"] != nil:
		mine, other = breaks, judges
	default:
		return
	}
	if was, ok := f.claims[other]; ok && !was.branch.Same(f.branch) {
		f.mistake("converge in the branch of the fault, or after the parallel",
			"branch %s has %s on line %d, and what is converged from is decided by chance", was.branch.Name, other, was.line)
	}
	if _, ok := f.claims[mine]; !ok {
		f.claims[mine] = claim{f.branch, f.node.Line}
	}
}

// deeds are what a step does that another branch may not do too, as a predicate.
func (f *follower) deeds(s map[string]any) []string {
	var deeds []string
	add := func(verb string, object any) {
		if name, ok := object.(string); ok && name != "" {
			deeds = append(deeds, verb+" "+name)
		}
	}
	for _, key := range []string{"configure", "rollback"} {
		step, _ := s[key].(map[string]any)
		add("changes", step["node"])
	}
	if fault, ok := s["fault"].(map[string]any); ok {
		add("changes", fault["node"])
		for _, key := range []string{"process", "sessions"} {
			of, _ := fault[key].(map[string]any)
			add("changes", of["node"])
		}
		add("changes the link", f.d.linkOf(fault["link"]))
	}
	for _, key := range []string{"start", "stop", "run"} {
		traffic, _ := s["traffic"].(map[string]any)
		add("has stream", traffic[key])
		capture, _ := s["capture"].(map[string]any)
		add("has capture", capture[key])
	}
	if converge, ok := s["converge"].(map[string]any); ok {
		names, _ := converge["streams"].([]any)
		for _, name := range append(names, converge["stream"]) {
			add("has stream", name)
		}
	}
	if routes, ok := s["routes"].(*Routes); ok {
		add("has routes", routes.Start+routes.Stop)
		add("has stream", routes.Stream)
	}
	if benchmark, ok := s["benchmark"].(map[string]any); ok {
		add("runs", "a benchmark")
		names, _ := benchmark["streams"].([]any)
		for _, name := range names {
			add("has stream", name)
		}
	}
	snapshot, _ := s["snapshot"].(map[string]any)
	add("takes snapshot", snapshot["name"])
	return deeds
}

// linkOf is the same end of a link, whichever a plan names.
func (d *decoder) linkOf(end any) any {
	if d.topology == nil {
		return end
	}
	for _, l := range d.topology.Links {
		if end == l.A.String() || end == l.B.String() {
			return l.A.String()
		}
	}
	return end
}

// otherBranch is the one that takes a snapshot at the same time, "" if none.
func (f *follower) otherBranch(snapshot string) string {
	if was, ok := f.claims["takes snapshot "+snapshot]; ok && f.branch != nil && !was.branch.Same(f.branch) {
		return was.branch.Name
	}
	return ""
}

// takenBeside is the mistake of comparing with a snapshot of another branch.
func (f *follower) takenBeside(branch, snapshot string) {
	f.mistake("take it in the same branch, or before the parallel", "branch %s takes snapshot %s, and runs at the same time", branch, snapshot)
}
