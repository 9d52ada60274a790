// Package cli is the Junos command line: operational and configuration mode,
// on a terminal and for single commands, and the pipes of both.
package cli

import (
	"context"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// A Result is what an operational command answers.
type Result struct {
	Text string // as the command line prints it, pipes applied
	// Reply is the answer as an element, for a command that has one and no
	// pipe that turned it into lines of text.
	Reply *xmltree.Element
	// Configuration is set instead of Reply by "show configuration": what is
	// inside the <configuration> element.
	Configuration string
}

// Operational performs one operational command line. Errors are
// *grammar.SyntaxError, *oper.Refusal, or a failure to find out.
func Operational(ctx context.Context, s *mgd.Session, text string) (*Result, error) {
	l := split(text)
	if len(l.words) == 0 {
		return &Result{}, nil
	}
	pipes, err := parsePipes(l.pipes)
	if err != nil {
		return nil, err
	}
	r, err := perform(ctx, s, l, pipes)
	if err != nil {
		return nil, err
	}
	return r, pipes.saveTo(s, r)
}

// perform performs a command and applies its pipes.
func perform(ctx context.Context, s *mgd.Session, l line, pipes plumbing) (*Result, error) {
	if path, ok := showConfiguration(l.words); ok {
		r, err := showRunning(s, config.Expand(path), pipes)
		return r, asSyntax(err)
	}
	if answer, ok, err := setCLI(l.words); ok {
		return &Result{Text: answer}, err
	}
	rpc, err := mgd.Commands.Parse(l.words)
	if err != nil {
		return nil, err
	}
	if pipes.display == asXMLRPC {
		request := xmltree.New("rpc", rpc)
		return &Result{Text: pipes.apply(envelope("", request.Format(indent, indent))), Reply: request}, nil
	}
	reply, err := s.Oper(ctx, rpc)
	if err != nil {
		return nil, err
	}
	r := &Result{}
	if len(pipes.filters) == 0 && pipes.display != asJSON {
		r.Reply = reply
	}
	switch pipes.display {
	case asXML:
		body := ""
		if reply != nil {
			body = reply.Format(indent, indent)
		}
		r.Text = envelope("", body)
	case asJSON:
		if reply != nil {
			r.Text = reply.JSON()
		}
	case asSet:
		return nil, &grammar.SyntaxError{Message: "syntax error.", Bad: "set"}
	default:
		r.Text = s.OperText(rpc, reply)
	}
	r.Text = pipes.apply(r.Text)
	return r, nil
}

const indent = xmltree.Indent

// envelope is what "| display xml" prints around a reply. The banner is the
// level of the configuration in configuration mode.
func envelope(banner, body string) string {
	return fmt.Sprintf("<rpc-reply xmlns:junos=\"http://xml.juniper.net/junos/%s/junos\">\n%s    <cli>\n        <banner>%s</banner>\n    </cli>\n</rpc-reply>\n",
		oper.Release, body, banner)
}

// showConfiguration recognizes "show configuration [path]".
func showConfiguration(words []string) (path []string, ok bool) {
	if len(words) < 2 || !shortens(words[0], "show", 2) || !shortens(words[1], "configuration", 4) {
		return nil, false
	}
	return words[2:], true
}

// showRunning performs "show configuration": the running one, or what it
// changed with respect to an earlier one.
func showRunning(s *mgd.Session, path []string, p plumbing) (*Result, error) {
	running := s.Store().Running()
	if !p.compare {
		return showTree(running, path, p, s.Heading(), "")
	}
	old, _, err := s.Store().Archived(p.rollback)
	if err != nil {
		return nil, err
	}
	return showDifference(old, running, path, p, "")
}

// showDifference prints what turns old into new, below a path.
func showDifference(old, new *config.Tree, path []string, p plumbing, banner string) (*Result, error) {
	var err error
	if old, err = old.Subtree(path...); err != nil {
		return nil, err
	}
	if new, err = new.Subtree(path...); err != nil {
		return nil, err
	}
	if p.display == asXML {
		inside := config.CompareXML(old, new)
		return &Result{Text: p.apply(envelope(banner, configurationElement(inside, config.DifferenceNamespaces))), Configuration: inside}, nil
	}
	return &Result{Text: p.apply(config.Compare(old, new))}, nil
}

// showTree prints a configuration, or what is below a path of it.
func showTree(tree *config.Tree, path []string, p plumbing, head, banner string) (*Result, error) {
	if p.inherited {
		tree = tree.Inherited(p.sources)
	}
	var text string
	var err error
	r := &Result{}
	switch p.display {
	case asXML:
		text, err = tree.XML(path...)
		r.Configuration = text
		text = envelope(banner, configurationElement(text, ""))
	case asJSON:
		text, err = tree.JSON(path...)
		text = strings.TrimRight(text, "\n") + "\n"
	case asSet:
		text, err = tree.Set(path...)
		if p.relative {
			text = relative(text, path)
		}
	default:
		text, err = tree.Text(path...)
		if len(path) == 0 && err == nil {
			text = head + text
		}
		if err == nil && len(p.filters) == 0 {
			r.Configuration, err = tree.XML(path...)
		}
	}
	if err != nil {
		return nil, err
	}
	r.Text = p.apply(text)
	return r, nil
}

// relative leaves the path out of set commands.
func relative(text string, path []string) string {
	if len(path) == 0 {
		return text
	}
	within := " " + config.Words(path)
	var b strings.Builder
	for l := range strings.Lines(text) {
		verb, rest, _ := strings.Cut(strings.TrimSuffix(l, "\n"), " ")
		b.WriteString(verb + strings.TrimPrefix(" "+rest, within) + "\n")
	}
	return b.String()
}

func configurationElement(inside, attributes string) string {
	return indent + `<configuration xmlns="http://xml.juniper.net/xnm/1.1/xnm"` + attributes + ">\n" +
		indentLines(inside, indent+indent) + indent + "</configuration>\n"
}

func indentLines(text, by string) string {
	var b strings.Builder
	for l := range strings.Lines(text) {
		b.WriteString(by + l)
	}
	if text != "" && !strings.HasSuffix(text, "\n") {
		b.WriteByte('\n')
	}
	return b.String()
}
