package cli

import (
	"errors"
	"io"
	"strings"
	"unicode/utf8"
)

// errInterrupted is a line given up with Ctrl-C.
var errInterrupted = errors.New("interrupted")

// An editor reads lines from a keyboard and echoes them. It has the keys of
// Emacs and the arrow keys, the history, completion on the tab and space keys,
// and help on "?".
type editor struct {
	keys    *keyboard
	out     io.Writer
	echo    bool
	history []string
	// help answers "?" and complete the tab key for what was typed so far.
	help     func(typed string) string
	complete func(typed string) string
	// space answers the space key: what completes the word before it, or why
	// the word cannot stand. nil: a space is a space.
	space func(typed string) (rest, refusal string)
	plain bool // "?", the tab and space keys are characters like others

	prompt string
	line   []byte
	at     int  // where the cursor is in line
	recall int  // position in history while the arrows are used
	wasCR  bool // the last line ended in a carriage return: a line feed belongs to it
}

// read returns the next line without its end. The error is errInterrupted,
// io.EOF for Ctrl-D on an empty line, or why the keyboard ended.
func (e *editor) read(prompt string) (string, error) {
	e.print(prompt)
	e.prompt, e.line, e.at, e.recall = prompt, nil, 0, len(e.history)
	for {
		c, err := e.keys.next()
		if err != nil {
			return "", err
		}
		afterCR := e.wasCR
		e.wasCR = c == enter
		switch c {
		case newline, enter:
			if c == newline && afterCR {
				continue
			}
			e.move(len(e.line))
			e.print("\n")
			text := string(e.line)
			if strings.TrimSpace(text) != "" {
				e.history = append(e.history, text)
			}
			return text, nil
		case ctrlC:
			e.print("^C\n")
			return "", errInterrupted
		case ctrlD:
			if len(e.line) == 0 {
				e.print("\n")
				return "", io.EOF
			}
			e.cut(e.at, e.after(e.at))
		default:
			e.key(c)
		}
	}
}

// key handles a character that does not end the line.
func (e *editor) key(c byte) {
	switch {
	case e.control(c):
	case c == escape:
		e.sequence()
	case c == tab:
		if e.complete != nil && !e.plain && e.at == len(e.line) {
			e.tabKey()
		}
	case c == '?' && !e.plain && e.help != nil && e.echo && !insideQuotes(e.line[:e.at]):
		e.print("?\n" + e.help(string(e.line[:e.at])))
		e.redraw()
	case c == ' ' && !e.plain && e.space != nil && e.echo && e.at == len(e.line) && !insideQuotes(e.line):
		e.spaceKey()
	case c >= ' ':
		e.insert(e.character(c))
	}
}

// tabKey completes the word before the cursor, or shows what it may become.
func (e *editor) tabKey() {
	rest := e.complete(string(e.line))
	if rest != "" || e.help == nil || !e.echo {
		e.insert(rest)
		return
	}
	e.print("\n" + e.help(string(e.line)))
	e.redraw()
}

// spaceKey completes the word before the cursor, or says why it cannot stand.
func (e *editor) spaceKey() {
	rest, refusal := e.space(string(e.line))
	if refusal != "" {
		e.print("\n" + refusal)
		e.redraw()
		return
	}
	e.insert(rest + " ")
}

// character reads the rest of a character of several bytes. What does not
// belong to it is left for later.
func (e *editor) character(first byte) string {
	bytes := []byte{first}
	for !utf8.FullRune(bytes) {
		c, err := e.keys.next()
		if err != nil {
			break
		}
		if utf8.RuneStart(c) {
			e.keys.back(c)
			break
		}
		bytes = append(bytes, c)
	}
	return string(bytes)
}

func insideQuotes(line []byte) bool { return strings.Count(string(line), `"`)%2 == 1 }

// insert puts text before the cursor.
func (e *editor) insert(text string) {
	if e.at == len(e.line) { // nearly always
		e.line = append(e.line, text...)
		e.at = len(e.line)
		e.print(text)
		return
	}
	tail := string(e.line[e.at:])
	e.line = append(append(e.line[:e.at:e.at], text...), tail...)
	e.at += len(text)
	e.print(text + tail + left(tail))
}

// cut removes the bytes from one place to another and leaves the cursor there.
func (e *editor) cut(from, to int) {
	if from >= to {
		return
	}
	e.move(from)
	gone, tail := string(e.line[from:to]), string(e.line[to:])
	e.line = append(e.line[:from:from], tail...)
	blank := strings.Repeat(" ", utf8.RuneCountInString(gone))
	e.print(tail + blank + left(tail+blank))
}

// move puts the cursor somewhere in the line.
func (e *editor) move(to int) {
	if to < e.at {
		e.print(left(string(e.line[to:e.at])))
	} else {
		e.print(string(e.line[e.at:to]))
	}
	e.at = to
}

// redraw prints the prompt and the line once more.
func (e *editor) redraw() {
	tail := string(e.line[e.at:])
	e.print(e.prompt + string(e.line) + left(tail))
}

// left moves the cursor of a terminal back over text.
func left(over string) string { return strings.Repeat("\b", utf8.RuneCountInString(over)) }

func (e *editor) print(text string) {
	if e.echo {
		_, _ = io.WriteString(e.out, text)
	}
}
