package scope

import (
	"fmt"
	"strings"
)

// A Case is one case of a scope. Hash tells whether its content changed.
type Case struct {
	CaseKey
	Title string   `json:"title"`
	Tags  []string `json:"tags,omitempty"`
	Hash  string   `json:"hash"`
}

// Keys are the keys of cases.
func Keys(cases []Case) []CaseKey {
	keys := make([]CaseKey, len(cases))
	for i := range cases {
		keys[i] = cases[i].CaseKey
	}
	return keys
}

// A Diff is what an amendment does to a scope.
type Diff struct {
	Added   []CaseKey `json:"added,omitempty"`
	Removed []CaseKey `json:"removed,omitempty"`
	Changed []CaseKey `json:"changed,omitempty"` // same ID, other content
}

// Compare says how a scope differs from an earlier one, in the order of the
// scopes.
func Compare(earlier, later []Case) Diff {
	before := byKey(earlier)
	after := byKey(later)
	var d Diff
	for _, c := range later {
		old, known := before[c.CaseKey]
		switch {
		case !known:
			d.Added = append(d.Added, c.CaseKey)
		case old.Hash != c.Hash:
			d.Changed = append(d.Changed, c.CaseKey)
		}
	}
	for _, c := range earlier {
		if _, stays := after[c.CaseKey]; !stays {
			d.Removed = append(d.Removed, c.CaseKey)
		}
	}
	return d
}

func byKey(cases []Case) map[CaseKey]Case {
	index := make(map[CaseKey]Case, len(cases))
	for _, c := range cases {
		index[c.CaseKey] = c
	}
	return index
}

// Empty reports whether no case differs.
func (d Diff) Empty() bool { return len(d.Added)+len(d.Removed)+len(d.Changed) == 0 }

func (d Diff) String() string {
	var parts []string
	for _, part := range []struct {
		word string
		keys []CaseKey
	}{{"added", d.Added}, {"removed", d.Removed}, {"changed", d.Changed}} {
		if len(part.keys) == 0 {
			continue
		}
		names := make([]string, len(part.keys))
		for i, k := range part.keys {
			names[i] = k.String()
		}
		parts = append(parts, fmt.Sprintf("%d %s (%s)", len(names), part.word, few(names)))
	}
	if len(parts) == 0 {
		return "no case differs"
	}
	return strings.Join(parts, ", ")
}
