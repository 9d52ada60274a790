package cli

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// editVerbs are the commands that the configuration language itself performs.
var editVerbs = []string{"set", "delete", "activate", "deactivate", "protect", "unprotect", "rename", "insert", "copy", "replace", "annotate", "wildcard"}

// configurationVerbs are all the commands of configuration mode.
var configurationVerbs = append([]string{"show", "edit", "up", "top", "exit", "quit", "commit", "rollback", "load", "run", "status"}, editVerbs...)

// configurationLine performs a line of configuration mode.
func (sh *shell) configurationLine(ctx context.Context, text string) error {
	l := split(text)
	if len(l.words) == 0 {
		return nil
	}
	verb, err := verbOf(l.words[0])
	if err != nil {
		return err
	}
	args := l.words[1:]
	switch verb {
	case "show":
		return sh.show(l)
	case "edit":
		return sh.edit(args)
	case "up", "top":
		return sh.climb(ctx, verb, args, text)
	case "exit", "quit":
		return sh.exit(args)
	case "commit":
		return sh.commit(args)
	case "rollback":
		return sh.rollback(args)
	case "load":
		return sh.load(args)
	case "run":
		_, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		return sh.operationalLine(ctx, rest)
	case "status":
		sh.printf("Users currently editing the configuration:\n  %s terminal %s (pid %d)\n      %s\n", sh.session.User, sh.session.Client, sh.session.ID, sh.level())
		return nil
	}
	_, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	found, err := sh.session.LoadAt(sh.path, config.FormatSet, config.SetMode, verb+" "+rest)
	sh.printf("%s", warnings(found))
	return err
}

