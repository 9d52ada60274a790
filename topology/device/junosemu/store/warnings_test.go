package store

import (
	"strings"
	"testing"
)

// TestWarningsOfWhatChanges: a statement that is only stored is warned of when
// a commit brings or changes it, through a group too, and not again with each
// commit of something else. A check tells everything.
func TestWarningsOfWhatChanges(t *testing.T) {
	s := open(t, t.TempDir(), &fakeDataplane{}, "system { host-name r; }")
	x := s.Session(Who{User: "ann"})
	for _, step := range []struct{ commands, warned string }{
		{"set protocols mpls interface ge-0/0/0.0", "protocols mpls"},
		{"set system host-name other", ""},
		{"set protocols mpls interface ge-0/0/1.0", "protocols mpls"},
		{"set groups labels protocols mpls interface ge-0/0/2.0", ""},
		{"set apply-groups labels", "protocols mpls"},
		{`set system login message "a word"`, "system login message"},
		{"deactivate protocols mpls interface ge-0/0/0.0", "protocols mpls"},
		{"delete system login", ""},
	} {
		set(t, x, step.commands)
		if got := paths(commit(t, x, CommitOptions{})); got != step.warned {
			t.Errorf("%s: warned of %q, want %q", step.commands, got, step.warned)
		}
	}
	set(t, x, "set system host-name third")
	if got := paths(commit(t, x, CommitOptions{Check: true})); got != "protocols mpls" {
		t.Errorf("a check warned of %q, want all that is stored", got)
	}
}

// paths are the statements that were warned of.
func paths(r Result) string {
	var all []string
	for _, w := range r.Warnings {
		all = append(all, w.Path)
	}
	return strings.Join(all, ", ")
}
