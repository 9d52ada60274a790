package server

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// A port that is taken between being found and being used is an error of that
// start, whichever service it was for; the next start may try others.
func TestSnatchedPort(t *testing.T) {
	o := Options{NoUI: true}.withDefaults()
	file := filepath.Join(t.TempDir(), "ccl.db")
	if err := migrate(t.Context(), file); err != nil {
		t.Fatal(err)
	}
	db := sqlConfig(file)
	if err := createNamespace(db, o); err != nil {
		t.Fatal(err)
	}
	for name, of := range map[string]func(e *endpoints) hostPort{
		"frontend": func(e *endpoints) hostPort { return e.frontend },
		"history":  func(e *endpoints) hostPort { return e.history },
		"matching": func(e *endpoints) hostPort { return e.matching },
	} {
		at, err := pickEndpoints(o)
		if err != nil {
			t.Fatal(err)
		}
		snatched, err := net.Listen("tcp", of(&at).String())
		if err != nil {
			t.Fatal(err)
		}
		s, err := startAt(t.Context(), db, at, o)
		switch {
		case err == nil:
			t.Errorf("%s: started at a port that is taken", name)
			_ = s.stopTemporal()
		case !strings.Contains(err.Error(), "address already in use"):
			t.Errorf("%s: %v, want an error about the address", name, err)
		}
		snatched.Close()
	}
	at, err := pickEndpoints(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := startAt(t.Context(), db, at, o)
	if err != nil {
		t.Fatalf("other ports: %v", err)
	}
	if err := s.stopTemporal(); err != nil {
		t.Error(err)
	}
}
