package server_test

import (
	"strings"
	"testing"

	"go.temporal.io/sdk/converter"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// A case of many rounds, whose steps and whose record are each larger than what
// the server takes at once, is run and recorded. Its page lists one round; each
// of its steps says which round it is in.
func TestManyRounds(t *testing.T) {
	t.Parallel()
	const times, large = "120", 20_000 // bytes; together more than 2 MB
	s := newStack(t, t.TempDir(), fakes.New())
	s.start(t, "rounds-1", head+`
  - id: MANY-001
    title: Many rounds
    steps:
      - title: Ask again
        repeat:
          times: `+times+`
          steps:
            - title: Ask for the version
              command: {node: r1, run: show version `+strings.Repeat("x", large)+`}
`)
	result, err := workflows.Follow(t.Context(), s.client, "rounds-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if result.Verdict != check.Pass {
		t.Fatalf("result %+v, want a pass", result)
	}
	run, err := s.store.Run(t.Context(), "rounds-1")
	if err != nil {
		t.Fatal(err)
	}
	steps := run.Case("MANY-001").Last().Steps
	if len(steps) != 121 || steps[119].Round.String() != "round 120 of 120" {
		t.Errorf("%d steps are on record, the last round is %v", len(steps), steps[119].Round)
	}
	s.wantPage(t, "rounds-1/MANY-001")
}

// wantPage checks what the Web UI shows of the case of many rounds.
func (s *stack) wantPage(t *testing.T, id string) {
	t.Helper()
	text := converter.GetDefaultDataConverter()
	d, err := s.client.DescribeWorkflow(t.Context(), id, "")
	if err != nil {
		t.Fatal(err)
	}
	details, err := d.GetStaticDetails()
	if err != nil {
		t.Fatal(err)
	}
	if want := "1. Ask again, 120 times:\n    - Ask for the version\n\n"; !strings.HasSuffix(details, want) {
		t.Errorf("the page ends with %q, want %q", details, want)
	}
	var summaries []string
	for _, e := range s.history(t, id).Events {
		if e.GetActivityTaskScheduledEventAttributes() == nil || e.UserMetadata == nil {
			continue
		}
		var summary string
		if err := text.FromPayload(e.UserMetadata.Summary, &summary); err != nil {
			t.Fatal(err)
		}
		summaries = append(summaries, summary)
	}
	if want := "Round 2 of 120: Ask for the version"; len(summaries) < 2 || summaries[1] != want {
		t.Errorf("the second activity is %q, want %q", summaries[1:2], want)
	}
}
