package workflows_test

import (
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/log"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/ccl-lab/ccl/workflows"
)

// The workflows of runs that other releases have begun must go on in this one.
// A history that no longer replays needs a version (workflow.GetVersion) where
// the code changed; only then, and for new paths, are histories written anew:
//
//	go test ./workflows/server -run TestSaveHistory -update
func TestReplay(t *testing.T) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) < 7 {
		t.Fatalf("histories: %v, %v", files, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			h := readHistory(t, file)
			if err := replay(file, h); err != nil {
				t.Error(err)
			}
			// A workflow in its middle, as an upgrade finds it.
			for i, e := range h.Events {
				if e.GetWorkflowTaskStartedEventAttributes() == nil || i < 3 {
					continue
				}
				if err := replay(file, &historypb.History{Events: h.Events[:i+1]}); err != nil {
					t.Errorf("up to event %d: %v", i+1, err)
				}
			}
		})
	}
}

// A replay that cannot fail proves nothing: a history whose activity was
// another one must be noticed.
func TestReplayNoticesAChange(t *testing.T) {
	h := readHistory(t, "testdata/pair-1@FAIL-001.json")
	for _, e := range h.Events {
		if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
			a.ActivityType.Name = "Dance"
			break
		}
	}
	if replay("pair-1@FAIL-001.json", h) == nil {
		t.Error("the replay did not notice that another activity was scheduled")
	}
}

func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	h, err := client.HistoryFromJSON(f, client.HistoryJSONOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func replay(file string, h *historypb.History) error {
	replayer := worker.NewWorkflowReplayer()
	workflows.Register(replayer)
	id := strings.TrimSuffix(strings.ReplaceAll(filepath.Base(file), "@", "/"), ".json")
	return replayer.ReplayWorkflowHistoryWithOptions(log.NewStructuredLogger(slog.New(slog.DiscardHandler)), h,
		worker.ReplayWorkflowHistoryOptions{OriginalExecution: workflow.Execution{ID: id, RunID: "run"}})
}
