package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.temporal.io/api/serviceerror"

	"github.com/ccl-lab/ccl/workflows"
	"github.com/ccl-lab/ccl/workflows/internal/fakes"
)

// A cast is an engagement and everybody's tokens, in a file for the processes
// that will be killed.
type cast struct {
	Input  workflows.EngagementInput
	Tokens map[string]string
	Runs   int // so many, the first full one included
}

// act plays everybody's part, going on from wherever the engagement is, until
// it is closed.
func (s *stack) act(ctx context.Context, c *cast) error {
	id := c.Input.Definition.ID
	err := workflows.StartEngagement(ctx, s.client, c.Input)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return err
	}
	if _, err := workflows.AwaitIntake(ctx, s.client, id); err != nil {
		return err
	}
	for {
		status, err := workflows.GetEngagement(ctx, s.client, id)
		if err == nil && status.State.Phase == workflows.EngagementClosed {
			return nil
		}
		if err == nil {
			err = s.nextAct(ctx, c, status)
		}
		var refused *workflows.RefusedError
		if errors.As(err, &refused) {
			return err
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// nextAct does what the state asks a person to do, if anything.
func (s *stack) nextAct(ctx context.Context, c *cast, status *workflows.EngagementStatus) error {
	st, id := &status.State, c.Input.Definition.ID
	send := func(update string, request any) error {
		_, err := workflows.UpdateEngagement(ctx, s.client, id, update, request)
		return err
	}
	signed := func(update, who string, r workflows.SignedRequest) error {
		r, err := r.Sign(c.Tokens[who], id, update)
		if err != nil {
			return err
		}
		return send(update, r)
	}
	idle := status.Running == "" && len(st.Queue) == 0
	switch {
	case st.Phase == workflows.EngagementScoping && st.Scope == nil && st.Proposal == nil:
		return send(workflows.SubmitUpdate, workflows.ScopeRequest{})
	case st.Proposal != nil:
		return signed(workflows.SignUpdate, "Ann", workflows.SignedRequest{Hash: st.Proposal.Hash})
	case st.Phase == workflows.EngagementTesting && len(st.Runs) < c.Runs && idle:
		return send(workflows.RunUpdate, workflows.RunRequest{Tags: []string{"smoke"}, By: "the lab"})
	case st.Phase == workflows.EngagementTesting && len(st.Runs) == c.Runs && idle && st.Cases[1].Decision == nil:
		return signed(workflows.WaiveUpdate, "Bob", workflows.SignedRequest{Cases: []string{"FAIL-001"}, Reason: "known"})
	case st.Phase == workflows.EngagementTesting && len(st.Runs) == c.Runs && idle && !st.Accepted:
		return signed(workflows.AcceptUpdate, "Bob", workflows.SignedRequest{})
	}
	return nil
}

// actUntilKilled is a process that plays an engagement and says when it is
// done.
func actUntilKilled(dir string) {
	ctx := context.Background()
	c, err := readCast(dir)
	if err == nil {
		var s *stack
		if s, err = openStack(ctx, dir, fakes.New()); err == nil {
			err = s.act(ctx, c)
		}
	}
	fmt.Println("done", err)
	time.Sleep(time.Hour) // until killed; select {} is a deadlock to a program without cgo
}

func readCast(dir string) (*cast, error) {
	text, err := os.ReadFile(filepath.Join(dir, "cast.json"))
	c := &cast{}
	if err == nil {
		err = json.Unmarshal(text, c)
	}
	return c, err
}

// castIn writes the cast of an engagement whose days are minutes into a folder.
func castIn(t *testing.T, dir string, runs int) *cast {
	t.Helper()
	s := &stack{dir: dir}
	c := &cast{Runs: runs}
	c.Input, c.Tokens = s.engagementInput(t, "acme", time.Minute)
	text, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "cast.json"), text, 0o600); err != nil {
		t.Fatal(err)
	}
	return c
}

// moments are what differs between two engagements that went alike.
var moments = regexp.MustCompile(`\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC`)

// ledger plays an engagement to its end in this process and returns its ledger
// without the moments.
func (s *stack) ledger(t *testing.T, c *cast) string {
	t.Helper()
	if err := s.act(t.Context(), c); err != nil {
		t.Fatal(err)
	}
	status, err := workflows.GetEngagement(t.Context(), s.client, c.Input.Definition.ID)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, l := range status.State.Ledger {
		fmt.Fprintf(&b, "%d %s: %s [%s] (%s) %d slots\n", l.Number, l.Kind, moments.ReplaceAllString(l.What, "THEN"), l.Who, l.Why, l.Slots)
	}
	account, err := s.store.Account(t.Context(), c.Input.Definition.Contract.Number)
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprintf(&b, "%d debits, %d credits left\n", len(account.Debits), account.Balance())
	return b.String()
}

// After kills at random moments the ledger of an engagement is that of one that
// nobody disturbed. CCL_TEST_KILLS asks for more.
func TestEngagementKilledAtRandom(t *testing.T) {
	kills := 4
	if n, err := strconv.Atoi(os.Getenv("CCL_TEST_KILLS")); err == nil {
		kills = n
	}
	runs := 2 * kills // enough for every kill to meet an engagement that goes on
	calm := t.TempDir()
	want := newStack(t, calm, fakes.New()).ledger(t, castIn(t, calm, runs))

	dir := t.TempDir()
	c := castIn(t, dir, runs)
	for range kills {
		doomed := exec.Command(os.Args[0])
		doomed.Env = append(os.Environ(), "CCL_TEST_ENGAGEMENT="+dir)
		out, err := doomed.StdoutPipe()
		if err == nil {
			err = doomed.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		said := make(chan string, 1)
		go func() {
			if lines := bufio.NewScanner(out); lines.Scan() {
				said <- lines.Text()
			}
		}()
		select {
		case line := <-said:
			t.Logf("the engagement was over before this kill: %s", line)
		case <-time.After(500*time.Millisecond + time.Duration(rand.Int64N(int64(3*time.Second)))):
		}
		doomed.Process.Kill()
		doomed.Wait()
	}
	s := newStack(t, dir, fakes.New())
	began := time.Now()
	got := s.ledger(t, c)
	t.Logf("after the last kill the engagement took %v", time.Since(began))
	if got != want {
		t.Errorf("the ledger after %d kills:\n%s\nundisturbed:\n%s", kills, got, want)
	}
	if s.world.Up() {
		t.Error("a lab was left up")
	}
}
