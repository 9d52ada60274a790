package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// A Terminal is where a shell reads and writes.
type Terminal struct {
	In   io.Reader
	Out  io.Writer // gets "\n" at line ends
	Echo bool      // print prompts and what is typed
	// Rows and Columns are the size of the screen, 0 if it has none.
	Rows, Columns int
}

// Exec performs the command lines of an SSH exec request, separated by
// semicolons or line ends, and returns the exit status: 0, or 1 if one failed.
// There is no terminal, so errors go to stderr's writer and output is plain.
func Exec(ctx context.Context, s *mgd.Session, command string, out, errOut io.Writer) int {
	status := 0
	for _, one := range commands(command) {
		result, err := Operational(ctx, s, one)
		if err != nil {
			_, _ = io.WriteString(errOut, Message(err, one, -1))
			status = 1
			continue
		}
		_, _ = io.WriteString(out, result.Text)
	}
	return status
}

// commands takes lines apart at line ends and at semicolons outside of quotes.
func commands(text string) []string {
	var all []string
	quoted, start := false, 0
	for i, c := range text {
		switch {
		case c == '"':
			quoted = !quoted
		case c == '\n', c == ';' && !quoted:
			all = append(all, text[start:i])
			start = i + 1
		}
	}
	return append(all, text[start:])
}

// Shell talks with one user until "exit", the end of input, or the end of ctx
// (whose channel its owner closes).
func Shell(ctx context.Context, s *mgd.Session, t Terminal) {
	sh := &shell{session: s, out: t.Out, keys: newKeyboard(t.In), screen: screen{length: t.Rows, width: t.Columns, spaces: true}}
	sh.editor = &editor{keys: sh.keys, out: t.Out, echo: t.Echo, help: sh.help, complete: sh.complete, space: sh.completeOnSpace}
	sh.printf("--- JUNOS %s emulated by ccl\n", oper.Release)
	if t.Echo {
		s.Hear(func(text string) { _, _ = io.WriteString(t.Out, text) })
	}
	for ctx.Err() == nil && !sh.done {
		sh.editor.plain = sh.unix
		line, err := sh.editor.read(sh.prompt())
		switch {
		case errors.Is(err, errInterrupted):
			continue
		case errors.Is(err, io.EOF) && sh.configuring && sh.editor.echo:
			sh.leave()
			continue
		case err != nil:
			return
		}
		sh.run(ctx, line)
	}
}

// A shell is one user's command line.
type shell struct {
	session *mgd.Session
	out     io.Writer
	keys    *keyboard
	editor  *editor
	done    bool

	screen screen

	configuring bool
	private     bool       // configure private
	exclusive   bool       // configure exclusive
	path        []string   // the level of the configuration that is being edited
	levels      [][]string // those that edit came from: where exit goes back to

	unix   bool // start shell
	status int  // exit status of the last command of that shell
}

func (sh *shell) printf(format string, args ...any) { _, _ = fmt.Fprintf(sh.out, format, args...) }

// prompt is what precedes a line: in configuration mode also the level.
func (sh *shell) prompt() string {
	if sh.unix {
		return unixPrompt
	}
	name := sh.session.User + "@" + sh.session.Hostname()
	if !sh.configuring && sh.screen.prompt != "" {
		return "\n" + sh.screen.prompt
	}
	if !sh.configuring {
		return "\n" + name + "> "
	}
	return "\n" + sh.pending() + sh.level() + "\n" + name + "# "
}

// pending is the reminder of a commit that waits for its confirmation.
func (sh *shell) pending() string {
	deadline, waits := sh.session.Store().Pending()
	if !waits {
		return ""
	}
	minutes := int(math.Ceil(time.Until(deadline).Minutes()))
	return fmt.Sprintf("# commit confirmed will be rolled back in %d minute%s\n", minutes, map[bool]string{true: "s"}[minutes != 1])
}

// level is the banner of the configuration level: [edit protocols bgp].
func (sh *shell) level() string {
	return "[" + strings.Join(append([]string{"edit"}, sh.path...), " ") + "]"
}

// column is where typed text starts on the screen, for carets.
func (sh *shell) column() int {
	prompt := sh.prompt()
	return len(prompt) - (strings.LastIndexByte(prompt, '\n') + 1)
}

// run performs one line and prints what comes of it. Ctrl-C ends it.
func (sh *shell) run(ctx context.Context, text string) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	sh.keys.onInterrupt(cancel)
	defer sh.keys.onInterrupt(nil)
	var err error
	switch {
	case sh.unix:
		err = sh.unixLine(ctx, text)
	case sh.configuring:
		err = sh.configurationLine(ctx, text)
		sh.editing()
	default:
		err = sh.operationalLine(ctx, text)
	}
	switch {
	case err == nil:
	case ctx.Err() != nil:
		sh.printf("^C\n")
	default:
		sh.printf("%s", Message(err, text, sh.column()))
	}
}

