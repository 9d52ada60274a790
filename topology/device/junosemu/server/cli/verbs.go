package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
)

// verbHelp is what "?" says of the commands of configuration mode.
var verbHelp = map[string]string{
	"activate":   "Remove the inactive tag from a statement",
	"annotate":   "Annotate the statement with a comment",
	"commit":     "Commit current set of changes",
	"copy":       "Copy a statement",
	"deactivate": "Add the inactive tag to a statement",
	"delete":     "Delete a data element",
	"edit":       "Edit a sub-element",
	"exit":       "Exit from this level",
	"insert":     "Insert a new ordered data element",
	"load":       "Load configuration from a file or the terminal",
	"protect":    "Protect the statement",
	"quit":       "Quit from this level",
	"rename":     "Rename a statement",
	"replace":    "Replace character string in configuration",
	"rollback":   "Roll back to previous committed configuration",
	"run":        "Run an operational-mode command",
	"save":       "Save configuration to a file",
	"set":        "Set a parameter",
	"show":       "Show a parameter",
	"status":     "Show users currently editing configuration",
	"top":        "Exit to top level of configuration",
	"unprotect":  "Unprotect the statement",
	"update":     "Update private database",
	"up":         "Exit one level of configuration",
	"wildcard":   "Wildcard operations",
}

// verbWords are what may follow commands of configuration mode that are not
// followed by a path.
var verbWords = map[string][]grammar.Completion{
	"commit": {
		{Word: "and-quit", Help: "Quit configuration mode if commit succeeds"},
		{Word: "at", Help: "Time at which to activate configuration changes"},
		{Word: "check", Help: "Check correctness of syntax; do not apply changes"},
		{Word: "comment", Help: "Message to write to commit log"},
		{Word: "confirmed", Help: "Automatically rollback if not confirmed"},
		{Word: "synchronize", Help: "Synchronize commit on both Routing Engines"},
	},
	"load": {
		{Word: "merge", Help: "Merge contents with existing configuration"},
		{Word: "override", Help: "Override existing configuration"},
		{Word: "patch", Help: "Load patch file into configuration"},
		{Word: "replace", Help: "Replace configuration data"},
		{Word: "set", Help: "Execute set of commands on existing configuration"},
		{Word: "update", Help: "Update existing configuration"},
	},
	"replace":  {{Word: "pattern", Help: "Character string to replace"}},
	"wildcard": {{Word: "delete", Help: "Delete all elements that match"}},
	"exit":     {{Word: "configuration-mode", Help: "Exit from configuration mode"}},
}

// pipeWords are the commands that output can be piped through.
var pipeWords = []grammar.Completion{
	{Word: "append", Help: "Append output text to file"},
	{Word: "compare", Help: "Compare configuration changes with prior version"},
	{Word: "count", Help: "Count occurrences"},
	{Word: "display", Help: "Show additional kinds of information"},
	{Word: "except", Help: "Show only text that does not match a pattern"},
	{Word: "find", Help: "Search for first occurrence of pattern"},
	{Word: "first", Help: "Display beginning of output only"},
	{Word: "hold", Help: "Hold text without exiting the --More-- prompt"},
	{Word: "last", Help: "Display end of output only"},
	{Word: "match", Help: "Show only text that matches a pattern"},
	{Word: "no-more", Help: "Don't paginate output"},
	{Word: "resolve", Help: "Resolve IP addresses"},
	{Word: "save", Help: "Save output text to file"},
	{Word: "trim", Help: "Trim specified number of columns from start of line"},
}

// displayWords are the forms of "| display".
var displayWords = []grammar.Completion{
	{Word: "inheritance", Help: "Show inherited configuration data and source group"},
	{Word: "json", Help: "Show output as JSON"},
	{Word: "set", Help: "Show 'set' commands that create configuration"},
	{Word: "xml", Help: "Show output as XML tags"},
}

// displayOptions are what may follow the forms of "| display".
var displayOptions = map[string][]grammar.Completion{
	"inheritance": {
		{Word: "brief", Help: "Show where inherited data comes from"},
		{Word: "no-comments", Help: "Show inherited data only"},
	},
	"set": {{Word: "relative", Help: "Leave out the current level"}},
	"xml": {{Word: "rpc", Help: "Show the request that the command stands for"}},
}

// pipeCandidates are what may follow the last pipe of what was typed.
func pipeCandidates(words []string) []grammar.Completion {
	switch {
	case len(words) == 0:
		return pipeWords
	case len(words) == 1 && shortens(words[0], "display", 1):
		return displayWords
	case len(words) == 2 && shortens(words[0], "display", 1):
		return displayOptions[words[1]]
	case len(words) == 1 && (shortens(words[0], "save", 1) || shortens(words[0], "append", 1)):
		return []grammar.Completion{{Word: "<filename>", Help: "Name of a file of yours"}}
	case len(words) == 1 && shortens(words[0], "compare", 3):
		return []grammar.Completion{{Word: "rollback", Help: "Roll back to previous committed configuration"}}
	}
	return nil
}

// verbCandidates are the commands of configuration mode.
func verbCandidates() []grammar.Completion {
	var all []grammar.Completion
	for _, v := range configurationVerbs {
		all = append(all, grammar.Completion{Word: v, Help: verbHelp[v]})
	}
	slices.SortFunc(all, func(a, b grammar.Completion) int { return strings.Compare(a.Word, b.Word) })
	return all
}

// rollbackCandidates are the earlier configurations, with when and by whom
// they were committed.
func (sh *shell) rollbackCandidates() []grammar.Completion {
	var all []grammar.Completion
	for _, e := range sh.session.Store().History() {
		all = append(all, grammar.Completion{
			Word: fmt.Sprint(e.Sequence),
			Help: fmt.Sprintf("%s by %s via %s", e.Time.Format("2006-01-02 15:04:05 MST"), e.User, e.Client),
		})
	}
	return append(all, grammar.Completion{Word: "rescue", Help: "Rescue configuration"})
}
