package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// shellCommands are the commands that only a shell has.
var shellCommands = grammar.Grammar{
	{Words: "configure", RPC: "-", Help: "Manipulate software configuration information", Args: []grammar.Arg{
		{Word: "exclusive", Element: "-", Help: "Obtain exclusive lock (other users cannot make changes)"},
		{Word: "private", Element: "-", Help: "Work in private database (other users do not affect changes)"},
	}},
	{Words: "exit", RPC: "-", Help: "Exit the management session"},
	{Words: "quit", RPC: "-", Help: "Exit the management session"},
	{Words: "set cli complete-on-space", RPC: "-", Help: "Set whether typing space completes current word", Args: onOff},
	{Words: "set cli idle-timeout", RPC: "-", Help: "Set maximum idle time before login session ends", Args: oneValue("minutes")},
	{Words: "set cli prompt", RPC: "-", Help: "Set CLI command prompt string", Args: oneValue("prompt")},
	{Words: "set cli screen-length", RPC: "-", Help: "Set number of lines on screen", Args: oneValue("length")},
	{Words: "set cli screen-width", RPC: "-", Help: "Set number of characters on a line", Args: oneValue("width")},
	{Words: "set cli terminal", RPC: "-", Help: "Set terminal type", Args: oneValue("terminal")},
	{Words: "set cli timestamp", RPC: "-", Help: "Timestamp CLI output", Args: []grammar.Arg{{Word: "disable", Element: "-", Help: "Don't timestamp CLI output"}}},
	{Words: "start shell", RPC: "-", Help: "Start a local shell"},
	{Words: "show cli", RPC: "-", Help: "Show command-line interface settings"},
	{Words: "show cli history", RPC: "-", Help: "Show list of previous commands"},
	{Words: "show configuration", RPC: "-", Help: "Show current configuration"},
}

var onOff = []grammar.Arg{
	{Word: "on", Element: "-", Help: "Complete words"}, {Word: "off", Element: "-", Help: "Complete nothing"},
}

func oneValue(name string) []grammar.Arg { return []grammar.Arg{{Element: name}} }

// candidates lists what may follow what was typed: the words that are complete,
// and the start of the one being typed.
func (sh *shell) candidates(typed string) (list []grammar.Completion, prefix string) {
	if at := strings.LastIndexByte(typed, '|'); at >= 0 && !insideQuotes([]byte(typed[:at])) {
		words, prefix := lastWord(typed[at+1:])
		return beginning(pipeCandidates(words), prefix), prefix
	}
	words, prefix := lastWord(typed)
	if sh.configuring {
		return beginning(sh.configurationCandidates(words), prefix), prefix
	}
	return beginning(sh.operationalCandidates(words, prefix), prefix), prefix
}

// lastWord takes what was typed apart: complete words, and the one being typed.
func lastWord(typed string) (words []string, prefix string) {
	words = strings.Fields(typed)
	if len(words) > 0 && !strings.HasSuffix(typed, " ") {
		return words[:len(words)-1], words[len(words)-1]
	}
	return words, ""
}

// beginning keeps what begins with a prefix; a value of the user's choice may.
func beginning(list []grammar.Completion, prefix string) []grammar.Completion {
	return slices.DeleteFunc(slices.Clone(list), func(c grammar.Completion) bool {
		return !strings.HasPrefix(c.Word, prefix) && !strings.HasPrefix(c.Word, "<")
	})
}

// configurationCandidates are what may follow words in configuration mode.
func (sh *shell) configurationCandidates(words []string) []grammar.Completion {
	if len(words) == 0 {
		return verbCandidates()
	}
	verb, err := verbOf(words[0])
	switch {
	case err != nil:
		return nil
	case verb == "run":
		return sh.operationalCandidates(words[1:], "")
	case verb == "rollback" && len(words) == 1:
		return sh.rollbackCandidates()
	case verb == "load" && len(words) == 2, verb == "save" && len(words) == 1:
		return []grammar.Completion{{Word: "<filename>", Help: "Name of a file of yours"}, {Word: fromTerminal, Help: "Use login terminal"}}
	case verb == "load" && len(words) == 3:
		return []grammar.Completion{{Word: "json", Help: "The text is JSON"}, {Word: "relative", Help: "Treat as relative to this level"}}
	case verbWords[verb] != nil:
		if len(words) > 1 {
			return nil
		}
		return verbWords[verb]
	case !takesPath(verb):
		return nil
	}
	return sh.pathCandidates(append(slices.Clone(sh.path), words[1:]...))
}

// takesPath tells whether a command of configuration mode is followed by the
// path of a statement.
func takesPath(verb string) bool {
	switch verb {
	case "show", "edit", "set", "delete", "activate", "deactivate", "protect", "unprotect", "rename", "insert", "copy", "annotate":
		return true
	}
	return false
}

