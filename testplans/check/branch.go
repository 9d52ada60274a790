package check

// A Branch says which of several sequences, run at the same time, a step belongs
// to. A plan's parallel is written out when the plan is loaded: its steps stand
// one after the other, branch by branch, and those of the same parallel next to
// each other.
type Branch struct {
	Parallel int    `json:"parallel"`        // which parallel of the case, from 1, through all its phases
	Name     string `json:"name"`            // of the branch, unique in the parallel
	Title    string `json:"title,omitempty"` // of the parallel, if its author gave one
	// InRound says that the whole parallel stands in a round of a repeat. Otherwise
	// the round of a step, if it has one, is of a repeat in its branch.
	InRound bool `json:"inRound,omitempty"`
}

// Before puts the branch in front of what is said of one of its steps: "Branch
// probe: Ping h2 from h1". What belongs to no branch stays as it is.
func (b *Branch) Before(text string) string {
	if b == nil {
		return text
	}
	return "Branch " + b.Name + ": " + text
}

// Within puts the branch and the round of a step, either of which may be nil, in
// front of what is said of it, the outer one first.
func (b *Branch) Within(r *Round, text string) string {
	if b != nil && b.InRound {
		return r.Before(b.Before(text))
	}
	return b.Before(r.Before(text))
}

// Heading is the parallel as a whole.
func (b *Branch) Heading() string {
	if b.Title == "" {
		return "In parallel"
	}
	return b.Title
}

// Together reports whether two steps, of which either may belong to no branch,
// belong to the same parallel.
func (b *Branch) Together(other *Branch) bool {
	return b != nil && other != nil && b.Parallel == other.Parallel
}

// Same reports whether they belong to the same branch of it too.
func (b *Branch) Same(other *Branch) bool { return b.Together(other) && b.Name == other.Name }
