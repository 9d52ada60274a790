package cli

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// editVerbs are the commands that the configuration language itself performs.
var editVerbs = []string{"set", "delete", "activate", "deactivate", "protect", "unprotect", "rename", "insert", "copy", "replace", "annotate", "wildcard"}

// configurationVerbs are all the commands of configuration mode.
var configurationVerbs = append([]string{"show", "edit", "up", "top", "exit", "quit", "commit", "rollback", "load", "run", "save", "status", "update"}, editVerbs...)

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
	case "save":
		return sh.save(args)
	case "run":
		_, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
		return sh.operationalLine(ctx, rest)
	case "update":
		conflicts, private := sh.session.Update()
		if !private {
			return &grammar.SyntaxError{Message: "unknown command.", Bad: l.words[0]}
		}
		sh.printf("%s", checkMessage(conflicts))
		return nil
	case "status":
		sh.printf("%s", editors(sh.session.Editors()))
		return nil
	case "delete":
		if len(args) == 0 && !sh.confirmDelete() {
			return nil
		}
	}
	_, rest, _ := strings.Cut(strings.TrimSpace(text), " ")
	found, err := sh.session.LoadAt(sh.path, config.FormatSet, config.SetMode, verb+" "+rest)
	if full := sh.expanded(args); err != nil && full != "" {
		found, err = sh.session.LoadAt(sh.path, config.FormatSet, config.SetMode, verb+" "+full)
	}
	sh.printf("%s", warnings(found))
	if err != nil {
		return sh.pointed(err, args)
	}
	return nil
}

// expanded writes out the shortened names of statements in the arguments of a
// command, or is empty if there are none.
func (sh *shell) expanded(args []string) string {
	full := config.Expand(append(slices.Clone(sh.path), args...))[len(sh.path):]
	if slices.Equal(full, args) {
		return ""
	}
	return config.Words(full)
}

// confirmDelete asks before everything at a level goes.
func (sh *shell) confirmDelete() bool {
	if !sh.editor.echo {
		return true
	}
	if len(sh.path) == 0 {
		sh.printf("This will delete the entire configuration\n")
	}
	sh.printf("Delete everything under this level? [yes,no] (no) ")
	answer, err := sh.ask()
	sh.printf("\n")
	return err == nil && strings.HasPrefix(strings.ToLower(answer), "y")
}

// editors lists who is in configuration mode.
func editors(all []mgd.Editor) string {
	var b strings.Builder
	b.WriteString("Users currently editing the configuration:\n")
	for _, e := range all {
		fmt.Fprintf(&b, "  %s terminal %s (pid %d) on since %s\n      ", e.User, e.Client, e.ID, mgd.Stamp(e.Since))
		if e.Mode != "" {
			b.WriteString(e.Mode + " ")
		}
		b.WriteString(e.Level + "\n")
	}
	return b.String()
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
	path := config.Expand(append(slices.Clone(sh.path), l.words[1:]...))
	result, err := sh.shown(path, pipes)
	if err != nil {
		return sh.pointed(err, l.words[1:])
	}
	if err := pipes.saveTo(sh.session, result); err != nil {
		return err
	}
	sh.output(result.Text, pipes)
	return nil
}

// shown is what "show" has to show below a path.
func (sh *shell) shown(path []string, pipes plumbing) (*Result, error) {
	if pipes.compare {
		old, _, err := sh.session.Store().Archived(pipes.rollback)
		if err != nil {
			return nil, err
		}
		return showDifference(old, sh.session.Candidate(), path, pipes, sh.level())
	}
	heading := sh.session.Heading()
	if sh.session.Modified() && len(path) == 0 {
		heading = "## Last changed: uncommitted\n"
	}
	return showTree(sh.session.Candidate(), path, pipes, heading, sh.level())
}

// edit moves down the hierarchy. The level need not exist yet, but it must be
// one that a configuration could have.
func (sh *shell) edit(args []string) error {
	path := config.Expand(append(slices.Clone(sh.path), args...))
	if err := sh.session.Candidate().Level(path...); err != nil {
		return sh.pointed(err, args)
	}
	sh.levels = append(sh.levels, sh.path)
	sh.path = path
	return nil
}

// pointed makes an error in a command line one that a caret points at; args
// are the words of a path that may be in it.
func (sh *shell) pointed(err error, args []string) error {
	if !errors.As(err, new(*config.LoadError)) {
		return err
	}
	if several := sh.ambiguous(args); several != nil {
		return several
	}
	return asSyntax(err)
}

// asSyntax makes a word that the configuration does not know a mistake in the
// line that it was typed in.
func asSyntax(err error) error {
	var e *config.LoadError
	if !errors.As(err, &e) {
		return err
	}
	message := e.Message
	if !strings.Contains(message, " ") || message == "syntax error" || message == "missing argument" || message == "unknown command" {
		message += "."
	}
	if e.Hint != "" {
		message += "\n  did you mean " + e.Hint + "?"
	}
	return &grammar.SyntaxError{Message: message, Bad: e.BadElement}
}

// ambiguous finds the first word of a path that may be several statements; nil
// if there is none.
func (sh *shell) ambiguous(args []string) error {
	path := slices.Clone(sh.path)
	for _, word := range args {
		list := sh.pathCandidates(path)
		open := slices.ContainsFunc(list, func(c grammar.Completion) bool { return c.Word == word || strings.HasPrefix(c.Word, "<") })
		if list = beginning(list, word); !open {
			switch len(list) {
			case 0:
				return nil
			case 1:
				word = list[0].Word
			default:
				var b strings.Builder
				for _, c := range list {
					helpLine(&b, c)
				}
				return &grammar.SyntaxError{Message: "'" + word + "' is ambiguous.\nPossible completions:\n" + strings.TrimSuffix(b.String(), "\n"), Bad: word}
			}
		}
		path = append(path, word)
	}
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

// exit goes back to the level before the last edit, and from the top out of
// configuration mode.
func (sh *shell) exit(args []string) error {
	if len(args) > 0 && !shortens(args[0], "configuration-mode", 4) {
		return &grammar.SyntaxError{Message: "syntax error.", Bad: args[0]}
	}
	if len(args) == 0 && len(sh.path) > 0 {
		sh.path = nil
		if last := len(sh.levels) - 1; last >= 0 {
			sh.path, sh.levels = sh.levels[last], sh.levels[:last]
		}
		return nil
	}
	sh.leave()
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
