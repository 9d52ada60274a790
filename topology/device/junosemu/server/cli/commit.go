package cli

import (
	"context"
	"strconv"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// commitLine is what a commit command asks for.
type commitLine struct {
	store.CommitOptions
	at   string // when; empty: now
	quit bool   // leave configuration mode after it
}

// parseCommit reads the arguments of a commit.
func parseCommit(args []string) (o commitLine, err error) {
	for i := 0; i < len(args); i++ {
		more := i+1 < len(args)
		switch {
		case shortens(args[i], "check", 2):
			o.Check = true
		case shortens(args[i], "and-quit", 2):
			o.quit = true
		case shortens(args[i], "synchronize", 1), args[i] == "force":
		case shortens(args[i], "comment", 4) && more:
			i++
			o.Log = args[i]
		case args[i] == "at" && more:
			i++
			o.at = args[i]
		case shortens(args[i], "confirmed", 4):
			o.Confirmed = 10 * time.Minute
			if !more {
				continue
			}
			if n, err := strconv.Atoi(args[i+1]); err == nil && n >= 1 && n <= 65535 {
				o.Confirmed = time.Duration(n) * time.Minute
				i++
			}
		default:
			return o, &grammar.SyntaxError{Message: "syntax error.", Bad: args[i]}
		}
	}
	return o, nil
}

// commit makes the candidate the running configuration, now or later.
func (sh *shell) commit(args []string) error {
	o, err := parseCommit(args)
	if err != nil {
		return err
	}
	if o.at != "" {
		return sh.commitAt(o)
	}
	// Not the line's context: Ctrl-C does not stop a commit halfway.
	done, err := sh.session.Commit(context.Background(), o.CommitOptions)
	if err != nil {
		return err
	}
	sh.printf("%s", warnings(done.Warnings))
	switch {
	case o.Check:
		sh.printf("configuration check succeeds\n")
		return nil
	case o.Confirmed > 0:
		sh.printf("commit confirmed will be automatically rolled back in %d minutes unless confirmed\n", int(o.Confirmed/time.Minute))
	}
	sh.printf("commit complete\n")
	if o.quit {
		sh.leave()
	}
	return nil
}

// commitAt has the candidate committed later.
func (sh *shell) commitAt(o commitLine) error {
	at, err := mgd.ParseAt(o.at, time.Now())
	if err != nil {
		return err
	}
	found, err := sh.session.CommitAt(at, o.Log)
	if err != nil {
		return err
	}
	sh.printf("%sconfiguration check succeeds\n%s", warnings(found), mgd.ScheduledText(at))
	if o.quit {
		sh.leave()
	}
	return nil
}
