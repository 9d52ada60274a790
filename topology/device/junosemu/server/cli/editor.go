package cli

import (
	"errors"
	"io"
	"strings"
)

// errInterrupted is a line given up with Ctrl-C.
var errInterrupted = errors.New("interrupted")

// An editor reads lines from a keyboard and echoes them: with backspace,
// Ctrl-U, Ctrl-W, the history on the arrow keys, and help on "?".
type editor struct {
	keys    *keyboard
	out     io.Writer
	echo    bool
	history []string
	// help answers "?" and complete the tab key for what was typed so far.
	help     func(typed string) string
	complete func(typed string) string
	plain    bool // "?" and the tab key are characters like others

	line   []byte
	recall int  // position in history while the arrows are used
	wasCR  bool // the last line ended in a carriage return: a line feed belongs to it
}

// read returns the next line without its end. The error is errInterrupted,
// io.EOF for Ctrl-D on an empty line, or why the keyboard ended.
func (e *editor) read(prompt string) (string, error) {
	e.print(prompt)
	e.line, e.recall = nil, len(e.history)
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
		default:
			e.key(c, prompt)
		}
	}
}

// key handles a character that does not end the line.
func (e *editor) key(c byte, prompt string) {
	switch {
	case c == backspace || c == del:
		e.erase(1)
	case c == ctrlU:
		e.erase(len(e.line))
	case c == ctrlW:
		trimmed := strings.TrimRight(string(e.line), " ")
		e.erase(len(e.line) - (strings.LastIndexByte(trimmed, ' ') + 1))
	case c == ctrlL:
		e.print("\n" + prompt + string(e.line))
	case c == escape:
		e.arrow()
	case c == tab:
		if e.complete != nil && !e.plain {
			e.insert(e.complete(string(e.line)))
		}
	case c == '?' && !e.plain && e.help != nil && e.echo && !insideQuotes(e.line):
		e.print("?\n" + e.help(string(e.line)) + prompt + string(e.line))
	case c >= ' ':
		e.insert(string([]byte{c}))
	}
}

func insideQuotes(line []byte) bool { return strings.Count(string(line), `"`)%2 == 1 }

func (e *editor) insert(text string) {
	e.line = append(e.line, text...)
	e.print(text)
}

func (e *editor) erase(n int) {
	n = min(n, len(e.line))
	e.line = e.line[:len(e.line)-n]
	e.print(strings.Repeat("\b \b", n))
}

// arrow reads the rest of an escape sequence; up and down walk through the
// history, all others do nothing.
func (e *editor) arrow() {
	if c, err := e.keys.next(); err != nil || c != '[' && c != 'O' {
		return
	}
	for {
		c, err := e.keys.next()
		if err != nil {
			return
		}
		if c < '@' { // parameters
			continue
		}
		step := map[byte]int{'A': -1, 'B': 1}[c]
		if at := e.recall + step; step != 0 && at >= 0 && at <= len(e.history) {
			e.recall = at
			e.erase(len(e.line))
			if at < len(e.history) {
				e.insert(e.history[at])
			}
		}
		return
	}
}

func (e *editor) print(text string) {
	if e.echo {
		_, _ = io.WriteString(e.out, text)
	}
}
