package cli

import (
	_ "embed"
	"strings"
	"sync"
)

// statementHelpText has a line for each word of the configuration language
// that "?" explains: the word, a tab, the explanation.
//
//go:embed statement_help.txt
var statementHelpText string

var statementHelps = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for line := range strings.Lines(statementHelpText) {
		word, help, _ := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		all[word] = help
	}
	return all
})

// statementHelp is what "?" says of a statement; the same word means the same
// wherever it stands.
func statementHelp(word string) string { return statementHelps()[word] }
