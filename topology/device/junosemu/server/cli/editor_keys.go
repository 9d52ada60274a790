package cli

import (
	"bytes"
	"unicode/utf8"
)

// control performs a control character that edits the line, and reports
// whether it is one.
func (e *editor) control(c byte) bool {
	switch c {
	case backspace, del:
		e.cut(e.before(e.at), e.at)
	case ctrlU, ctrlX:
		e.cut(0, len(e.line))
	case ctrlK:
		e.cut(e.at, len(e.line))
	case ctrlW:
		e.cut(e.wordBefore(), e.at)
	case ctrlA:
		e.move(0)
	case ctrlE:
		e.move(len(e.line))
	case ctrlB:
		e.move(e.before(e.at))
	case ctrlF:
		e.move(e.after(e.at))
	case ctrlP:
		e.remember(-1)
	case ctrlN:
		e.remember(1)
	case ctrlL:
		e.print("\n")
		e.redraw()
	default:
		return false
	}
	return true
}

// before and after are the places of the characters next to a place.
func (e *editor) before(at int) int {
	_, n := utf8.DecodeLastRune(e.line[:at])
	return at - n
}

func (e *editor) after(at int) int {
	_, n := utf8.DecodeRune(e.line[at:])
	return at + n
}

// wordBefore is where the word before the cursor starts.
func (e *editor) wordBefore() int {
	trimmed := bytes.TrimRight(e.line[:e.at], " ")
	return bytes.LastIndexByte(trimmed, ' ') + 1
}

// wordAfter is where the word after the cursor ends.
func (e *editor) wordAfter() int {
	rest := bytes.TrimLeft(e.line[e.at:], " ")
	start := len(e.line) - len(rest)
	if end := bytes.IndexByte(rest, ' '); end >= 0 {
		return start + end
	}
	return len(e.line)
}

// remember goes a step through the history.
func (e *editor) remember(step int) {
	at := e.recall + step
	if at < 0 || at > len(e.history) {
		return
	}
	e.recall = at
	e.cut(0, len(e.line))
	if at < len(e.history) {
		e.insert(e.history[at])
	}
}

// sequence reads the rest of what a key sends after an escape character.
// Those that are not known do nothing.
func (e *editor) sequence() {
	c, err := e.keys.next()
	if err != nil {
		return
	}
	switch c {
	case 'b', 'B':
		e.move(e.wordBefore())
	case 'f', 'F':
		e.move(e.wordAfter())
	case 'd', 'D':
		e.cut(e.at, e.wordAfter())
	case backspace, del:
		e.cut(e.wordBefore(), e.at)
	case '[', 'O':
		e.cursorKey()
	}
}

// cursorKey reads a sequence of ECMA-48: parameters, and the letter that ends
// it.
func (e *editor) cursorKey() {
	parameters := ""
	for {
		c, err := e.keys.next()
		if err != nil {
			return
		}
		if c >= '@' {
			e.cursor(c, parameters)
			return
		}
		parameters += string(rune(c))
		if len(parameters) > 16 {
			return // no key sends that
		}
	}
}

// byWord are the parameters of an arrow key that Ctrl or Alt is held with.
var byWord = map[string]bool{"1;5": true, "1;3": true, "5": true}

func (e *editor) cursor(letter byte, parameters string) {
	switch {
	case letter == 'A':
		e.remember(-1)
	case letter == 'B':
		e.remember(1)
	case letter == 'C' && byWord[parameters]:
		e.move(e.wordAfter())
	case letter == 'D' && byWord[parameters]:
		e.move(e.wordBefore())
	case letter == 'C':
		e.move(e.after(e.at))
	case letter == 'D':
		e.move(e.before(e.at))
	case letter == 'H', letter == '~' && (parameters == "1" || parameters == "7"):
		e.move(0)
	case letter == 'F', letter == '~' && (parameters == "4" || parameters == "8"):
		e.move(len(e.line))
	case letter == '~' && parameters == "3":
		e.cut(e.at, e.after(e.at))
	}
}
