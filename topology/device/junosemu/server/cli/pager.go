package cli

import (
	"fmt"
	"strings"
	"time"
)

// A screen is what a user has set of the terminal.
type screen struct {
	length int // lines; 0: output is never paged
	width  int // columns; only shown: lines are never wrapped
	idle   int // minutes; only shown: nobody is logged out
	spaces bool
	stamp  bool   // print the time before each command's output
	prompt string // instead of user@host> ; empty: that
}

// stampLayout is how "set cli timestamp" prints the time.
const stampLayout = "Jan 02 15:04:05"

const moreHelp = `---(Help for CLI automore)---
  Space  next screen        Enter  next line
  G, N   the rest           q, Q   no more
`

// page prints the output of a command a screen at a time, on a terminal whose
// length is known and not 0.
func (sh *shell) page(text string) {
	lines := strings.SplitAfter(text, "\n")
	if last := len(lines) - 1; lines[last] == "" {
		lines = lines[:last]
	}
	room := sh.screen.length - 1
	if !sh.editor.echo || sh.screen.length == 0 || room < 1 || len(lines) <= sh.screen.length {
		sh.printf("%s", text)
		return
	}
	next := room
	for at := 0; at < len(lines); {
		end := min(at+next, len(lines))
		sh.printf("%s", strings.Join(lines[at:end], ""))
		at = end
		if at == len(lines) {
			return
		}
		switch next = sh.more(100 * at / len(lines)); next {
		case 0:
			return
		case -1:
			next = len(lines)
		case room + 1:
			next = room
		}
	}
}

// more asks how many lines to print next: 0 is none, -1 all the rest.
func (sh *shell) more(percent int) int {
	sh.keys.onInterrupt(nil)
	ask := fmt.Sprintf("---(more %d%%)---", percent)
	for {
		sh.printf("%s", ask)
		c, err := sh.keys.next()
		sh.printf("\r%s\r", strings.Repeat(" ", len(ask)))
		switch {
		case err != nil, c == 'q', c == 'Q', c == ctrlC:
			return 0
		case c == ' ', c == 'f':
			return sh.screen.length
		case c == enter, c == newline, c == 'j':
			return 1
		case c == 'G', c == 'N':
			return -1
		case c == 'h', c == '?':
			sh.printf("%s", moreHelp)
		}
	}
}

// timestamp prints the time before a command's output, if the user wants it.
func (sh *shell) timestamp() {
	if sh.screen.stamp {
		sh.printf("%s\n", time.Now().Format(stampLayout))
	}
}
