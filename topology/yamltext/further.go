package yamltext

import (
	"regexp"
	"strconv"
	"strings"
)

// further looks for what the parser notices late, or reports where the block
// begins in which it stopped: a quote that is not closed, a text after a value
// that has ended, and a line that begins where nothing above it does. Lines before
// from, counted from 1, are known to be well.
func further(lines []string, from int) (Fault, bool) {
	var at levels
	for i, raw := range lines {
		line := strings.TrimRight(raw, " \r")
		text := strings.TrimLeft(line, " ")
		if text == "" || text[0] == '#' || strings.HasPrefix(line, "---") || at.inside(line) {
			continue
		}
		f, wrong := unclosed(line)
		if !wrong {
			f, wrong = leftOver(line)
		}
		if !wrong {
			f, wrong = at.take(line)
		}
		if wrong && i+1 >= from {
			f.Line = i + 1
			return f, true
		}
	}
	return Fault{}, false
}

// A levels knows where the blocks begin that are open at some line.
type levels struct {
	columns []int // of spaces before them, increasing
	block   int   // 1 more than the indentation of the key of a text block (|, >) that is open; 0: none
	depth   int   // brackets that are open
}

// textBlock is the end of a line below which a text stands as it is.
var textBlock = regexp.MustCompile(`(?:: |- |^)[|>][0-9+-]*(?: +#.*)?$`)

// inside reports whether a line belongs to something that began above it, in which
// indentation is free.
func (l *levels) inside(line string) bool {
	blank := len(line) - len(strings.TrimLeft(line, " "))
	if l.block > 0 && blank >= l.block {
		return true
	}
	l.block = 0
	within := l.depth > 0
	for i := range len(line) {
		switch c := line[i]; {
		case !strings.ContainsRune("{}[]", rune(c)) || quoted(line, i):
		case c == '{' || c == '[':
			l.depth++
		case l.depth > 0:
			l.depth--
		}
	}
	return within
}

// take opens and closes blocks by a line's indentation.
func (l *levels) take(line string) (Fault, bool) {
	text := strings.TrimLeft(line, " ")
	column := len(line) - len(text)
	if textBlock.MatchString(line) {
		l.block = column + 1
	}
	before := l.columns
	for len(l.columns) > 0 && l.columns[len(l.columns)-1] > column {
		l.columns = l.columns[:len(l.columns)-1]
	}
	closed := len(l.columns) < len(before)
	if closed && (len(l.columns) == 0 || l.columns[len(l.columns)-1] < column) {
		above := before[len(l.columns)]
		return Fault{Column: column + 1, Message: "this line begins in column " + strconv.Itoa(column+1) + ", where nothing above it begins",
			Hint: "begin it in column " + strconv.Itoa(above+1) + ", as the lines do that it belongs to"}, true
	}
	// "- id: A" opens a block at the dash, and one at the key behind it.
	for {
		if len(l.columns) == 0 || l.columns[len(l.columns)-1] < column {
			l.columns = append(l.columns, column)
		}
		rest, dash := strings.CutPrefix(text, "- ")
		if !dash {
			return Fault{}, false
		}
		rest = strings.TrimLeft(rest, " ")
		column += len(text) - len(rest)
		text = rest
	}
}

// beginsQuoted is a value that begins with a quote, after a key, a dash, a comma
// or a bracket.
var beginsQuoted = regexp.MustCompile(`(?:: +|^ *- +|, *|[\[{] *)(["'])`)

// unclosed finds a quote that is not closed on its line.
func unclosed(line string) (Fault, bool) {
	for at := 0; ; {
		m := beginsQuoted.FindStringSubmatchIndex(line[at:])
		if m == nil {
			return Fault{}, false
		}
		open := at + m[2]
		end := closing(line, open)
		if end < 0 {
			return Fault{Column: open + 1, Message: "the quote that is opened here is not closed on this line",
				Hint: "close it with " + line[open:open+1]}, true
		}
		at = end + 1
	}
}

// closing is where the quote at open ends, -1 if it does not.
func closing(line string, open int) int {
	for i := open + 1; i < len(line); i++ {
		switch {
		case line[open] == '"' && line[i] == '\\':
			i++
		case line[i] == line[open] && line[open] == '\'' && i+1 < len(line) && line[i+1] == '\'':
			i++ // '' is a quote inside a text in single quotes
		case line[i] == line[open]:
			return i
		}
	}
	return -1
}

// ended is a key whose value has an end of its own, with a text behind that.
var ended = regexp.MustCompile(`^\s*(?:- +)*([\w.-]+): +(\{[^{}]*\}|\[[^\[\]]*\]|"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(\s*[^\s#].*)$`)

func leftOver(line string) (Fault, bool) {
	m := ended.FindStringSubmatchIndex(line)
	if m == nil {
		return Fault{}, false
	}
	key, value, rest := line[m[2]:m[3]], line[m[4]:m[5]], line[m[6]:m[7]]
	whole := value + rest
	if quote := value[:1]; (quote == "'" || quote == `"`) && strings.HasSuffix(rest, quote) {
		whole = whole[1 : len(whole)-1] // a quote inside the text ended it
	}
	right := `"` + strings.ReplaceAll(strings.ReplaceAll(whole, `\`, `\\`), `"`, `\"`) + `"`
	return Fault{Column: m[6] + 1 + len(rest) - len(strings.TrimLeft(rest, " ")),
		Message: "the value of " + key + " ends with " + value[len(value)-1:] + ", and a text follows",
		Hint:    "put all of it in quotes: " + key + ": " + right}, true
}
