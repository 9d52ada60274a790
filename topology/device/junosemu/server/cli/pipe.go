package cli

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// A filter changes a command's text, line by line.
type filter func(lines []string) []string

// A display says in which form a command shows what it has.
type display string

// The forms of "| display".
const (
	asText   display = ""
	asXML    display = "xml"
	asJSON   display = "json"
	asSet    display = "set"
	asXMLRPC display = "xml rpc"
)

// plumbing is what the pipes of a line mean.
type plumbing struct {
	display   display
	relative  bool // display set relative
	inherited bool // display inheritance
	sources   config.Sources
	noMore    bool // never page
	compare   bool
	rollback  int // of compare
	filters   []filter
	file      string // where the output goes; empty: to the user
	appended  bool   // to what is in the file
}

// parsePipes reads the pipes of a command. The error is a *grammar.SyntaxError.
func parsePipes(pipes [][]string) (plumbing, error) {
	var p plumbing
	for _, words := range pipes {
		if len(words) == 0 {
			return p, pipeError("syntax error, expecting <command>.", "")
		}
		if err := p.add(words[0], words[1:]); err != nil {
			return p, err
		}
	}
	return p, nil
}

func pipeError(message, bad string) error { return &grammar.SyntaxError{Message: message, Bad: bad} }

func (p *plumbing) add(verb string, args []string) error {
	switch {
	case shortens(verb, "display", 1):
		return p.addDisplay(args)
	case shortens(verb, "no-more", 1):
		p.noMore = true
		return nil
	case shortens(verb, "hold", 1), shortens(verb, "resolve", 2): // there is no name service
		return nil
	case shortens(verb, "save", 1), shortens(verb, "append", 1):
		if len(args) != 1 {
			return pipeError("missing argument.", "")
		}
		p.file, p.appended = args[0], verb[0] == 'a'
		return nil
	case shortens(verb, "count", 3):
		p.filters = append(p.filters, count)
		return nil
	case shortens(verb, "compare", 3):
		return p.addCompare(args)
	case shortens(verb, "match", 1), shortens(verb, "except", 1), shortens(verb, "find", 2):
		return p.addPattern(verb, args)
	case shortens(verb, "last", 1), shortens(verb, "first", 2), shortens(verb, "trim", 2):
		return p.addNumbered(verb, args)
	}
	return pipeError("syntax error, expecting <command>.", verb)
}

func (p *plumbing) addDisplay(args []string) error {
	form := strings.Join(args, " ")
	switch form {
	case "xml", "json", "set", "xml rpc":
		p.display = display(form)
	case "set relative":
		p.display, p.relative = asSet, true
	case "inheritance", "inheritance brief", "inheritance terse", "inheritance defaults":
		p.inherited, p.sources = true, config.GroupSource|config.RangeSource
	case "inheritance no-comments":
		p.inherited = true
	case "text", "omit", "commit-scripts": // there are no scripts
	default:
		return pipeError("syntax error.", form)
	}
	return nil
}

func (p *plumbing) addCompare(args []string) error {
	p.compare = true
	if len(args) == 2 && shortens(args[0], "rollback", 1) {
		n, err := strconv.Atoi(args[1])
		if err != nil {
			return pipeError("syntax error.", args[1])
		}
		p.rollback = n
		return nil
	}
	if len(args) > 0 {
		return pipeError("syntax error.", args[0])
	}
	return nil
}

// addPattern adds match, except or find. Patterns ignore case, as Junos's do.
func (p *plumbing) addPattern(verb string, args []string) error {
	if len(args) != 1 {
		return pipeError("missing argument.", "")
	}
	pattern, err := regexp.Compile("(?i)" + args[0])
	if err != nil {
		return pipeError("invalid regular expression.", args[0])
	}
	keep := func(want bool) filter {
		return func(lines []string) []string {
			var kept []string
			for _, l := range lines {
				if pattern.MatchString(l) == want {
					kept = append(kept, l)
				}
			}
			return kept
		}
	}
	switch verb[0] {
	case 'm':
		p.filters = append(p.filters, keep(true))
	case 'e':
		p.filters = append(p.filters, keep(false))
	default:
		p.filters = append(p.filters, func(lines []string) []string {
			for i, l := range lines {
				if pattern.MatchString(l) {
					return lines[i:]
				}
			}
			return nil
		})
	}
	return nil
}

// addNumbered adds last, first or trim; last without a number is a screen.
func (p *plumbing) addNumbered(verb string, args []string) error {
	n := 24
	if len(args) == 1 {
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil || n < 0 {
			return pipeError("syntax error.", args[0])
		}
	}
	p.filters = append(p.filters, func(lines []string) []string {
		switch verb[0] {
		case 'l':
			return lines[max(0, len(lines)-n):]
		case 'f':
			return lines[:min(n, len(lines))]
		}
		trimmed := make([]string, len(lines))
		for i, l := range lines {
			trimmed[i] = l[min(n, len(l)):]
		}
		return trimmed
	})
	return nil
}

func count(lines []string) []string { return []string{fmt.Sprintf("Count: %d lines", len(lines))} }

// apply runs text through the filters.
func (p *plumbing) apply(text string) string {
	if len(p.filters) == 0 {
		return text
	}
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	if text == "" {
		lines = nil
	}
	for _, f := range p.filters {
		lines = f(lines)
	}
	if len(lines) == 0 {
		return ""
	}
	return strings.Join(lines, "\n") + "\n"
}

// saveTo writes the output of a command to the file that its pipes name, and
// says so instead.
func (p *plumbing) saveTo(s *mgd.Session, r *Result) error {
	if p.file == "" {
		return nil
	}
	if err := s.WriteFile(p.file, r.Text, p.appended); err != nil {
		return err
	}
	*r = Result{Text: wrote(r.Text, "output", p.file)}
	return nil
}

// wrote says how much of what was written to a file.
func wrote(text, what, file string) string {
	n, noun := strings.Count(text, "\n"), "lines"
	if n == 1 {
		noun = "line"
	}
	return fmt.Sprintf("Wrote %d %s of %s to '%s'\n", n, noun, what, file)
}
