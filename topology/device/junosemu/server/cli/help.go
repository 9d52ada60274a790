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
	{Words: "configure", RPC: "-", Help: "Manipulate software configuration information"},
	{Words: "exit", RPC: "-", Help: "Exit the management session"},
	{Words: "quit", RPC: "-", Help: "Exit the management session"},
	{Words: "set cli", RPC: "-", Help: "Set command-line interface properties"},
	{Words: "start shell", RPC: "-", Help: "Start a local shell"},
	{Words: "show configuration", RPC: "-", Help: "Show current configuration"},
}

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
	case verb == "load" && len(words) == 2:
		return []grammar.Completion{{Word: "terminal", Help: "Use login terminal"}}
	case verb == "load" && len(words) == 3:
		return []grammar.Completion{{Word: "relative", Help: "Treat as relative to this level"}}
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
		list = append(list, grammar.Completion{Word: c.Word})
	}
	return list
}

// help answers "?".
func (sh *shell) help(typed string) string {
	list, _ := sh.candidates(typed)
	if len(list) == 0 {
		return "No valid completions\n"
	}
	var b strings.Builder
	b.WriteString("Possible completions:\n")
	for _, c := range list {
		fmt.Fprintf(&b, "  %-20s %s\n", c.Word, c.Help)
	}
	return b.String()
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
