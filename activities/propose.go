package activities

import (
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// load reads the plans of a proposal, with their files. One that has too many cases alone is
// refused like several that have too many together; mistakes, those of all
// plans, come first.
func (e *Engagement) load(in ProposeInput) ([]*testplans.Copy, error) {
	plans := make([]*testplans.Copy, len(in.Plans))
	counts := make([]int, len(in.Plans))
	over := false
	var all testplans.Mistakes
	for i, file := range in.Plans {
		plan, err := testplans.CopyOf(file, e.Topology)
		var (
			tooMany  *testplans.TooManyError
			mistakes testplans.Mistakes
		)
		switch {
		case errors.As(err, &tooMany):
			over, counts[i] = true, tooMany.Cases
		case errors.As(err, &mistakes):
			all = append(all, mistakes...)
		case err != nil:
			return nil, planError(err)
		default:
			plans[i], counts[i] = plan, len(plan.Plan.Cases)
		}
	}
	if len(all) > 0 {
		return nil, planError(all)
	}
	if over {
		return nil, tooManyCases(in, counts)
	}
	return plans, nil
}

// tooManyCases refuses plans one of which alone has more cases than the
// contract allows. Which slots they would spend is then not counted: the cases
// have no IDs until they are expanded.
func tooManyCases(in ProposeInput, counts []int) *scope.Refusal {
	total := 0
	var parts []string
	for i, n := range counts {
		total += n
		parts = append(parts, fmt.Sprintf("%s has %d", filepath.Base(in.Plans[i]), n))
	}
	reason := fmt.Sprintf("this makes %d cases after expansion, the cap is %d", total, scope.MaxCases)
	if len(parts) > 1 {
		reason += ": " + strings.Join(parts, ", ")
	}
	instead := fmt.Sprintf("leave out %d", total-scope.MaxCases)
	if len(in.Earlier) > 0 {
		instead = fmt.Sprintf("leave out at least %d; cases that ran stay spent when they are left out", total-scope.MaxCases)
	}
	return scope.Refuse(instead, "%s", reason)
}
