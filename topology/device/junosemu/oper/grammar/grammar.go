// Package grammar turns operational CLI commands into RPC elements. A grammar
// is a table of commands; every word may be shortened as long as it stays
// unique, as in the Junos CLI.
package grammar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A Command is one CLI command and the RPC it stands for.
type Command struct {
	Words string // "show bgp neighbor"
	RPC   string // get-bgp-neighbor-information; empty: only explains what the words begin
	Help  string
	Args  []Arg
	Fixed *xmltree.Element // an element that the words themselves stand for, or nil
}

// An Arg is an argument that a command takes, in any order.
type Arg struct {
	Word    string // the keyword; "": a bare value
	Element string // what it becomes in the RPC
	Value   bool   // the keyword is followed by a value
	Rest    bool   // a bare value may be repeated: all of them, separated by spaces
	Help    string // what "?" says of it, may be empty
}

// Grammar is the commands that exist.
type Grammar []Command

// A SyntaxError is a line that is no command, in Junos's words.
type SyntaxError struct {
	Message string // "unknown command.", "syntax error, expecting <command>."
	Word    int    // index of the word to blame; len(words) if one is missing
	Bad     string // that word, "" if one is missing
}

func (e *SyntaxError) Error() string { return e.Message }

// Parse finds the command that words mean and returns its RPC. The error is a
// *SyntaxError.
func (g Grammar) Parse(words []string) (*xmltree.Element, error) {
	c, rest, err := g.find(words)
	if err != nil {
		return nil, err
	}
	rpc := xmltree.New(c.RPC, c.Fixed)
	for i := rest; i < len(words); {
		used, err := c.argument(rpc, words, i)
		if err != nil {
			return nil, err
		}
		i += used
	}
	return rpc, nil
}

// find narrows the table word by word until one command is left whose words
// are all there; it returns that command and where its arguments start.
func (g Grammar) find(words []string) (Command, int, error) {
	left := []Command(g)
	for i := 0; ; i++ {
		next, err := narrow(left, words, i)
		if err != nil {
			return Command{}, 0, err
		}
		if len(next) > 0 {
			left = next
			continue
		}
		for _, c := range left {
			if c.RPC != "" && len(strings.Fields(c.Words)) == i {
				return c, i, nil
			}
		}
		switch {
		case i >= len(words):
			return Command{}, 0, &SyntaxError{Message: "syntax error, expecting <command>.", Word: i}
		case i == 0:
			return Command{}, 0, &SyntaxError{Message: "unknown command.", Word: i, Bad: words[i]}
		}
		return Command{}, 0, &SyntaxError{Message: "syntax error, expecting <command>.", Word: i, Bad: words[i]}
	}
}

// narrow keeps the commands whose word i is the one given, or is shortened by
// it; none if there is no such word.
func narrow(left []Command, words []string, i int) ([]Command, error) {
	if i >= len(words) {
		return nil, nil
	}
	var exact, short []Command
	for _, c := range left {
		all := strings.Fields(c.Words)
		switch {
		case i >= len(all):
		case all[i] == words[i]:
			exact = append(exact, c)
		case strings.HasPrefix(all[i], words[i]):
			short = append(short, c)
		}
	}
	if len(exact) > 0 {
		return exact, nil
	}
	if names := wordsAt(short, i); len(names) > 1 {
		return nil, &SyntaxError{
			Message: fmt.Sprintf("'%s' is ambiguous.\nPossible completions:\n  %s", words[i], strings.Join(names, "\n  ")),
			Word:    i, Bad: words[i],
		}
	}
	return short, nil
}

func wordsAt(commands []Command, i int) []string {
	var names []string
	for _, c := range commands {
		if all := strings.Fields(c.Words); i < len(all) && !slices.Contains(names, all[i]) {
			names = append(names, all[i])
		}
	}
	slices.Sort(names)
	return names
}

// argument reads the argument at words[i] into the RPC and returns how many
// words it took.
func (c Command) argument(rpc *xmltree.Element, words []string, i int) (int, error) {
	arg, ok := c.keyword(words[i])
	switch {
	case ok && arg.Value:
		if i+1 >= len(words) {
			return 0, &SyntaxError{Message: "missing argument.", Word: i + 1}
		}
		rpc.Leaf(arg.Element, words[i+1])
		return 2, nil
	case ok:
		rpc.Add(xmltree.New(arg.Element))
		return 1, nil
	}
	for _, arg := range c.Args {
		if arg.Word != "" {
			continue
		}
		switch e := rpc.Child(arg.Element); {
		case e == nil:
			rpc.Leaf(arg.Element, words[i])
			return 1, nil
		case arg.Rest:
			e.Text += " " + words[i]
			return 1, nil
		}
	}
	return 0, &SyntaxError{Message: "syntax error.", Word: i, Bad: words[i]}
}

// keyword finds the argument that a word names, exactly or shortened to at
// least two letters without being ambiguous.
func (c Command) keyword(word string) (Arg, bool) {
	var found []Arg
	for _, a := range c.Args {
		switch {
		case a.Word == "":
		case a.Word == word:
			return a, true
		case len(word) >= 2 && strings.HasPrefix(a.Word, word):
			found = append(found, a)
		}
	}
	if len(found) == 1 {
		return found[0], true
	}
	return Arg{}, false
}

// A Completion is a word that may come next.
type Completion struct {
	Word, Help string
	Mark       byte // of a configuration statement: '>' or '+'; 0: of none
}

// Enter is the completion of a line that is whole.
var Enter = Completion{Word: "<[Enter]>", Help: "Execute this command"}

// Runs reports whether words are a whole command.
func (g Grammar) Runs(words []string) bool {
	_, err := g.Parse(words)
	return err == nil
}

// Complete lists what may follow words; prefix is the start of the word being
// typed, "" after a space.
func (g Grammar) Complete(words []string, prefix string) []Completion {
	left := []Command(g)
	for i := range words {
		next, err := narrow(left, words, i)
		if err != nil {
			return nil
		}
		if len(next) == 0 {
			left = slices.DeleteFunc(slices.Clone(left), func(c Command) bool { return len(strings.Fields(c.Words)) > i })
			break
		}
		left = next
	}
	var all []Completion
	for _, c := range left {
		if fields := strings.Fields(c.Words); len(fields) > len(words) {
			help := c.Help
			if len(fields) > len(words)+1 {
				help = ""
			}
			all = append(all, Completion{Word: fields[len(words)], Help: help})
			continue
		}
		for _, a := range c.Args {
			if a.Word == "" {
				all = append(all, Completion{Word: "<" + a.Element + ">", Help: a.Help})
			} else {
				all = append(all, Completion{Word: a.Word, Help: a.Help})
			}
		}
	}
	all = slices.DeleteFunc(all, func(c Completion) bool { return !strings.HasPrefix(c.Word, prefix) })
	slices.SortStableFunc(all, func(a, b Completion) int {
		return cmp.Or(strings.Compare(a.Word, b.Word), strings.Compare(b.Help, a.Help)) // one without help is the last
	})
	return slices.CompactFunc(all, func(a, b Completion) bool { return a.Word == b.Word })
}
