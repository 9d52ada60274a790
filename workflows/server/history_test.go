package server_test

import (
	"bytes"
	"encoding/base64"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

var update = flag.Bool("update", false, "write the histories that the replay test of package workflows reads")

// historyPlan has every kind of step that the fake world can do, a failure, a
// skip and an interruption.
const historyPlan = head + `
  - id: ALL-001
    title: Every kind of step
    setup:
      - configure: {node: r1, set: ["snmp location lab"]}
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
      - wait-until: {within: 2s, config: {node: r1, contains: ["snmp location lab"]}}
      - command: {node: r1, run: show version}
      - traffic: {start: flow}
      - fault: {link: "r1:ge-0/0/0", state: down}
      - converge: {stream: flow, outage: "< 1s", within: 5s}
      - traffic: {stop: flow}
      - traffic: {run: flow, duration: 1s}
      - rollback: {node: r1, to: 1}
    teardown:
      - fault: {link: "r1:ge-0/0/0", state: up}
  - id: FAIL-001
    title: It fails
    steps:
      - check: {config: {node: r1, contains: ["snmp location lab"]}}
      - command: {node: r1, run: show version}
  - id: LOST-001
    title: Its worker is lost
    steps:
      - command: {node: r1, run: show midway}
  - id: HEAR-001
    title: The fake world has nothing to hear
    steps:
      - capture: {start: all, ports: g1}
      - capture: {stop: all}
`

// TestSaveParallelHistory is TestSaveHistory for a case whose worker is lost while
// one branch is over and the other hangs.
func TestSaveParallelHistory(t *testing.T) {
	t.Parallel()
	world := fakes.New()
	midway := world.BlockOnce("run r1 show midway")
	s := newStack(t, t.TempDir(), world)
	s.start(t, "side-1", head+`
  - id: SIDE-001
    title: Side by side
    steps:
      - parallel:
          left: [wait-until: {within: 30s, interval: 100ms, config: {node: r2, contains: "snmp location r2"}}, command: {node: r1, run: show midway}]
          right: [repeat: {times: 2, steps: [configure: {node: r2, set: "snmp location r{round}"}]}, command: {node: r2, run: show right}]
      - parallel:
          left: [check: {config: {node: r1, contains: "snmp location r2"}}, command: {node: r1, run: show never}]
          right: [command: {node: r2, run: show right}]
`)
	<-midway
	s.stopWorkers()
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := workflows.Follow(t.Context(), s.client, "side-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if result.Counts.Fail != 1 {
		t.Errorf("result %+v, want a fail", result)
	}
	if *update {
		s.write(t, "side-1/SIDE-001", s.history(t, "side-1/SIDE-001"))
	}
}

// TestSaveHistory runs the plan and, with -update, commits the histories of
// the run and of its cases to testdata. Without, it checks that such a run
// still works.
func TestSaveHistory(t *testing.T) {
	t.Parallel()
	world := fakes.New()
	midway := world.BlockOnce("run r1 show midway")
	s := newStack(t, t.TempDir(), world)
	in, err := s.input("pair-1", historyPlan)
	if err != nil {
		t.Fatal(err)
	}
	in.Reattempts = 1
	if _, err := workflows.StartRun(t.Context(), s.client, in); err != nil {
		t.Fatal(err)
	}
	<-midway
	s.stopWorkers()
	if err := s.startWorkers(t.Context()); err != nil {
		t.Fatal(err)
	}
	result, err := workflows.Follow(t.Context(), s.client, "pair-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if result.Counts.Pass != 2 || result.Counts.Fail != 1 || result.Counts.Error != 1 {
		t.Errorf("result %+v, want two passes, a fail and an error", result)
	}
	for _, id := range []string{"pair-1", "pair-1/ALL-001", "pair-1/FAIL-001", "pair-1/LOST-001", "pair-1/HEAR-001"} {
		h := s.history(t, id)
		t.Logf("%s: %d events", id, len(h.Events))
		if *update {
			s.write(t, id, h)
		}
	}
}

func (s *stack) history(t *testing.T, id string) *historypb.History {
	t.Helper()
	h := &historypb.History{}
	events := s.client.GetWorkflowHistory(t.Context(), id, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for events.HasNext() {
		e, err := events.Next()
		if err != nil {
			t.Fatal(err)
		}
		h.Events = append(h.Events, e)
	}
	return h
}

// What is left out of committed histories: who did it and where.
var (
	identity   = regexp.MustCompile(`"identity":"[^"]*"`)
	stackTrace = regexp.MustCompile(`"stackTrace":"(?:[^"\\]|\\.)*"`)
	data       = regexp.MustCompile(`"data":"[^"]*"`)
)

func (s *stack) write(t *testing.T, id string, h *historypb.History) {
	t.Helper()
	text, err := temporalproto.CustomJSONMarshalOptions{Indent: " "}.Marshal(h)
	if err != nil {
		t.Fatal(err)
	}
	text = regexp.MustCompile(`": +`).ReplaceAll(text, []byte(`":`)) // the marshaller's spacing varies
	text = identity.ReplaceAll(text, []byte(`"identity":"test"`))
	text = stackTrace.ReplaceAll(text, []byte(`"stackTrace":""`))
	text = data.ReplaceAllFunc(text, func(field []byte) []byte {
		encoded := field[len(`"data":"`) : len(field)-1]
		payload, err := base64.StdEncoding.DecodeString(string(encoded))
		if err != nil {
			t.Fatal(err)
		}
		payload = bytes.ReplaceAll(payload, []byte(s.dir), []byte("/srv/ccl"))
		return []byte(`"data":"` + base64.StdEncoding.EncodeToString(payload) + `"`)
	})
	name := strings.ReplaceAll(id, "/", "@") + ".json"
	if err := os.WriteFile(filepath.Join("..", "testdata", name), append(text, '\n'), 0o644); err != nil {
		t.Fatal(err)
	}
}

// BenchmarkStep measures what a step costs beyond its own work: a fake router
// answers at once.
func BenchmarkStep(b *testing.B) {
	const cases, steps = 10, 20
	plan := head
	for i := range cases {
		plan += "\n  - id: CMD-" + string(rune('A'+i)) + "\n    title: Commands\n    steps:\n" +
			strings.Repeat("      - command: {node: r1, run: show version}\n", steps)
	}
	s, err := openStack(b.Context(), b.TempDir(), fakes.New())
	if err != nil {
		b.Fatal(err)
	}
	defer s.close()
	for i := 0; b.Loop(); i++ {
		in, err := s.input("bench-"+string(rune('a'+i)), plan)
		if err == nil {
			_, err = workflows.StartRun(b.Context(), s.client, in)
		}
		if err != nil {
			b.Fatal(err)
		}
		if _, err := workflows.Follow(b.Context(), s.client, in.Run, nil); err != nil {
			b.Fatal(err)
		}
		run, err := s.store.Run(b.Context(), in.Run)
		if err != nil {
			b.Fatal(err)
		}
		var inCases time.Duration
		for _, c := range run.Cases {
			inCases += c.Attempts[0].Took()
		}
		total := run.Finished.Sub(run.Started)
		b.ReportMetric(float64(inCases.Milliseconds())/(cases*(steps+1)), "ms/step")
		b.ReportMetric(float64((total-inCases).Milliseconds())/cases, "ms/case-beyond-steps")
	}
}
