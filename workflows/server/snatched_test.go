package server

import (
	"net"
	"path/filepath"
	"strings"
	"testing"
)

// A port that somebody takes after it was found free is an error, after which
// others are tried; it does not end the process.
func TestSnatchedPort(t *testing.T) {
	o := Options{DBFile: filepath.Join(t.TempDir(), "temporal.db"), Frontend: "127.0.0.1:0", NoUI: true}.withDefaults()
	if err := migrate(t.Context(), o.DBFile); err != nil {
		t.Fatal(err)
	}
	db := sqlConfig(o.DBFile)
	if err := createNamespace(db, o); err != nil {
		t.Fatal(err)
	}
	for name, taken := range map[string]func(endpoints) hostPort{
		"frontend": func(at endpoints) hostPort { return at.frontend },
		"history":  func(at endpoints) hostPort { return at.history },
		"matching": func(at endpoints) hostPort { return at.matching },
	} {
		at, err := pickEndpoints(o) // others each time: a start that fails leaves some open
		if err != nil {
			t.Fatal(err)
		}
		l, err := net.Listen("tcp", taken(at).String())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := startAt(t.Context(), db, at, o); err == nil || !strings.Contains(err.Error(), "address already in use") {
			t.Errorf("with the port of the %s taken: %v", name, err)
		}
		l.Close()
	}
	at, err := pickEndpoints(o)
	if err != nil {
		t.Fatal(err)
	}
	s, err := startAt(t.Context(), db, at, o)
	if err != nil {
		t.Fatalf("with all ports free: %v", err)
	}
	if err := s.stopTemporal(); err != nil {
		t.Error(err)
	}
}