// operationalCandidates are what may follow words in operational mode.
func (sh *shell) operationalCandidates(words []string, prefix string) []grammar.Completion {
	if path, ok := showConfiguration(words); ok {
		return sh.pathCandidates(path)
	}
	return append(slices.Clone(mgd.Commands), shellCommands...).Complete(words, prefix)
}

// pathCandidates are the statements that may follow a path.
func (sh *shell) pathCandidates(path []string) []grammar.Completion {
	following, err := sh.session.Candidate().Complete(config.Expand(path)...)
	if err != nil {
		return nil
	}
	var list []grammar.Completion
	for _, c := range following {
		list = append(list, grammar.Completion{Word: c.Word, Help: statementHelp(c.Word), Mark: c.Mark})
	}
	return list
}

// whole reports whether what was typed can be sent as it is.
func (sh *shell) whole(typed string) bool {
	words, prefix := lastWord(typed)
	if len(words) == 0 || prefix != "" || strings.Contains(typed, "|") {
		return false
	}
	if sh.configuring {
		verb, err := verbOf(words[0])
		switch {
		case err != nil:
			return false
		case verb == "run":
			words = words[1:]
		default:
			return verb == "show" || len(words) == 1 && slices.Contains(aloneVerbs, verb) || verb == "commit" || verb == "edit" && len(words) > 1
		}
	}
	if _, ok := showConfiguration(words); ok {
		return true
	}
	return append(slices.Clone(mgd.Commands), shellCommands...).Runs(words)
}

// aloneVerbs are commands of configuration mode that may stand alone.
var aloneVerbs = []string{"exit", "quit", "up", "top", "rollback", "status", "update", "delete"}

// help answers "?".
func (sh *shell) help(typed string) string {
	list, _ := sh.candidates(typed)
	whole := sh.whole(typed)
	if len(list) == 0 && !whole {
		return "No valid completions\n"
	}
	var b strings.Builder
	b.WriteString("Possible completions:\n")
	if whole {
		helpLine(&b, grammar.Enter)
	}
	for _, c := range list {
		helpLine(&b, c)
	}
	if words, _ := lastWord(typed); whole && pipes(words[0], sh.configuring) {
		helpLine(&b, grammar.Completion{Word: "|", Help: "Pipe through a command"})
	}
	return b.String()
}

// pipes reports whether the output of a command can be piped.
func pipes(verb string, configuring bool) bool {
	return shortens(verb, "show", 2) || shortens(verb, "run", 2) || !configuring && !shortens(verb, "configure", 1) && !shortens(verb, "exit", 1) && !shortens(verb, "quit", 1)
}

func helpLine(b *strings.Builder, c grammar.Completion) {
	mark := c.Mark
	if mark == 0 {
		mark = ' '
	}
	b.WriteString(strings.TrimRight(fmt.Sprintf("%c %-20s %s", mark, c.Word, c.Help), " ") + "\n")
}

// complete answers the tab key with what can only follow.
func (sh *shell) complete(typed string) string {
	list, prefix := sh.candidates(typed)
	list = slices.DeleteFunc(list, func(c grammar.Completion) bool { return strings.HasPrefix(c.Word, "<") })
	switch len(list) {
	case 0:
		return ""
	case 1:
		return strings.TrimPrefix(list[0].Word, prefix) + " "
	}
	return strings.TrimPrefix(commonStart(list), prefix)
}

// commonStart is what all words begin with.
func commonStart(list []grammar.Completion) string {
	common := list[0].Word
	for _, c := range list[1:] {
		for !strings.HasPrefix(c.Word, common) {
			common = common[:len(common)-1]
		}
	}
	return common
}

// completeOnSpace answers the space key: it completes a word that can only be
// one, and refuses one that may be several. Names that users chose are not
// completed: that is what the tab key is for.
func (sh *shell) completeOnSpace(typed string) (rest, refusal string) {
	if !sh.screen.spaces {
		return "", ""
	}
	list, prefix := sh.candidates(typed)
	var words []grammar.Completion
	value := false
	for _, c := range list {
		switch {
		case c.Word == prefix, c.Word[0] == '<' && c.Mark != 0:
			return "", ""
		case c.Word[0] == '<':
			value = true
		default:
			words = append(words, c)
		}
	}
	switch {
	case prefix == "", len(words) == 0, len(words) > 1 && value:
		return "", ""
	case len(words) == 1:
		return strings.TrimPrefix(words[0].Word, prefix), ""
	}
	at := sh.column() + len(typed) - len(prefix)
	return "", fmt.Sprintf("%*s^\n'%s' is ambiguous.\n%s", at, "", prefix, sh.help(typed))
}
