package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// Message is an error as the command line prints it. On a terminal a mistake
// in the line is pointed at by a caret; column is where the line starts on the
// screen, or negative where there is no terminal.
func Message(err error, typed string, column int) string {
	var syntax *grammar.SyntaxError
	var load *config.LoadError
	var check *store.CheckError
	var conflict *store.ConflictError
	var locked *store.LockedError
	switch {
	case errors.As(err, &syntax):
		return syntaxMessage(syntax, typed, column)
	case errors.As(err, &check):
		return checkMessage(check.Errors) + "error: configuration check-out failed\n"
	case errors.As(err, &conflict):
		return checkMessage(conflict.Conflicts) + "error: " + conflict.Last() + "\n"
	case errors.As(err, &load):
		return loadMessage(load, fromTerminal)
	case errors.As(err, &locked):
		return fmt.Sprintf("error: configuration database locked by:\n  %s terminal %s (pid %d) on since %s\n      exclusive [edit]\n",
			locked.Holder.User, locked.Holder.Client, locked.Holder.ID, mgd.Stamp(locked.Holder.Since))
	case errors.Is(err, oper.ErrUnknownRPC):
		return "error: syntax error\n"
	}
	return "error: " + strings.TrimSuffix(err.Error(), "\n") + "\n"
}

func syntaxMessage(e *grammar.SyntaxError, typed string, column int) string {
	if column < 0 {
		message := strings.TrimSuffix(e.Message, ".")
		if e.Bad != "" && !strings.Contains(e.Message, e.Bad) {
			message += ": " + e.Bad
		}
		return "error: " + message + "\n"
	}
	at := column + len(strings.TrimRight(typed, " "))
	if e.Bad != "" {
		if i := strings.LastIndex(typed, e.Bad); i >= 0 {
			at = column + i
		}
	}
	return fmt.Sprintf("%*s^\n%s\n", at, "", e.Message)
}

// loadMessage says what could not be loaded from a file or the terminal.
func loadMessage(e *config.LoadError, from string) string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%s:%d:(%d) ", from, e.Line, e.Column)
	}
	fmt.Fprintf(&b, "%s", e.Message)
	if e.BadElement != "" {
		fmt.Fprintf(&b, ": %s", e.BadElement)
	}
	b.WriteByte('\n')
	if e.Path != "" {
		fmt.Fprintf(&b, "  %s\n", e.Path)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, "  did you mean %s?\n", e.Hint)
	}
	return b.String()
}

// checkMessage prints what is wrong with a candidate: where, which statement,
// and why.
func checkMessage(all config.ValidationErrors) string {
	var b strings.Builder
	for _, e := range all {
		if e.Path != "" {
			fmt.Fprintln(&b, e.Path)
		}
		if e.Element != "" {
			fmt.Fprintf(&b, "  '%s'\n  ", e.Element)
		}
		if e.Path != "" {
			b.WriteString("  ")
		}
		fmt.Fprintln(&b, e.Message)
	}
	return b.String()
}

// warnings prints warnings one a line.
func warnings(all []config.Warning) string {
	var b strings.Builder
	for _, w := range all {
		text := w.String()
		if strings.HasPrefix(w.Message, "[") {
			text = w.Message // it says itself where
		}
		fmt.Fprintf(&b, "warning: %s\n", text)
	}
	return b.String()
}
