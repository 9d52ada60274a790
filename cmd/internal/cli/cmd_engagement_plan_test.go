package cli

import (
	"errors"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/workflows"
)

func scopeOf(name string, amendment int) workflows.SignedScope {
	return workflows.SignedScope{Amendment: amendment, By: "Ann", Plans: []activities.PlanScope{{Name: name}}}
}

// What was signed last is meant unless another is asked for; what does not exist
// is refused with what does.
func TestWantedScope(t *testing.T) {
	proposed := &workflows.Proposal{Amendment: 3}
	proposed.Plans = []activities.PlanScope{{Name: "next"}}
	older := &workflows.Proposal{Amendment: 4, SignedBy: "Bob"}
	older.Plans = []activities.PlanScope{{Name: "older"}}
	signed := []workflows.SignedScope{scopeOf("first", 0), scopeOf("second", 1), scopeOf("third", 2)}
	full := workflows.EngagementState{Signed: signed, Proposal: proposed}
	for name, c := range map[string]struct {
		state workflows.EngagementState
		want  wantedScope
		plan  string
		words string
		hint  string
	}{
		"the last":            {full, wantedScope{amendment: latestScope}, "third", "amendment 2, signed by Ann on ", ""},
		"the first":           {full, wantedScope{amendment: 0}, "first", "the scope, signed by Ann on ", ""},
		"an amendment":        {full, wantedScope{amendment: 1}, "second", "amendment 1, signed by Ann on ", ""},
		"what is proposed":    {full, wantedScope{amendment: latestScope, proposed: true}, "next", "amendment 3, which waits for a signature", ""},
		"of an older release": {workflows.EngagementState{Scope: older}, wantedScope{amendment: latestScope}, "older", "amendment 4, signed by Bob on ", ""},
		"no such amendment":   {full, wantedScope{amendment: 7}, "", "", "--amendment is one of 0, 1, 2"},
		"nothing signed":      {workflows.EngagementState{Proposal: proposed}, wantedScope{amendment: latestScope}, "", "", "--proposed prints what waits for a signature"},
		"nothing proposed":    {workflows.EngagementState{Signed: signed}, wantedScope{amendment: latestScope, proposed: true}, "", "", "without --proposed, what was signed last is printed"},
	} {
		scope, err := c.want.of(&c.state)
		if got := hintOf(err); got != c.hint {
			t.Errorf("%s: %v, hint %q, want %q", name, err, got, c.hint)
		}
		if err == nil && (scope.Plans[0].Name != c.plan || !strings.HasPrefix(c.want.words(scope), c.words)) {
			t.Errorf("%s: plan %s, %q; want %s, %q", name, scope.Plans[0].Name, c.want.words(scope), c.plan, c.words)
		}
	}
}

func hintOf(err error) string {
	var h hinted
	errors.As(err, &h)
	return h.hint
}

func TestPlanOfAScope(t *testing.T) {
	one := []activities.PlanScope{{Name: "a"}}
	two := []activities.PlanScope{{Name: "a"}, {Name: "b"}}
	for _, c := range []struct {
		plans []activities.PlanScope
		name  string
		all   bool
		want  string
		hint  string
	}{
		{one, "", false, "a", ""},
		{two, "b", false, "b", ""},
		{two, "b", true, "b", ""},
		{two, "", true, "a b", ""},
		{two, "", false, "", "--plan is one of a, b; --dir FOLDER writes all"},
		{two, "c", true, "", "it has a, b"},
	} {
		plans, err := planOf(c.plans, c.name, c.all)
		var names []string
		for _, p := range plans {
			names = append(names, p.Name)
		}
		if strings.Join(names, " ") != c.want || hintOf(err) != c.hint {
			t.Errorf("plan %q of %v: %q, hint %q; want %q, %q", c.name, c.plans, names, hintOf(err), c.want, c.hint)
		}
	}
}
