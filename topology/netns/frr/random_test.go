package frr

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// TestRandomChangesHappenWhollyOrNotAtAll leads each daemon through mixtures of
// its configurations, most of which nobody would write and some of which FRR
// refuses: after each, it runs exactly what was wanted or exactly what it ran
// before.
func TestRandomChangesHappenWhollyOrNotAtAll(t *testing.T) {
	const rounds = 60
	for daemon, configs := range corpus(t) {
		t.Run(daemon, func(t *testing.T) {
			t.Parallel()
			node, other := boot(t, "r1"), frrtest.Start(t, "r2")
			frrtest.Connect(t, node, other, "eth1", nil, nil)
			frrtest.Connect(t, node, other, "eth2", nil, nil)
			random := rand.New(rand.NewPCG(1, uint64(len(configs))))
			names := slices.Sorted(maps.Keys(configs))
			taken := 0
			apply(t, node, map[string]string{daemon: configs[names[0]]})
			for range rounds {
				a, b := names[random.IntN(len(names))], names[random.IntN(len(names))]
				if tryRandom(t, node, daemon, mixture(t, random, configs[a], configs[b])) {
					taken++
				}
			}
			t.Logf("%d of %d taken, the others refused", taken, rounds)
			if taken == 0 {
				t.Error("nothing was taken: the test shows nothing")
			}
		})
	}
}

// tryRandom applies a text and reports whether it was taken.
func tryRandom(t *testing.T, node *frrtest.Node, daemon, text string) bool {
	t.Helper()
	before := runs(t, node, daemon)
	var outcome Outcome
	node.Call(t, "Router.Apply", map[string]string{daemon: text}, &outcome)
	after := runs(t, node, daemon)
	if outcome.Err != "" {
		// An interface without statements says nothing.
		if left := compare(canonical(daemon, before), canonical(daemon, after), nil); len(left) > 0 {
			t.Errorf("refused (%s), but it changed: %v\nsent:\n%s", outcome.Err, left, strings.Join(outcome.Sent, "\n"))
		}
		return false
	}
	want, err := parse(text)
	if err != nil {
		t.Fatal(err)
	}
	if left := differences(canonical(daemon, want), canonical(daemon, after)); len(left) > 0 {
		t.Errorf("taken, but it runs another: %v", left)
	}
	return true
}

// runs is what a daemon runs; one that was never needed runs nothing.
func runs(t *testing.T, node *frrtest.Node, daemon string) *line {
	t.Helper()
	var reply Reply
	node.Call(t, "Router.Command", Ask{daemon, "show running-config"}, &reply)
	tree, err := parse(reply.Output)
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

// mixture is a configuration made of parts of two.
func mixture(t *testing.T, random *rand.Rand, a, b string) string {
	t.Helper()
	mixed := &line{}
	for _, text := range []string{a, b} {
		tree, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		mix(random, mixed, tree)
	}
	return mixed.String()
}

// mix copies four of five statements. Of statements with one value, and of the
// routers of which there can be one, the first stays.
func mix(random *rand.Rand, to, from *line) {
	taken := valueKeys(to, to.text)
	for _, c := range from.children {
		key := valueKey(to.text, c.text)
		twice := key != "" && taken[key]
		otherRouter := c.has("router") && slices.ContainsFunc(to.children, func(l *line) bool { return l.has("router") && l.text != c.text })
		if twice || otherRouter || random.IntN(5) == 0 {
			continue
		}
		mix(random, to.add(c.text), c)
	}
}
