// Package yamltext says what is wrong with a text that is not YAML, in words for
// the person who wrote it. The parser knows only where it stopped; what people
// do wrong are a few things, each of which is visible on the line itself.
package yamltext

import (
	"regexp"
	"strconv"
	"strings"
)

// A Fault is why a text is not YAML.
type Fault struct {
	Line    int    // from 1; 0 if the parser named none
	Column  int    // from 1; 0 if only the line is known
	Message string // what is wrong
	Hint    string // what would be right; may be empty
}

// parserLine takes the line out of the parser's message.
var parserLine = regexp.MustCompile(`^yaml: (?:unmarshal errors:\s*)?(?:line (\d+): )?`)

// Diagnose explains an error of the YAML parser by the text that it read. Where
// no usual mistake is to be seen, the fault is the parser's own message.
func Diagnose(text string, err error) Fault {
	message := err.Error()
	line := 0
	if m := parserLine.FindStringSubmatch(message); m != nil {
		line, _ = strconv.Atoi(m[1])
		message = message[len(m[0]):]
	}
	lines := strings.Split(text, "\n")
	if m := unknownAnchor.FindStringSubmatch(message); m != nil {
		return anchor(lines, m[1])
	}
	// The parser counts some lines from 0, and stops some lines late.
	for _, n := range []int{line, line + 1, line - 1} {
		if n < 1 || n > len(lines) {
			continue
		}
		if f, ok := diagnoseLine(lines, n); ok {
			return f
		}
		if f, ok := colon(lines[n-1]); ok && strings.Contains(message, "could not find expected ':'") {
			f.Line = n
			return f
		}
	}
	if f, ok := further(lines, line); ok {
		return f
	}
	f := Fault{Line: line, Message: message}
	switch {
	case strings.Contains(message, "did not find expected ',' or"):
		f.Hint = "a comma, a quote or a closing bracket is missing on this line or the next"
	case strings.Contains(message, "unexpected end of stream"):
		f.Hint = "a quote or a bracket that was opened here is not closed"
	default:
		f.Hint = "look at this line and those around it: indentation, a missing quote, a missing colon"
	}
	return f
}

// diagnoseLine looks for the usual mistakes on a line, counted from 1.
func diagnoseLine(lines []string, n int) (Fault, bool) {
	line := strings.TrimRight(lines[n-1], " \r")
	for _, look := range []func(string) (Fault, bool){tab, reserved, bareBrace, secondColon} {
		if f, ok := look(line); ok {
			f.Line = n
			return f, true
		}
	}
	if f, ok := tooDeep(lines, n); ok {
		return f, true
	}
	return Fault{}, false
}

// tab finds a tab where indentation belongs.
func tab(line string) (Fault, bool) {
	blank := line[:len(line)-len(strings.TrimLeft(line, " \t"))]
	i := strings.IndexByte(blank, '\t')
	return Fault{Column: i + 1, Message: "a tab indents this line", Hint: "YAML is indented with spaces"}, i >= 0
}

// unknownAnchor is what the parser says of *word where there is no &word.
var unknownAnchor = regexp.MustCompile(`^unknown anchor '(.*)' referenced`)

// anchor finds where a name is used that nothing has.
func anchor(lines []string, name string) Fault {
	f := Fault{Message: "*" + name + " stands for an anchor &" + name + ", which there is not",
		Hint: "put a text that begins with * in quotes"}
	for i, line := range lines {
		if at := strings.Index(line, "*"+name); at >= 0 {
			f.Line, f.Column = i+1, at+1
			break
		}
	}
	return f
}

// A key may lack its colon, or the colon its space.
var (
	colonNoSpace = regexp.MustCompile(`^\s*(?:- +)*([\w-]+):[^\s/:]`)
	noColon      = regexp.MustCompile(`^\s*(?:- +)*([\w-]+)(?: [^:#]*)?$`)
)

func colon(line string) (Fault, bool) {
	line = strings.TrimRight(line, " \r")
	if m := colonNoSpace.FindStringSubmatchIndex(line); m != nil {
		return Fault{Column: m[3] + 1, Message: "the colon after " + line[m[2]:m[3]] + " lacks a space", Hint: "write " + line[m[2]:m[3]] + ": " + line[m[3]+1:]}, true
	}
	if m := noColon.FindStringSubmatchIndex(line); m != nil {
		return Fault{Column: m[3] + 1, Message: "there is no colon after " + line[m[2]:m[3]], Hint: strings.TrimRight("write "+line[m[2]:m[3]]+":"+line[m[3]:], " ")}, true
	}
	return Fault{}, false
}

