package cli

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"text/tabwriter"

	"github.com/mattn/go-isatty"
)

// printJSON writes v for machines.
func (a *App) printJSON(v any) error {
	enc := json.NewEncoder(a.Stdout)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// printList writes a list for machines; an empty one is [], not null.
func printList[T any](a *App, list []T) error {
	if list == nil {
		list = []T{}
	}
	return a.printJSON(list)
}

// oneLine is text that fits a row of a table.
func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// table prints rows in columns under a header.
func (a *App) table(header string, rows [][]any) error {
	w := tabwriter.NewWriter(a.Stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, header)
	for _, row := range rows {
		for i, cell := range row {
			if i > 0 {
				fmt.Fprint(w, "\t")
			}
			fmt.Fprint(w, cell)
		}
		fmt.Fprintln(w)
	}
	return w.Flush()
}

// say reports progress to people. It goes to stderr, so that what is piped
// stays clean.
func (a *App) say(format string, args ...any) {
	fmt.Fprintf(a.Stderr, format+"\n", args...)
}

// terminal reports whether a stream is a terminal on which colour is wanted.
func terminal(stream any) bool { return redraws(stream) && os.Getenv("NO_COLOR") == "" }

// redraws reports whether a stream is a terminal that takes cursor movement, which
// is nothing that NO_COLOR forbids.
func redraws(stream any) bool { return onScreen(stream) && os.Getenv("TERM") != "dumb" }

// onScreen reports whether a person reads a stream as it is written.
func onScreen(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && isatty.IsTerminal(f.Fd())
}