// verbOf finds the command that a word is or shortens.
func verbOf(word string) (string, error) {
	var found []string
	for _, v := range configurationVerbs {
		if v == word {
			return v, nil
		}
		if strings.HasPrefix(v, word) {
			found = append(found, v)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return "", &grammar.SyntaxError{Message: "unknown command.", Bad: word}
	}
	return "", &grammar.SyntaxError{Message: fmt.Sprintf("'%s' is ambiguous.\nPossible completions:\n  %s", word, strings.Join(found, "\n  ")), Bad: word}
}

// show prints the candidate below the current level, or compares it.
func (sh *shell) show(l line) error {
	pipes, err := parsePipes(l.pipes)
	if err != nil {
		return err
	}
	if pipes.compare {
		diff, err := sh.session.Compare(pipes.rollback)
		if err != nil {
			return err
		}
		sh.printf("%s", pipes.apply(diff))
		return nil
	}
	path := append(append([]string(nil), sh.path...), l.words[1:]...)
	heading := ""
	if sh.session.Modified() && len(path) == 0 {
		heading = "## Last changed: uncommitted\n"
	} else {
		heading = sh.session.Heading()
	}
	result, err := showTree(sh.session.Candidate(), path, pipes, heading, sh.level())
	if err != nil {
		return err
	}
	sh.printf("%s", result.Text)
	return nil
}

// edit moves down the hierarchy. The level need not exist yet, but it must be
// one that a configuration could have.
func (sh *shell) edit(args []string) error {
	path := append(append([]string(nil), sh.path...), args...)
	if _, err := sh.session.Candidate().Text(path...); err != nil {
		return err
	}
	sh.path = path
	return nil
}

// climb moves up the hierarchy; a command after it is performed up there.
func (sh *shell) climb(ctx context.Context, verb string, args []string, text string) error {
	levels := len(sh.path)
	used := 1
	if verb == "up" {
		levels = 1
		if len(args) > 0 {
			if n, err := strconv.Atoi(args[0]); err == nil {
				levels, used = n, 2
				args = args[1:]
			}
		}
	}
	above := sh.path[:max(0, len(sh.path)-levels)]
	if len(args) == 0 {
		sh.path = above
		return nil
	}
	rest := strings.TrimSpace(text)
	for range used {
		_, rest, _ = strings.Cut(rest, " ")
		rest = strings.TrimSpace(rest)
	}
	here := sh.path
	sh.path = above
	err := sh.configurationLine(ctx, rest)
	if verbHere, _ := verbOf(args[0]); verbHere != "edit" {
		sh.path = here
	}
	return err
}

// exit goes up to where the last edit started, that is to the top here, and
// from the top out of configuration mode.
func (sh *shell) exit(args []string) error {
	if len(args) > 0 && !shortens(args[0], "configuration-mode", 4) {
		return &grammar.SyntaxError{Message: "syntax error.", Bad: args[0]}
	}
	if len(args) == 0 && len(sh.path) > 0 {
		sh.path = nil
		return nil
	}
	sh.leave()
	return nil
}

// commit makes the candidate the running configuration.
func (sh *shell) commit(args []string) error {
	var o store.CommitOptions
	quit := false
	for i := 0; i < len(args); i++ {
		switch {
		case shortens(args[i], "check", 2):
			o.Check = true
		case shortens(args[i], "and-quit", 2):
			quit = true
		case shortens(args[i], "synchronize", 1):
		case shortens(args[i], "comment", 4) && i+1 < len(args):
			i++
			o.Log = args[i]
		case shortens(args[i], "confirmed", 4):
			o.Confirmed = 10 * time.Minute
			if i+1 < len(args) {
				if n, err := strconv.Atoi(args[i+1]); err == nil && n >= 1 && n <= 65535 {
					o.Confirmed = time.Duration(n) * time.Minute
					i++
				}
			}
		default:
			return &grammar.SyntaxError{Message: "syntax error.", Bad: args[i]}
		}
	}
	// Not the line's context: Ctrl-C does not stop a commit halfway.
	done, err := sh.session.Commit(context.Background(), o)
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
	if quit {
		sh.leave()
	}
	return nil
}

func (sh *shell) rollback(args []string) error {
	switch {
	case len(args) == 0:
		args = []string{"0"}
	case args[0] == "rescue":
		if err := sh.session.LoadRescue(); err != nil {
			return err
		}
		sh.printf("load complete\n")
		return nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 0 {
		return &grammar.SyntaxError{Message: "syntax error.", Bad: args[0]}
	}
	if err := sh.session.Rollback(n); err != nil {
		return err
	}
	sh.printf("load complete\n")
	return nil
}

// load reads configuration from the terminal until Ctrl-D.
func (sh *shell) load(args []string) error {
	if len(args) < 2 || args[1] != "terminal" {
		return &grammar.SyntaxError{Message: "syntax error, expecting 'terminal'.", Bad: strings.Join(args, " ")}
	}
	format, action := config.FormatText, config.Action(args[0])
	switch action {
	case config.SetMode:
		format = config.FormatSet
	case config.Merge, config.Replace, config.Override, config.Update, config.Patch:
	default:
		return &grammar.SyntaxError{Message: "syntax error.", Bad: args[0]}
	}
	var at []string
	if len(args) > 2 && shortens(args[2], "relative", 3) {
		at = sh.path
	}
	sh.printf("[Type ^D at a new line to end input]\n")
	text, err := sh.readText()
	if err != nil {
		return err
	}
	found, err := sh.session.LoadAt(at, format, action, text)
	sh.printf("%s", warnings(found))
	if err != nil {
		return err
	}
	sh.printf("load complete\n")
	return nil
}

// readText reads lines until Ctrl-D at the start of one.
func (sh *shell) readText() (string, error) {
	sh.keys.onInterrupt(nil)
	kept, help, complete := sh.editor.history, sh.editor.help, sh.editor.complete
	sh.editor.help, sh.editor.complete = nil, nil
	defer func() { sh.editor.history, sh.editor.help, sh.editor.complete = kept, help, complete }()
	var b strings.Builder
	for {
		line, err := sh.editor.read("")
		switch {
		case err == io.EOF:
			return b.String(), nil
		case err != nil:
			return "", err
		}
		b.WriteString(line + "\n")
	}
}
