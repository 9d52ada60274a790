package scope_test

import (
	"slices"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/workflows/scope"
)

// keys are the cases first to last of one plan.
func keys(first, last int) []scope.CaseKey {
	var all []scope.CaseKey
	for i := first; i <= last; i++ {
		all = append(all, scope.CaseKey{Plan: "ring", Case: fmt.Sprintf("CASE-%03d", i)})
	}
	return all
}

func TestSlots(t *testing.T) {
	type step struct {
		scope  []scope.CaseKey // the new scope, or
		ran    []scope.CaseKey // what ran
		used   int
		refuse string
	}
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"the hundredth fits", []step{{scope: keys(1, 100), used: 100}}},
		{"the hundred and first does not", []step{{scope: keys(1, 101), refuse: "101 cases after expansion, the cap is 100; leave out 1, at most 100 new ones fit"}}},
		{"over several submissions", []step{{scope: keys(1, 60), used: 60}, {scope: keys(1, 100), used: 100}, {scope: keys(1, 101), used: 100, refuse: "at most 0 new ones"}}},
		{"a revision spends no more than it holds", []step{{scope: keys(1, 60), used: 60}, {scope: keys(41, 140), used: 100}}},
		{"a re-run spends none", []step{{scope: keys(1, 100), used: 100}, {ran: keys(1, 100), used: 100}, {ran: keys(1, 50), used: 100}, {scope: keys(1, 100), used: 100}}},
		{"removal of what never ran frees", []step{{scope: keys(1, 100), used: 100}, {scope: keys(1, 99), used: 99}, {scope: append(keys(1, 99), keys(101, 101)...), used: 100}}},
		{"removal of what ran does not", []step{{scope: keys(1, 100), used: 100}, {ran: keys(100, 100), used: 100}, {scope: keys(1, 99), used: 100},
			{scope: append(keys(1, 99), keys(101, 101)...), used: 100, refuse: "1 that were removed after they ran (ring/CASE-100)"}}},
		{"one that ran comes back at no cost", []step{{scope: keys(1, 100), used: 100}, {ran: keys(100, 100), used: 100}, {scope: keys(1, 99), used: 100}, {scope: keys(1, 100), used: 100}}},
		{"a name twice", []step{{scope: append(keys(1, 2), keys(2, 2)...), refuse: "ring/CASE-002 is listed twice"}}},
		{"a run of a case outside the scope adds nothing", []step{{scope: keys(1, 2), used: 2}, {ran: keys(3, 3), used: 2}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var slots scope.Slots
			for i, s := range c.steps {
				if s.ran != nil {
					slots.MarkRan(s.ran...)
				} else {
					next, err := slots.Rescope(s.scope)
					var refusal *scope.Refusal
					switch {
					case (err == nil) != (s.refuse == ""):
						t.Fatalf("step %d: %v, want %q", i, err, s.refuse)
					case err != nil && (!strings.Contains(err.Error(), s.refuse) || !errors.As(err, &refusal) || refusal.Instead == ""):
						t.Fatalf("step %d: refused with %q, want %q and what would be allowed", i, err, s.refuse)
					case err == nil:
						slots = next
					}
				}
				if slots.Used() != s.used || slots.Free() != scope.MaxCases-s.used {
					t.Errorf("step %d: %d used and %d free, want %d used", i, slots.Used(), slots.Free(), s.used)
				}
			}
		})
	}
}

// A proposal that is refused, or never signed, leaves the account as it was.
func TestRescopeIsPure(t *testing.T) {
	slots, err := scope.Slots(nil).Rescope(keys(1, 3))
	if err != nil {
		t.Fatal(err)
	}
	before := slices.Clone(slots)
	if _, err := slots.Rescope(keys(2, 5)); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(slots, before) {
		t.Errorf("the account changed: %+v", slots)
	}
}

func TestNearlyUsed(t *testing.T) {
	for n, want := range map[int]bool{89: false, 90: true, 100: true} {
		slots, err := scope.Slots(nil).Rescope(keys(1, n))
		if err != nil {
			t.Fatal(err)
		}
		if slots.NearlyUsed() != want {
			t.Errorf("%d cases: nearly used is %v", n, !want)
		}
	}
}

func TestCompare(t *testing.T) {
	one := func(id, hash string) scope.Case {
		return scope.Case{CaseKey: scope.CaseKey{Plan: "ring", Case: id}, Hash: hash}
	}
	d := scope.Compare([]scope.Case{one("A", "1"), one("B", "1"), one("C", "1")}, []scope.Case{one("A", "1"), one("B", "2"), one("D", "1")})
	if got, want := d.String(), "1 added (ring/D), 1 removed (ring/C), 1 changed (ring/B)"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
	if same := scope.Compare([]scope.Case{one("A", "1")}, []scope.Case{one("A", "1")}); !same.Empty() || same.String() != "no case differs" {
		t.Errorf("equal scopes differ: %s", same)
	}
}
