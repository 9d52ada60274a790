package server_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/testplans/notice"
	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// nightly writes a plan and says how to run it every night, at an hour that
// does not come while the test runs.
func (s *stack) nightly(t *testing.T, plan string) workflows.NightlyOptions {
	t.Helper()
	in, err := s.input("unused", plan)
	if err != nil {
		t.Fatal(err)
	}
	return workflows.NightlyOptions{
		NightlyInput: workflows.NightlyInput{
			Name: workflows.NightlyName("pair"), Plan: in.Plan, Backend: "fake", Lab: "pair",
			Out: filepath.Join(s.dir, "nights"), BaselineFirst: true, Within: workflows.NightWithin,
		},
		PlanName: "pair", Hour: (time.Now().UTC().Hour() + 12) % 24, Minute: 30, TimeZone: "UTC",
	}
}

// eventually waits for what another process or goroutine brings about.
func eventually(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !condition(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s did not happen", what)
		}
	}
}

// only waits until the list holds one nightly of which a condition is true.
func (s *stack) only(t *testing.T, what string, condition func(workflows.NightlyInfo) bool) workflows.NightlyInfo {
	t.Helper()
	var info workflows.NightlyInfo
	eventually(t, what, func() bool {
		list, err := workflows.ListNightlies(t.Context(), s.client)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) != 1 || !condition(list[0]) {
			return false
		}
		info = list[0]
		return true
	})
	return info
}

func ended(n workflows.NightlyInfo) bool { return n.Last != nil && n.Last.Result != nil }

// trigger begins a night and waits for its end.
func (s *stack) trigger(t *testing.T, name string) workflows.NightlyInfo {
	t.Helper()
	id, err := workflows.TriggerNightly(t.Context(), s.client, name)
	if err != nil || !strings.HasPrefix(id, name+"-") {
		t.Fatalf("triggered %q, %v", id, err)
	}
	return s.only(t, "the end of "+id, func(n workflows.NightlyInfo) bool { return ended(n) && n.Last.Workflow == id })
}

// A nightly on the real server: created, listed, triggered twice, once while
// it is paused.
func TestNightlySchedule(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	ctx := t.Context()
	told := make(chan string, 10)
	chat := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		told <- string(body)
	}))
	defer chat.Close()
	s.webhooks = map[string]string{"lab-chat": chat.URL}
	o := s.nightly(t, threeCases)
	o.Notify = []string{"lab-chat"}
	if err := workflows.CreateNightly(ctx, s.client, o); err != nil {
		t.Fatal(err)
	}
	if err := workflows.CreateNightly(ctx, s.client, o); err == nil || !strings.Contains(err.Error(), "already") {
		t.Errorf("a second nightly of that name: %v", err)
	}
	info := s.only(t, "the nightly in the list", func(workflows.NightlyInfo) bool { return true })
	if info.Plan != "pair" || info.Notify != "lab-chat" || info.Next.Hour() != o.Hour || info.Next.Minute() != 30 || info.Last != nil {
		t.Errorf("listed as %+v", info)
	}

	info = s.trigger(t, o.Name)
	if info.Last.State != string(notice.FirstBaseline) {
		t.Errorf("first night: %+v", info.Last)
	}
	var card map[string]string
	if err := json.Unmarshal([]byte(<-told), &card); err != nil || !strings.Contains(card["text"], "3 pass") {
		t.Errorf("told %q, %v", card, err)
	}

	if err := workflows.PauseNightly(ctx, s.client, o.Name, "the lab moves"); err != nil {
		t.Fatal(err)
	}
	info = s.only(t, "the pause", func(n workflows.NightlyInfo) bool { return n.Paused })
	if info.Note != "the lab moves" || !info.Next.IsZero() {
		t.Errorf("paused: %+v", info)
	}
	info = s.trigger(t, o.Name)
	if info.Last.State != string(notice.Unchanged) || len(told) != 0 {
		t.Errorf("second night: %+v, told %d times", info.Last, len(told))
	}
	if err := workflows.ResumeNightly(ctx, s.client, o.Name, ""); err != nil {
		t.Fatal(err)
	}
	s.only(t, "the end of the pause", func(n workflows.NightlyInfo) bool { return !n.Paused && !n.Next.IsZero() })
}

