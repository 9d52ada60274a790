package frr

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// corpus is testdata/corpus.txtar by daemon and name.
func corpus(t testing.TB) map[string]map[string]string {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/corpus.txtar")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]map[string]string{}
	for _, f := range archive.Files {
		daemon, name, _ := strings.Cut(f.Name, "/")
		if texts[daemon] == nil {
			texts[daemon] = map[string]string{}
		}
		texts[daemon][name] = string(f.Data)
	}
	return texts
}

// TestDeltaLeadsFromAnyToAny leads each daemon from every one of its
// configurations to every other, and holds what it then runs against what was
// wanted. One round of commands must be enough: the ways out of a mismatch are
// for statements that the corpus does not know.
func TestDeltaLeadsFromAnyToAny(t *testing.T) {
	for daemon, configs := range corpus(t) {
		t.Run(daemon, func(t *testing.T) {
			t.Parallel()
			node, other := boot(t, "r1"), frrtest.Start(t, "r2")
			for _, device := range []string{"eth1", "eth2"} {
				frrtest.Connect(t, node, other, device, nil, nil)
			}
			names := slices.Sorted(maps.Keys(configs))
			for _, from := range names {
				for _, to := range names {
					lead(t, node, daemon, from, configs[from])
					lead(t, node, daemon, from+" → "+to, configs[to])
				}
			}
		})
	}
}

// lead applies one daemon's text and checks what became of it.
func lead(t *testing.T, node *frrtest.Node, daemon, what, text string) {
	t.Helper()
	var outcome Outcome
	node.Call(t, "Router.Apply", map[string]string{daemon: text}, &outcome)
	if outcome.Err != "" {
		t.Errorf("%s: %s\nsent:\n%s", what, outcome.Err, strings.Join(outcome.Sent, "\n"))
		return
	}
	rounds := 0
	for _, line := range outcome.Sent {
		if line == daemon+": configure terminal" {
			rounds++
		}
	}
	if rounds > 1 {
		t.Errorf("%s took %d rounds:\n%s", what, rounds, strings.Join(outcome.Sent, "\n"))
	}
	var reply Reply
	node.Call(t, "Router.Command", Ask{daemon, "show running-config"}, &reply)
	if reply.Dead && strings.TrimSpace(text) == "" {
		return // a daemon that was never needed
	}
	got, err := parse(reply.Output)
	if err != nil {
		t.Fatal(err)
	}
	want, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if left := differences(canonical(daemon, want), canonical(daemon, got)); len(left) > 0 {
		t.Errorf("%s: runs another configuration: %v", what, left)
	}
}
