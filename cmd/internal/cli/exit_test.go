package cli

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"go.temporal.io/api/serviceerror"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
)

// TestFinish says how a command ends, in words and for scripts.
func TestFinish(t *testing.T) {
	at := func(file string, line int) testplans.Mistake {
		return testplans.Mistake{Pos: topology.Pos{File: file, Line: line, Column: 1}, Message: "wrong"}
	}
	tests := []struct {
		err  error
		code int
		said string
	}{
		{nil, ExitOK, ""},
		{fmt.Errorf("watch: %w", context.Canceled), ExitInterrupted, "ccl: interrupted\n"},
		{fmt.Errorf("engagement acme: %w", serviceerror.NewCanceled("context canceled")), ExitInterrupted, "ccl: interrupted\n"},
		{testplans.Mistakes{at("p.yaml", 1)}, ExitUsage, "p.yaml:1:1: wrong\nccl: error: 1 mistake in p.yaml\n"},
		{testplans.Mistakes{at("a.clab.yml", 3), at("a.clab.yml", 4), at("p.yaml", 1)}, ExitUsage,
			"a.clab.yml:3:1: wrong\na.clab.yml:4:1: wrong\np.yaml:1:1: wrong\nccl: error: 3 mistakes in a.clab.yml and p.yaml\n"},
	}
	for _, test := range tests {
		var out bytes.Buffer
		if code := finish(&out, test.err); code != test.code || out.String() != test.said {
			t.Errorf("%v: exit %d, want %d\n%swant\n%s", test.err, code, test.code, out.String(), test.said)
		}
	}
}