func TestNightlyDeleted(t *testing.T) {
	s := newStack(t, t.TempDir(), fakes.New())
	ctx := t.Context()
	o := s.nightly(t, threeCases)
	if err := workflows.CreateNightly(ctx, s.client, o); err != nil {
		t.Fatal(err)
	}
	s.only(t, "the nightly in the list", func(workflows.NightlyInfo) bool { return true })
	if err := workflows.DeleteNightly(ctx, s.client, o.Name); err != nil {
		t.Fatal(err)
	}
	eventually(t, "an empty list", func() bool {
		list, err := workflows.ListNightlies(ctx, s.client)
		return err == nil && len(list) == 0
	})
	for what, err := range map[string]error{
		"pause":  workflows.PauseNightly(ctx, s.client, o.Name, ""),
		"resume": workflows.ResumeNightly(ctx, s.client, o.Name, ""),
		"delete": workflows.DeleteNightly(ctx, s.client, o.Name),
	} {
		if !errors.Is(err, workflows.ErrNoNightly) {
			t.Errorf("%s of a nightly that is gone: %v", what, err)
		}
	}
	if _, err := workflows.TriggerNightly(ctx, s.client, o.Name); !errors.Is(err, workflows.ErrNoNightly) {
		t.Errorf("trigger of a nightly that is gone: %v", err)
	}
}

// Nights do not overlap, and one that takes too long is cut and leaves no lab.
func TestNightTooLong(t *testing.T) {
	t.Parallel()
	world := fakes.New()
	reached := world.BlockOnce("run r1 show first")
	s := newStack(t, t.TempDir(), world)
	o := s.nightly(t, threeCases)
	o.Within = 3 * time.Second
	if err := workflows.CreateNightly(t.Context(), s.client, o); err != nil {
		t.Fatal(err)
	}
	id, err := workflows.TriggerNightly(t.Context(), s.client, o.Name)
	if err != nil {
		t.Fatal(err)
	}
	<-reached
	_, err = workflows.TriggerNightly(t.Context(), s.client, o.Name)
	if !errors.Is(err, workflows.ErrNightRunning) || !strings.Contains(err.Error(), id) {
		t.Errorf("triggered during a night: %v, want one that names %s", err, id)
	}
	info := s.only(t, "the end of the night", ended)
	if r := info.Last.Result; r.Outcome != notice.CouldNotRun || !strings.Contains(r.Problem, "did not end within 3s") {
		t.Errorf("outcome %s, problem %q", r.Outcome, r.Problem)
	}
	if world.Up() {
		t.Error("the lab is still up")
	}
}

// A night begins at its hour by itself, and the history of a night is kept for
// the replay test.
func TestNightBeginsByItself(t *testing.T) {
	t.Parallel()
	s := newStack(t, t.TempDir(), fakes.New())
	o := s.nightly(t, threeCases)
	o.Within = time.Hour
	if err := workflows.CreateNightly(t.Context(), s.client, o); err != nil {
		t.Fatal(err)
	}
	// The clock's next second instead of an hour of the night.
	h := s.client.ScheduleClient().GetHandle(t.Context(), o.Name)
	err := h.Update(t.Context(), client.ScheduleUpdateOptions{DoUpdate: func(in client.ScheduleUpdateInput) (*client.ScheduleUpdate, error) {
		in.Description.Schedule.Spec = &client.ScheduleSpec{Intervals: []client.ScheduleIntervalSpec{{Every: time.Second}}}
		in.Description.Schedule.State.LimitedActions, in.Description.Schedule.State.RemainingActions = true, 1
		return &client.ScheduleUpdate{Schedule: &in.Description.Schedule}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	info := s.only(t, "the end of the night", ended)
	if info.Last.Result.Outcome != notice.FirstBaseline {
		t.Errorf("the night: %+v", info.Last)
	}
	history := s.history(t, info.Last.Workflow)
	t.Logf("%d events", len(history.Events))
	if *update {
		s.write(t, "nightly-pair", history)
	}
}
