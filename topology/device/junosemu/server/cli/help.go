package cli

import (
	"fmt"
	"slices"
	"strings"

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
	words := strings.Fields(typed)
	if len(words) > 0 && !strings.HasSuffix(typed, " ") {
		prefix, words = words[len(words)-1], words[:len(words)-1]
	}
	configuration := words
	switch {
	case sh.configuring && len(words) == 0:
		for _, v := range configurationVerbs {
			if strings.HasPrefix(v, prefix) {
				list = append(list, grammar.Completion{Word: v})
			}
		}
		slices.SortFunc(list, func(a, b grammar.Completion) int { return strings.Compare(a.Word, b.Word) })
		return list, prefix
	case sh.configuring:
		configuration = append(append([]string(nil), sh.path...), words[1:]...)
	default:
		path, ok := showConfiguration(words)
		if !ok {
			return append(grammar.Grammar(nil), append(mgd.Commands, shellCommands...)...).Complete(words, prefix), prefix
		}
		configuration = path
	}
	following, err := sh.session.Candidate().Complete(configuration...)
	if err != nil {
		return nil, prefix
	}
	for _, c := range following {
		if strings.HasPrefix(c.Word, prefix) || strings.HasPrefix(c.Word, "<") {
			list = append(list, grammar.Completion{Word: c.Word})
		}
	}
	return list, prefix
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
	if len(list) != 1 {
		return ""
	}
	return strings.TrimPrefix(list[0].Word, prefix) + " "
}
