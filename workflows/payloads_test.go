package workflows_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/workflows"
)

// What is large is packed, and comes back as it was; what people look at in the
// Web UI stays readable.
func TestDataConverter(t *testing.T) {
	const serverTakes = 2 << 20
	large := results.Attempt{Number: 1, Verdict: check.Pass}
	for range 4000 {
		large.Steps = append(large.Steps, results.Step{Kind: "check", Title: strings.Repeat("Check that all is well. ", 40)})
	}
	small := results.Attempt{Number: 1, Verdict: check.Fail, Reason: "r1: the neighbor is down"}
	for _, test := range []struct {
		name     string
		value    results.Attempt
		readable bool
	}{{"large", large, false}, {"small", small, true}} {
		t.Run(test.name, func(t *testing.T) {
			p, err := workflows.DataConverter().ToPayload(test.value)
			if err != nil {
				t.Fatal(err)
			}
			if n := len(p.Data); n > serverTakes/4 {
				t.Errorf("the payload has %d bytes", n)
			}
			if got := strings.HasPrefix(string(p.Data), `{"number"`); got != test.readable {
				t.Errorf("readable: %t, want %t", got, test.readable)
			}
			var back results.Attempt
			if err := workflows.DataConverter().FromPayload(p, &back); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.value, back); diff != "" {
				t.Error(diff)
			}
		})
	}
}
