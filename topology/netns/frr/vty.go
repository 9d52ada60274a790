package frr

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"time"
)

// The status byte that ends a daemon's answer (lib/command.h, CMD_…).
const (
	StatusOK         = 0
	StatusWarning    = 1
	StatusUnknown    = 2
	StatusAmbiguous  = 3
	StatusIncomplete = 4
	StatusRefused    = 13
)

// A CommandError is a daemon's refusal of one command, in its own words.
type CommandError struct {
	Daemon  string // ospfd
	Command string // the line as it was sent
	Context string // the configuration context it was sent in; empty outside of one
	Output  string // what the daemon printed, trimmed
	Status  int    // StatusUnknown, StatusRefused, …
}

func (e *CommandError) Error() string {
	where := ""
	if e.Context != "" {
		where = " (in " + e.Context + ")"
	}
	return fmt.Sprintf("%s refused %q%s: %s", e.Daemon, e.Command, where, e.reason())
}

// reason is the daemon's own sentence, or the meaning of its status when it
// printed none.
func (e *CommandError) reason() string {
	if e.Output != "" {
		return strings.Join(strings.Fields(strings.TrimPrefix(e.Output, "% ")), " ")
	}
	switch e.Status {
	case StatusUnknown:
		return "unknown command"
	case StatusAmbiguous:
		return "ambiguous command"
	case StatusIncomplete:
		return "incomplete command"
	}
	return fmt.Sprintf("status %d", e.Status)
}

// vty is one connection to a daemon's management socket, as vtysh would hold
// it. The daemon answers a command (text, NUL) with text, three NULs and a
// status byte. A connection that failed once is not used again.
type vty struct {
	daemon string
	mu     sync.Mutex // one command at a time
	conn   net.Conn
	failed error
	buf    []byte
}

// dialVTY connects to the socket at path and enters the privileged mode.
func dialVTY(ctx context.Context, daemon, path string) (*vty, error) {
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, err
	}
	v := &vty{daemon: daemon, conn: conn, buf: make([]byte, 64<<10)}
	if _, err := v.command(ctx, "enable"); err != nil {
		conn.Close()
		return nil, err
	}
	return v, nil
}

// command sends one line and returns what the daemon printed. A status other
// than 0 is a *CommandError, returned together with the output.
func (v *vty) command(ctx context.Context, line string) (string, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.failed != nil {
		return "", v.failed
	}
	if strings.ContainsAny(line, "\x00\n") {
		return "", fmt.Errorf("command %q for %s contains a line end", line, v.daemon)
	}
	output, status, err := v.exchange(ctx, line)
	if err != nil {
		// What is still on its way would be taken for the next answer.
		v.failed = fmt.Errorf("%s: %q: %w", v.daemon, line, contextError(ctx, err))
		v.conn.Close()
		return "", v.failed
	}
	if status != StatusOK {
		return output, &CommandError{Daemon: v.daemon, Command: line, Output: strings.TrimSpace(output), Status: status}
	}
	return output, nil
}

// exchange is one question and its answer, bound to the context.
func (v *vty) exchange(ctx context.Context, line string) (string, int, error) {
	if err := ctx.Err(); err != nil {
		return "", 0, err
	}
	stop := context.AfterFunc(ctx, func() { v.conn.SetDeadline(time.Unix(1, 0)) })
	defer stop()
	if _, err := v.conn.Write(append([]byte(line), 0)); err != nil {
		return "", 0, err
	}
	return v.answer()
}

// answer reads up to the terminator: three NULs and the status.
func (v *vty) answer() (string, int, error) {
	var got []byte
	for {
		n, err := v.conn.Read(v.buf)
		// The terminator may have begun in the bytes read before.
		from := max(len(got)-3, 0)
		got = append(got, v.buf[:n]...)
		if i := bytes.Index(got[from:], []byte{0, 0, 0}); i >= 0 && from+i+3 < len(got) {
			return string(got[:from+i]), int(got[from+i+3]), nil
		}
		if err != nil {
			return "", 0, fmt.Errorf("connection closed in the middle of an answer: %w", err)
		}
	}
}

// close ends the connection; a command under way fails.
func (v *vty) close() { v.conn.Close() }

// broken reports whether the connection can be used no more.
func (v *vty) broken() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.failed != nil
}

// contextError prefers the context's reason over the deadline it caused.
func contextError(ctx context.Context, err error) error {
	if cause := context.Cause(ctx); cause != nil && !errors.Is(err, cause) {
		return cause
	}
	return err
}

// isContextError reports whether the caller gave up, rather than the daemon.
func isContextError(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)
}
