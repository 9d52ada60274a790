package store

import (
	"errors"
	"testing"
)

// TestPrivateConflict: of two users who change the same statement, the second
// is told and may insist.
func TestPrivateConflict(t *testing.T) {
	s := open(t, t.TempDir(), &fakeDataplane{}, "system { host-name r; }")
	a, b := s.Session(Who{User: "ann"}), s.Session(Who{User: "bob"})
	for _, x := range []*Session{a, b} {
		if err := x.OpenPrivate(); err != nil {
			t.Fatal(err)
		}
	}
	set(t, a, "set system host-name a")
	set(t, b, "set system host-name b")
	commit(t, a, CommitOptions{})
	_, err := b.Commit(t.Context(), CommitOptions{})
	var conflict *ConflictError
	if !errors.As(err, &conflict) || len(conflict.Conflicts) != 1 {
		t.Fatalf("second commit: %v", err)
	}
	want := `[edit system] "host-name b": changed by another commit to 'host-name a'`
	if got := conflict.Conflicts[0].Error(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := hostname(s.Running()); got != "a" {
		t.Errorf("a refused commit made the host name %s", got)
	}
	commit(t, b, CommitOptions{})
	if got := hostname(s.Running()); got != "b" {
		t.Errorf("after the user insisted the host name is %s", got)
	}
	set(t, a, "set system host-name again")
	if conflicts, _ := a.Update(); len(conflicts) != 1 {
		t.Errorf("update found %v", conflicts)
	}
	commit(t, a, CommitOptions{})
}
