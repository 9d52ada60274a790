package cli

import (
	"errors"
	"io"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
)

// fromTerminal is the name of what the user types.
const fromTerminal = "terminal"

// A loadLine is what a load command asks for.
type loadLine struct {
	action   config.Action
	format   config.Format
	from     string // a file of the user's, or terminal
	relative bool
}

// parseLoad reads the arguments of a load.
func parseLoad(args []string) (l loadLine, err error) {
	if len(args) == 0 {
		return l, &grammar.SyntaxError{Message: "syntax error, expecting <command>."}
	}
	l.action, l.format = config.Action(args[0]), config.FormatText
	switch l.action {
	case config.SetMode:
		l.format = config.FormatSet
	case config.Merge, config.Replace, config.Override, config.Update, config.Patch:
	default:
		return l, &grammar.SyntaxError{Message: "syntax error.", Bad: args[0]}
	}
	if len(args) == 1 {
		return l, &grammar.SyntaxError{Message: "syntax error, expecting <filename> or 'terminal'."}
	}
	l.from = args[1]
	for _, option := range args[2:] {
		switch {
		case shortens(option, "relative", 3):
			l.relative = true
		case option == "json" && l.format == config.FormatText && l.action != config.Patch:
			l.format = config.FormatJSON
		default:
			return l, &grammar.SyntaxError{Message: "syntax error.", Bad: option}
		}
	}
	return l, nil
}

// load reads configuration from a file, or from the terminal until Ctrl-D.
func (sh *shell) load(args []string) error {
	l, err := parseLoad(args)
	if err != nil {
		return err
	}
	text, err := sh.source(l.from)
	if err != nil {
		return err
	}
	if l.format == config.FormatText && strings.HasPrefix(strings.TrimSpace(text), "<") {
		l.format, text = config.FormatXML, configurationIn(text)
	}
	var at []string
	if l.relative {
		at = sh.path
	}
	found, err := sh.session.LoadAt(at, l.format, l.action, text)
	sh.printf("%s", warnings(found))
	var refused *config.LoadError
	if errors.As(err, &refused) {
		sh.printf("%s", loadMessage(refused, l.from))
		return nil
	}
	if err != nil {
		return err
	}
	sh.printf("load complete\n")
	return nil
}

// configurationIn is the configuration in what "show | display xml" prints
// around it.
func configurationIn(text string) string {
	const end = "</configuration>"
	from, to := strings.Index(text, "<configuration"), strings.LastIndex(text, end)
	if from < 0 || to < from {
		return text
	}
	return text[from : to+len(end)]
}

// source is the text that is to be loaded.
func (sh *shell) source(from string) (string, error) {
	if from != fromTerminal {
		return sh.session.ReadFile(from)
	}
	sh.printf("[Type ^D at a new line to end input]\n")
	return sh.readText()
}

// save writes the candidate from the current level on to a file, or to the
// terminal; in the statements around it, so that it can be loaded again.
func (sh *shell) save(args []string) error {
	if len(args) != 1 {
		return &grammar.SyntaxError{Message: "syntax error, expecting <filename>."}
	}
	tree, err := sh.session.Candidate().Subtree(sh.path...)
	if err != nil {
		return sh.pointed(err, nil)
	}
	text, err := tree.Text()
	if err != nil {
		return err
	}
	if args[0] == fromTerminal {
		sh.page(text)
		return nil
	}
	if err := sh.session.WriteFile(args[0], text, false); err != nil {
		return err
	}
	sh.printf("%s", wrote(text, "configuration", args[0]))
	return nil
}

// readText reads lines until Ctrl-D at the start of one.
func (sh *shell) readText() (string, error) {
	sh.keys.onInterrupt(nil)
	kept := sh.editor.history
	sh.editor.plain = true
	defer func() { sh.editor.history, sh.editor.plain = kept, false }()
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
