package cli

import (
	"strings"
)

// A line is a command line taken apart: the words of the command, and those of
// each pipe after it.
type line struct {
	words []string
	pipes [][]string
}

// split takes a command line apart. Double quotes keep spaces and pipes in a
// word; a backslash within them keeps the next character. It never fails: a
// quotation mark that is not closed reaches to the end of the line.
func split(text string) line {
	var parts [][]string
	var words []string
	var word strings.Builder
	inWord, quoted := false, false
	end := func() {
		if inWord {
			words = append(words, word.String())
		}
		word.Reset()
		inWord = false
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case quoted && c == '\\' && i+1 < len(text):
			i++
			word.WriteByte(text[i])
		case c == '"':
			quoted, inWord = !quoted, true
		case quoted:
			word.WriteByte(c)
		case c == ' ' || c == '\t' || c == '\r' || c == '\n':
			end()
		case c == '|':
			end()
			parts = append(parts, words)
			words = nil
		default:
			inWord = true
			word.WriteByte(c)
		}
	}
	end()
	parts = append(parts, words)
	return line{words: parts[0], pipes: parts[1:]}
}

// shortens reports whether a word is full or a beginning of it that is at
// least min characters long.
func shortens(word, full string, min int) bool {
	return len(word) >= min && strings.HasPrefix(full, word)
}
