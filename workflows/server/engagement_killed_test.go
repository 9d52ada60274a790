package server_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
	// Idle says that nobody does anything after these: days pass, the window
	// closes, day 30 ends it.
	Idle bool
	// Said hears of the window, once the runs are done.
	Said func(closes time.Time) `json:"-"`
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
	if c.Idle && st.Window != nil && len(st.Runs) == c.Runs && idle {
		if c.Said != nil {
			c.Said(st.Window.Closes())
			c.Said = nil
		}
		return nil
	}
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

// upLine is what such a process says when it has begun to work.
const upLine = "up"

// actUntilKilled is a process that plays an engagement and says when it is
// done.
func actUntilKilled(dir string) {
	ctx := context.Background()
	c, err := readCast(dir)
	if err == nil {
		var s *stack
		c.Said = func(closes time.Time) { fmt.Println(closes.Format(time.RFC3339Nano)) }
		if s, err = openStack(ctx, dir, fakes.New()); err == nil {
			fmt.Println(upLine)
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
	return (&cast{Runs: runs}).in(t, dir, time.Minute)
}

// in writes the cast of an engagement whose days have a length into a folder.
func (c *cast) in(t *testing.T, dir string, day time.Duration) *cast {
	t.Helper()
	s := &stack{dir: dir}
	c.Input, c.Tokens = s.engagementInput(t, "acme", day)
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
	text, err := s.played(t.Context(), c)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// played is ledger for a goroutine.
func (s *stack) played(ctx context.Context, c *cast) (string, error) {
	if err := s.act(ctx, c); err != nil {
		return "", err
	}
	status, err := workflows.GetEngagement(ctx, s.client, c.Input.Definition.ID)
	if err != nil {
		return "", err
	}
	var b strings.Builder
	for _, l := range status.State.Ledger {
		fmt.Fprintf(&b, "%d %s: %s [%s] (%s) %d slots\n", l.Number, l.Kind, moments.ReplaceAllString(l.What, "THEN"), l.Who, l.Why, l.Slots)
	}
	account, err := s.store.Account(ctx, c.Input.Definition.Contract.Number)
	if err != nil {
		return "", err
	}
	fmt.Fprintf(&b, "%d debits, %d credits left\n", len(account.Debits), account.Balance())
	return b.String(), nil
}

// killsWanted is how often the tests kill; CCL_TEST_KILLS says otherwise.
func killsWanted() int {
	if n, err := strconv.Atoi(os.Getenv("CCL_TEST_KILLS")); err == nil {
		return n
	}
	return 20
}

// A doomed process plays the engagement of a folder until it is killed.
type doomed struct {
	*exec.Cmd
	up   chan struct{} // closed when it works
	said chan string   // its other lines
}

func doomEngagement(t *testing.T, dir string) *doomed {
	t.Helper()
	d := &doomed{Cmd: exec.Command(os.Args[0]), up: make(chan struct{}), said: make(chan string, 8)}
	d.Env = append(os.Environ(), "CCL_TEST_ENGAGEMENT="+dir)
	out, err := d.StdoutPipe()
	if err == nil {
		err = d.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if lines.Text() == upLine {
				close(d.up)
				continue
			}
			d.said <- lines.Text()
		}
	}()
	return d
}

// kill ends the process as a power cut does.
func (d *doomed) kill() {
	d.Process.Kill()
	d.Wait()
}

// After kills at random moments the ledger of an engagement is that of one that
// nobody disturbed. There is no end of runs until the last kill, so that every
// one meets an engagement that goes on.
func TestEngagementKilledAtRandom(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := castIn(t, dir, math.MaxInt)
	kills := killsWanted()
	for i := range kills {
		d := doomEngagement(t, dir)
		if i%2 == 0 { // every other kill may meet a process that is only starting
			select {
			case <-d.up:
			case <-time.After(time.Minute):
				t.Fatal("the process does not come up")
			}
		}
		select {
		case line := <-d.said:
			t.Fatalf("the engagement was over before this kill: %s", line)
		case <-time.After(time.Duration(rand.Int64N(int64(2500 * time.Millisecond)))):
		}
		d.kill()
	}
	s := newStack(t, dir, fakes.New())
	began := time.Now()
	if err := workflows.StartEngagement(t.Context(), s.client, c.Input); err == nil {
		t.Log("not one of the processes came so far as to start it")
	}
	reached := s.until(t, c.Input.Definition.ID, "taken in", func(*workflows.EngagementStatus) bool { return true })
	c.Runs = len(reached.State.Runs) + len(reached.State.Queue) + 2
	got := s.ledger(t, c)
	t.Logf("%d runs; after the last of %d kills the engagement took %v", c.Runs, kills, time.Since(began))
	if s.world.Up() {
		t.Error("a lab was left up")
	}

	calm := t.TempDir()
	want := newStack(t, calm, fakes.New()).ledger(t, castIn(t, calm, c.Runs))
	if got != want {
		t.Errorf("the ledger after %d kills:\n%s\nundisturbed:\n%s", kills, got, want)
	}
}

// The same when the kills meet an engagement whose days pass and whose window
// closes: what the time brought about meanwhile is in the ledger, in its order.
// The first run has to end inside the window; where it does not, the machine is
// slow, and the days must be longer. Where the two windows did not open on the
// same day, the order cannot be the same; the test environment's
// TestOutageOverTheWindowsEnd looks at nothing else.
func TestEngagementKilledWhileDaysPass(t *testing.T) {
	t.Parallel()
	const whole = "1 passed, 1 failed, 0 erred, 0 skipped"
	var got, want string
	var alike bool
	for _, day := range []time.Duration{700 * time.Millisecond, 2 * time.Second, 6 * time.Second} {
		got, want, alike = killedWhileDaysPass(t, day)
		const cut = "so it is cut at day 30"
		if strings.Contains(got, whole) && strings.Contains(want, whole) && !strings.Contains(got+want, cut) {
			break
		}
		t.Logf("days of %v are too short for the beginning and the first run on this machine", day)
	}
	for _, entry := range []string{whole, "warning: the test window ends in 5 days", "phase: reporting", "warning: the engagement ends in 1 day", "(day 30 is over)", "1 debits"} {
		if !strings.Contains(want, entry) {
			t.Errorf("undisturbed, the ledger lacks %q:\n%s", entry, want)
		}
	}
	if !alike {
		got, want = unordered(got), unordered(want)
	}
	if got != want {
		t.Errorf("the ledger after the kills:\n%s\nundisturbed:\n%s", got, want)
	}
}

// unordered is a ledger without its numbers and its order.
func unordered(ledger string) string {
	lines := strings.Split(ledger, "\n")
	for i := range lines {
		lines[i] = strings.TrimLeft(lines[i], "0123456789 ")
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// opened is the day on which an engagement's window opened.
func (s *stack) opened(t *testing.T, id string) int {
	t.Helper()
	status, err := workflows.GetEngagement(t.Context(), s.client, id)
	if err != nil {
		t.Fatal(err)
	}
	return status.State.Term.Number(status.State.Window.Days.Start())
}

// killedWhileDaysPass plays two engagements beside each other, kills one again
// and again from the end of its first run until its window has closed, and
// returns the ledger of that one and of the other. They are alike if their
// windows opened on the same day.
func killedWhileDaysPass(t *testing.T, day time.Duration) (got, want string, alike bool) {
	t.Helper()
	calm := t.TempDir()
	calmCast := (&cast{Runs: 1, Idle: true}).in(t, calm, day)
	beside := newStack(t, calm, fakes.New())
	undisturbed := make(chan error, 1)
	go func() {
		var err error
		want, err = beside.played(t.Context(), calmCast)
		undisturbed <- err
	}()

	dir := t.TempDir()
	c := (&cast{Runs: 1, Idle: true}).in(t, dir, day)
	d := doomEngagement(t, dir)
	var closes time.Time
	select {
	case line := <-d.said:
		// "done" if the window was closed before the run could end.
		closes, _ = time.Parse(time.RFC3339Nano, line)
	case <-time.After(3 * time.Minute):
		t.Fatal("the first run has not ended")
	}
	killed := 1
	for ; killed < killsWanted() || time.Now().Before(closes); killed++ {
		time.Sleep(time.Duration(rand.Int64N(int64(2 * time.Second))))
		d.kill()
		d = doomEngagement(t, dir)
	}
	d.kill()
	t.Logf("%d kills, the last %v after the window closed", killed, time.Since(closes))
	s := newStack(t, dir, fakes.New())
	got = s.ledger(t, c)
	if err := <-undisturbed; err != nil {
		t.Fatal(err)
	}
	id := c.Input.Definition.ID
	return got, want, s.opened(t, id) == beside.opened(t, id)
}
