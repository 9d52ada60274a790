package frr

import (
	"fmt"
	"slices"
	"strings"
)

// A line is one statement of a configuration with the statements of its
// context: "router ospf" holds " ospf router-id 10.0.0.1".
type line struct {
	text     string
	children []*line
	byText   map[string]*line // of children; lists can be long
}

// parse reads configuration in the form of "show running-config": a deeper
// indent is a context's content. The words that end a context, comments, and
// statements about the daemon rather than about routing are left out. A context
// that is written twice becomes one.
func parse(text string) (*line, error) {
	root := &line{}
	type level struct {
		indent int
		at     *line
	}
	stack := []level{{-1, root}}
	for i, raw := range strings.Split(text, "\n") {
		words := strings.Fields(raw)
		if len(words) == 0 || ignored(words) {
			continue
		}
		indent := len(raw) - len(strings.TrimLeft(raw, " "))
		for stack[len(stack)-1].indent >= indent {
			stack = stack[:len(stack)-1]
		}
		if len(stack) == 1 && indent > 0 {
			return nil, fmt.Errorf("line %d: %q is indented, but nothing above it opens a context", i+1, raw)
		}
		parent := stack[len(stack)-1].at
		child := parent.add(strings.Join(words, " "))
		stack = append(stack, level{indent, child})
	}
	return root, nil
}

// ignored reports whether a line says nothing about routing.
func ignored(words []string) bool {
	switch words[0] {
	case "!", "exit", "end", "exit-address-family", "exit-vrf", "exit-vni", "hostname", "domainname", "log", "service", "password", "Building", "Current":
		return true
	case "frr":
		return len(words) > 1 && (words[1] == "version" || words[1] == "defaults")
	case "line":
		return len(words) > 1 && words[1] == "vty"
	}
	return strings.HasPrefix(words[0], "!") || strings.HasPrefix(words[0], "#")
}

// add returns the child of that text, appending it when there is none.
func (l *line) add(text string) *line {
	child := l.child(text)
	if child == nil {
		child = &line{text: text}
		l.append(child)
	}
	return child
}

// append adds a child of a text that is not there yet.
func (l *line) append(child *line) {
	if l.byText == nil {
		l.byText = map[string]*line{}
	}
	l.children = append(l.children, child)
	l.byText[child.text] = child
}

// child returns the child of that text, or nil.
func (l *line) child(text string) *line { return l.byText[text] }

// remove drops the children for which drop is true.
func (l *line) remove(drop func(*line) bool) {
	l.children = slices.DeleteFunc(l.children, func(c *line) bool {
		gone := drop(c)
		if gone {
			delete(l.byText, c.text)
		}
		return gone
	})
}

// rename gives children a new text, in place. Those that become alike are one.
func (l *line) rename(text func(*line) string) {
	children := l.children
	l.children, l.byText = nil, nil
	for _, c := range children {
		c.text = text(c)
		if l.child(c.text) == nil {
			l.append(c)
		}
	}
}

// clone is a copy that shares nothing.
func (l *line) clone() *line {
	c := &line{text: l.text}
	for _, child := range l.children {
		c.append(child.clone())
	}
	return c
}

// words are the words of the statement.
func (l *line) words() []string { return strings.Fields(l.text) }

// has reports whether the statement begins with these words.
func (l *line) has(words ...string) bool {
	w := l.words()
	return len(w) >= len(words) && slices.Equal(w[:len(words)], words)
}

// String prints the tree as FRR would, one space a level.
func (l *line) String() string {
	var b strings.Builder
	l.print(&b, "")
	return b.String()
}

func (l *line) print(b *strings.Builder, indent string) {
	for _, c := range l.children {
		fmt.Fprintf(b, "%s%s\n", indent, c.text)
		c.print(b, indent+" ")
	}
}

// A difference is one statement that one tree has and the other has not.
type difference struct {
	path []string // contexts, outermost first
	text string
	kind byte // '+' only the second has it, '-' only the first
}

func (d difference) String() string {
	where := ""
	if len(d.path) > 0 {
		where = " (in " + strings.Join(d.path, ", ") + ")"
	}
	return string(d.kind) + d.text + where
}

// compare lists what b has and a has not, and the reverse. The order of
// statements has no meaning, as FRR prints them in an order of its own.
func compare(a, b *line, path []string) []difference {
	var found []difference
	for _, c := range a.children {
		if b.child(c.text) == nil {
			found = append(found, difference{path, c.text, '-'})
		}
	}
	for _, c := range b.children {
		other := a.child(c.text)
		if other == nil {
			found = append(found, difference{path, c.text, '+'})
			other = &line{}
		}
		found = append(found, compare(other, c, append(slices.Clone(path), c.text))...)
	}
	return found
}
