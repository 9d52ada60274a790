package frr

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

func TestDeltaLines(t *testing.T) {
	archive, err := txtar.ParseFile("testdata/delta.txtar")
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	for _, f := range archive.Files {
		texts[f.Name] = string(f.Data)
	}
	for name := range texts {
		name, isOld := strings.CutSuffix(name, "/old")
		if !isOld {
			continue
		}
		t.Run(name, func(t *testing.T) {
			if got, want := lines(t, texts[name+"/old"], texts[name+"/new"]), texts[name+"/lines"]; got != want {
				t.Errorf("got:\n%swant:\n%s", got, want)
			}
			if got := lines(t, texts[name+"/new"], texts[name+"/new"]); got != "" {
				t.Errorf("from the new to itself:\n%s", got)
			}
		})
	}
}

// lines are what a daemon is sent on the way from old to new.
func lines(t testing.TB, old, new string) string {
	t.Helper()
	from, err := parse(old)
	if err != nil {
		t.Fatal(err)
	}
	to, err := parse(new)
	if err != nil {
		t.Fatal(err)
	}
	steps := delta(canonical("ospfd", from), canonical("ospfd", to))
	path := answering(t.(*testing.T), func(string) []string { return []string{"\x00\x00\x00\x00"} })
	v, err := dialVTY(context.Background(), "ospfd", path)
	if err != nil {
		t.Fatal(err)
	}
	defer v.close()
	var sent strings.Builder
	w := &writer{vty: v, trace: func(_, line string) { sent.WriteString(line + "\n") }}
	if err := w.run(context.Background(), steps); err != nil {
		t.Fatal(err)
	}
	return sent.String()
}

// longLists is a configuration of 12,000 entries, none of which is as with
// another offset.
func longLists(t testing.TB, offset int) *line {
	t.Helper()
	var b strings.Builder
	b.WriteString("router bgp 65000\n")
	for i := range 2000 {
		fmt.Fprintf(&b, " neighbor 10.%d.%d.%d remote-as %d\n", offset, i/250, i%250, 65001)
	}
	for i := range 10_000 {
		fmt.Fprintf(&b, "ip prefix-list p seq %d permit 10.%d.%d.0/24\n", 5*i+offset, i/250, i%250)
	}
	tree, err := parse(b.String())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func TestDeltaOfLongLists(t *testing.T) {
	steps := delta(longLists(t, 1), longLists(t, 2))
	if want := 2 * (2000 + 10_000); len(steps) != want {
		t.Errorf("%d steps, want %d", len(steps), want)
	}
}

// BenchmarkDelta shows a cost that grows with the square of a configuration's
// length, if there is one: then it takes seconds.
func BenchmarkDelta(b *testing.B) {
	old, new := longLists(b, 1), longLists(b, 2)
	for b.Loop() {
		delta(old, new)
	}
}
