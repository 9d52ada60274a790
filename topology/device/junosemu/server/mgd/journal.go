package mgd

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// logFile is the router's own log.
const logFile = "/var/log/messages"

// maxJournal is how many lines of the log are kept.
const maxJournal = 2000

// A journal is what the emulator itself has to tell: who came and went, who
// committed what, what it did by itself. What FRR's daemons say is in their
// own logs.
type journal struct {
	mu    sync.Mutex
	lines []string
}

// note adds a line in the form of syslog.
func (d *Daemon) note(process, format string, args ...any) {
	text := strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " ")
	line := fmt.Sprintf("%s  %s %s: %s", time.Now().Format("Jan _2 15:04:05"), d.id.Name, process, text)
	j := &d.journal
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.lines = append(j.lines, line); len(j.lines) > maxJournal {
		j.lines = append([]string(nil), j.lines[len(j.lines)-maxJournal:]...)
	}
}

func (j *journal) text() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.lines) == 0 {
		return ""
	}
	return strings.Join(j.lines, "\n") + "\n"
}

// getLog answers get-log; there is one log.
func (s *Session) getLog(rpc *xmltree.Element) (*xmltree.Element, error) {
	switch name := rpc.Value("filename"); name {
	case "", "messages", logFile:
		return fileContent(logFile, s.daemon.journal.text()), nil
	default:
		return nil, &oper.Refusal{Message: "could not resolve file: " + name}
	}
}

// process is the session's mgd as a log names it.
func (s *Session) process() string { return fmt.Sprintf("mgd[%d]", s.ID) }

// Commit is the store's Commit, with a line in the log.
func (s *Session) Commit(ctx context.Context, o store.CommitOptions) (store.Result, error) {
	done, err := s.Session.Commit(ctx, o)
	switch {
	case err != nil:
		s.daemon.note(s.process(), "UI_COMMIT_ERROR: User '%s': commit failed: %v", s.User, err)
	case !o.Check:
		comment := "none"
		if o.Log != "" {
			comment = o.Log
		}
		s.daemon.note(s.process(), "UI_COMMIT: User '%s' requested 'commit' operation (comment: %s)", s.User, comment)
	}
	return done, err
}

// CommitAt is the store's CommitAt, with a line in the log.
func (s *Session) CommitAt(at time.Time, log string) ([]config.Warning, error) {
	warnings, err := s.Session.CommitAt(at, log)
	if err == nil {
		s.daemon.note(s.process(), "UI_COMMIT_AT: User '%s' requested commit at %s", s.User, Stamp(at))
	}
	return warnings, err
}
