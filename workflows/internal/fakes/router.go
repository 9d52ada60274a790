package fakes

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device"
)

// A Router is a list of statements in set form and its past.
type Router struct {
	world *World
	name  string

	// Stubborn, if set, is a statement that comes back with every commit, as on
	// a device that does not do what it is told.
	Stubborn string

	statements []string
	history    []commit // newest first; its statements are those before
}

type commit struct {
	log    string
	before []string
}

// Statements returns the running configuration.
func (r *Router) Statements() []string {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	return slices.Clone(r.statements)
}

// Set changes the running configuration behind everybody's back.
func (r *Router) Set(statement string) {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	r.statements = append(r.statements, statement)
}

// Logs returns the logs of the commits, oldest first.
func (r *Router) Logs() []string {
	r.world.mu.Lock()
	defer r.world.mu.Unlock()
	var logs []string
	for _, c := range slices.Backward(r.history) {
		logs = append(logs, c.log)
	}
	return logs
}

// session is a device.Session with a router.
type session struct{ r *Router }

// Run answers every command with itself.
func (s session) Run(ctx context.Context, command string) (string, error) {
	if err := s.r.world.do(ctx, "run %s %s", s.r.name, command); err != nil {
		return "", err
	}
	return "output of " + command + "\n", nil
}

// Get answers RPCs about the configuration; any other is refused.
func (s session) Get(ctx context.Context, rpc string) ([]byte, error) {
	if err := s.r.world.do(ctx, "get %s %s", s.r.name, rpc); err != nil {
		return nil, err
	}
	s.r.world.mu.Lock()
	defer s.r.world.mu.Unlock()
	text := strings.Join(s.r.statements, "\n") + "\n"
	switch {
	case strings.Contains(rpc, "get-commit-information"):
		var b strings.Builder
		b.WriteString("<commit-information>")
		for i, c := range s.r.history {
			fmt.Fprintf(&b, "<commit-history><sequence-number>%d</sequence-number><log>%s</log></commit-history>", i, c.log)
		}
		return []byte(b.String() + "</commit-information>"), nil
	case strings.Contains(rpc, `compare="rollback"`):
		return []byte("<configuration-information><configuration-output>" + difference(s.r.history[0].before, s.r.statements) +
			"</configuration-output></configuration-information>"), nil
	case strings.Contains(rpc, `format="set"`):
		return []byte("<configuration-set>" + text + "</configuration-set>"), nil
	case strings.Contains(rpc, `format="text"`):
		return []byte("<configuration-text>" + text + "</configuration-text>"), nil
	}
	return nil, &device.RejectedError{Node: s.r.name, Op: "rpc", Message: "syntax error"}
}

// Apply changes statements. One with the word "bogus" in it is refused.
func (s session) Apply(ctx context.Context, c device.Change) (device.Commit, error) {
	op := "apply"
	if c.DryRun {
		op = "check"
	}
	if err := s.r.world.do(ctx, "%s %s", op, s.r.name); err != nil {
		return device.Commit{}, err
	}
	s.r.world.mu.Lock()
	defer s.r.world.mu.Unlock()
	next := slices.Clone(s.r.statements)
	if c.Load == device.LoadOverride {
		next = nil
	}
	for line := range strings.Lines(c.Text) {
		line = strings.TrimSpace(line)
		if strings.Contains(line, "bogus") {
			return device.Commit{}, &device.RejectedError{Node: s.r.name, Op: "commit check", Message: "bogus statement", Path: line}
		}
		if gone, ok := strings.CutPrefix(line, "delete "); ok {
			next = slices.DeleteFunc(next, func(s string) bool { return strings.HasPrefix(s, "set "+gone) })
		} else if line != "" && !slices.Contains(next, line) {
			next = append(next, line)
		}
	}
	if s.r.Stubborn != "" && !slices.Contains(next, s.r.Stubborn) && !c.DryRun {
		defer func() { s.r.statements = append(s.r.statements, s.r.Stubborn) }()
	}
	return s.r.commit(next, c.Log, c.DryRun), s.r.world.after(op + " " + s.r.name)
}

// Rollback returns to the statements before the n-th last commit.
func (s session) Rollback(ctx context.Context, n int, log string) (device.Commit, error) {
	if err := s.r.world.do(ctx, "rollback %s %d", s.r.name, n); err != nil {
		return device.Commit{}, err
	}
	s.r.world.mu.Lock()
	defer s.r.world.mu.Unlock()
	if n < 1 || n > len(s.r.history) {
		return device.Commit{}, &device.RejectedError{Node: s.r.name, Op: "load", Message: fmt.Sprintf("rollback %d does not exist", n)}
	}
	return s.r.commit(s.r.history[n-1].before, log, false), s.r.world.after("rollback " + s.r.name)
}

// Close does nothing.
func (s session) Close() error { return nil }

func (r *Router) commit(next []string, log string, dry bool) device.Commit {
	done := device.Commit{Diff: difference(r.statements, next), Took: time.Millisecond}
	if done.Diff != "" && !dry {
		r.history = slices.Insert(r.history, 0, commit{log, r.statements})
		r.statements = next
	}
	return done
}

func difference(before, after []string) string {
	var b strings.Builder
	for _, s := range before {
		if !slices.Contains(after, s) {
			b.WriteString("- " + s + "\n")
		}
	}
	for _, s := range after {
		if !slices.Contains(before, s) {
			b.WriteString("+ " + s + "\n")
		}
	}
	return b.String()
}