// operationalLine performs a line of operational mode: what changes the shell
// itself, or a command.
func (sh *shell) operationalLine(ctx context.Context, text string) error {
	words := split(text).words
	if len(words) == 0 {
		return nil
	}
	switch first := words[0]; {
	case shortens(first, "configure", 4), first == "edit":
		return sh.enter(words[1:])
	case shortens(first, "exit", 2), shortens(first, "quit", 1):
		sh.done = true
		return nil
	case startShell(words):
		sh.unix, sh.status = true, 0
		return nil
	case len(words) == 2 && shortens(first, "show", 2) && words[1] == "cli":
		sh.printf("%s", sh.screen.show(sh.session.User))
		return nil
	case len(words) == 3 && shortens(first, "show", 2) && words[1] == "cli" && shortens(words[2], "history", 1):
		sh.page(strings.Join(sh.editor.history, "\n") + "\n")
		return nil
	case !sh.meant(words):
		return nil
	}
	if answer, ok, err := sh.screen.set(words); ok {
		sh.printf("%s", answer)
		return err
	}
	sh.timestamp()
	if ok, err := sh.live(ctx, split(text)); ok {
		return err
	}
	result, err := Operational(ctx, sh.session, text)
	if err != nil {
		return err
	}
	pipes, err := parsePipes(split(text).pipes)
	sh.output(result.Text, pipes)
	return err
}

// output prints what a command answered, a page at a time unless its pipes
// say otherwise.
func (sh *shell) output(text string, pipes plumbing) {
	if pipes.noMore {
		sh.printf("%s", text)
		return
	}
	sh.page(text)
}

// enter starts configuration mode.
func (sh *shell) enter(args []string) error {
	switch {
	case len(args) == 0:
	case shortens(args[0], "exclusive", 1):
		if err := sh.session.Lock(); err != nil {
			return err
		}
		sh.exclusive = true
		sh.printf("warning: uncommitted changes will be discarded on exit\n")
	case shortens(args[0], "private", 1):
		if err := sh.session.OpenPrivate(); err != nil {
			return err
		}
		sh.private = true
		sh.printf("warning: uncommitted changes will be discarded on exit\n")
	default:
		return &grammar.SyntaxError{Message: "syntax error, expecting <command>.", Bad: args[0]}
	}
	sh.configuring, sh.path, sh.levels = true, nil, nil
	sh.printf("Entering configuration mode\n")
	others := slices.DeleteFunc(sh.session.Editors(), func(e mgd.Editor) bool { return e.ID == sh.session.ID })
	if len(others) > 0 {
		sh.printf("%s", editors(others))
	}
	sh.editing()
	if sh.session.Modified() {
		sh.printf("The configuration has been changed but not committed\n")
	}
	return nil
}

// editing tells the other users where this one edits.
func (sh *shell) editing() {
	mode := ""
	switch {
	case !sh.configuring:
		sh.session.Editing("", "")
		return
	case sh.private:
		mode = "private"
	case sh.exclusive:
		mode = "exclusive"
	}
	sh.session.Editing(mode, sh.level())
}

// leave ends configuration mode, asking first if changes would stay
// uncommitted.
func (sh *shell) leave() {
	if sh.session.Modified() {
		sh.printf("The configuration has been changed but not committed\n")
		if (sh.private || sh.exclusive) && sh.editor.echo {
			sh.printf("Discard uncommitted changes? [yes,no] (yes) ")
		} else if sh.editor.echo {
			sh.printf("Exit with uncommitted changes? [yes,no] (yes) ")
		}
		answer, err := sh.ask()
		if err != nil || strings.HasPrefix(strings.ToLower(answer), "n") {
			sh.printf("\n")
			return
		}
	}
	if sh.private {
		sh.session.ClosePrivate()
	}
	if sh.exclusive {
		_ = sh.session.Unlock() // the lock is this session's own
	}
	sh.configuring, sh.private, sh.exclusive, sh.path = false, false, false, nil
	sh.editing()
	sh.printf("Exiting configuration mode\n")
}

// ask reads an answer to a question; it does not go into the history.
func (sh *shell) ask() (string, error) {
	if !sh.editor.echo {
		return "yes", nil
	}
	sh.keys.onInterrupt(nil)
	kept := sh.editor.history
	sh.editor.plain = true
	defer func() { sh.editor.history, sh.editor.plain = kept, false }()
	return sh.editor.read("")
}

// downWords are what Junos asks before the router goes down, by the request.
var downWords = map[string]string{
	"request-reboot":    "Reboot the system ? [yes,no] (no) ",
	"request-halt":      "Halt the system ? [yes,no] (no) ",
	"request-power-off": "Power Off the system ? [yes,no] (no) ",
}

// meant asks before a command that takes the router down.
func (sh *shell) meant(words []string) bool {
	rpc, err := mgd.Commands.Parse(words)
	if err != nil || downWords[rpc.Name] == "" || !sh.editor.echo {
		return true
	}
	sh.printf("%s", downWords[rpc.Name])
	answer, err := sh.ask()
	return err == nil && strings.HasPrefix(strings.ToLower(answer), "y")
}
