package device

import (
	"slices"
	"strings"
)

// setVerbs are the commands that may stand in a set-format text.
var setVerbs = []string{"set", "delete", "activate", "deactivate", "rename", "insert", "copy", "annotate", "protect", "unprotect", "replace", "wildcard"}

// IsCommand reports whether a line of configuration begins with a command: set,
// delete and their like.
func IsCommand(line string) bool {
	verb, _, _ := strings.Cut(strings.TrimSpace(line), " ")
	return slices.Contains(setVerbs, verb)
}

// FormatOf tells set commands from curly braces by the first statement.
func FormatOf(text string) Format {
	for line := range strings.Lines(text) {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") || strings.HasPrefix(line, "/*") {
			continue
		}
		if IsCommand(line) {
			return FormatSet
		}
		break
	}
	return FormatText
}