// reservedStart is a value that begins with a character that YAML keeps for
// itself, after a colon, a dash, a comma or a bracket: some everywhere, some
// inside brackets only.
var (
	reservedStart  = regexp.MustCompile("(?:^\\s*-|:|,|[\\[{])\\s+([%@`])")
	reservedInside = regexp.MustCompile(`[\[{].*(?:[:,]\s+|[\[{]\s*)([>|])`)
)

func reserved(line string) (Fault, bool) {
	m := reservedStart.FindStringSubmatchIndex(line)
	if m == nil {
		m = reservedInside.FindStringSubmatchIndex(line)
	}
	if m == nil || quoted(line, m[2]) {
		return Fault{}, false
	}
	return Fault{Column: m[2] + 1, Message: "a value cannot begin with " + line[m[2]:m[3]], Hint: "put the value in quotes"}, true
}

// bareBrace finds a brace in the middle of a text without quotes that stands
// inside braces: {set: local-preference {pref}}.
func bareBrace(line string) (Fault, bool) {
	depth, plain := 0, false // inside how many brackets; inside a text without quotes
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case quoted(line, i) || c == '"' || c == '\'':
		case (c == '{' || c == '[') && plain && depth > 0:
			return Fault{Column: i + 1, Message: "inside brackets a text that contains " + string(c) + " needs quotes",
				Hint: `write it as "…` + string(c) + `…"`}, true
		case (c == '{' || c == '[') && !plain:
			depth++
		case c == '}' || c == ']':
			depth, plain = depth-1, false
		case c == ',' || c == ':' && (i+1 == len(line) || line[i+1] == ' '):
			plain = false
		case c == '#' && i > 0 && line[i-1] == ' ':
			return Fault{}, false
		case c != ' ' && !(c == '-' && i+1 < len(line) && line[i+1] == ' '):
			plain = true
		}
	}
	return Fault{}, false
}

// twoColons is a key with a text without quotes that has a colon itself.
var twoColons = regexp.MustCompile(`^\s*(?:- +)*([\w.-]+): +([^\s"'{\[|>&*!#][^#"]*?)(: |:$)`)

func secondColon(line string) (Fault, bool) {
	m := twoColons.FindStringSubmatchIndex(line)
	if m == nil {
		return Fault{}, false
	}
	key, value := line[m[2]:m[3]], line[m[4]:]
	return Fault{Column: m[6] + 1, Message: `the text after "` + key + `:" has a colon of its own`,
		Hint: "put it in quotes: " + key + `: "` + strings.ReplaceAll(value, `"`, `\"`) + `"`}, true
}

// keyWithValue is a key whose value stands on the same line.
var keyWithValue = regexp.MustCompile(`^\s*(?:- +)*([\w.-]+): +[^\s|>&#]`)

// tooDeep finds a line that is indented below one that has its value already.
func tooDeep(lines []string, n int) (Fault, bool) {
	before := n - 2
	for before >= 0 && strings.TrimSpace(lines[before]) == "" {
		before--
	}
	if before < 0 || !strings.Contains(lines[n-1], ":") {
		return Fault{}, false
	}
	m := keyWithValue.FindStringSubmatchIndex(lines[before])
	if m == nil || indent(lines[n-1]) <= m[2] {
		return Fault{}, false
	}
	return Fault{Line: n, Column: indent(lines[n-1]) + 1,
		Message: "this line is indented deeper than " + lines[before][m[2]:m[3]] + " above it, which has its value already",
		Hint:    "begin it in column " + strconv.Itoa(m[2]+1) + ", below " + lines[before][m[2]:m[3]]}, true
}

// indent is how many columns stand before what a line says; a list's dash is one
// of them.
func indent(line string) int {
	return len(line) - len(strings.TrimLeft(line, " -"))
}

// quoted reports whether the byte at i of a line is inside quotes.
func quoted(line string, i int) bool {
	var quote byte
	for _, c := range []byte(line[:i]) {
		switch {
		case quote == 0 && (c == '"' || c == '\''):
			quote = c
		case c == quote:
			quote = 0
		}
	}
	return quote != 0
}
