package config

import (
	"fmt"
	"strings"
)

// A LoadError is text that could not be loaded, in Junos's words.
type LoadError struct {
	Message    string // "syntax error", "missing argument", "invalid ip address …"
	Path       string // where in the hierarchy: "[edit protocols bgp]"
	BadElement string // the word that was not understood
	Hint       string // the nearest word that would have been, if any
	Line       int    // from 1; 0 if unknown
	Column     int    // from 1, in bytes; 0 if unknown
	Tag        string // RFC 6241's error-tag, if it is not operation-failed: data-exists, data-missing
}

func (e *LoadError) Error() string {
	var b strings.Builder
	if e.Line > 0 {
		fmt.Fprintf(&b, "%d:%d: ", e.Line, e.Column)
	}
	b.WriteString(e.Message)
	if e.BadElement != "" {
		fmt.Fprintf(&b, ": %s", e.BadElement)
	}
	if e.Path != "" {
		fmt.Fprintf(&b, " at %s", e.Path)
	}
	if e.Hint != "" {
		fmt.Fprintf(&b, " (did you mean %s?)", e.Hint)
	}
	return b.String()
}

// A ValidationError is a configuration that is well formed and means nothing,
// or nothing that can be done, in Junos's words.
type ValidationError struct {
	Path    string // "[edit protocols bgp group mesh]"
	Element string // the statement within it: "export"
	Message string
}

func (e ValidationError) Error() string {
	if e.Path == "" {
		return e.Message
	}
	if e.Element == "" {
		return e.Path + ": " + e.Message
	}
	return fmt.Sprintf("%s %q: %s", e.Path, e.Element, e.Message)
}

// ValidationErrors is everything that is wrong with a configuration; it is
// never empty when returned as an error.
type ValidationErrors []ValidationError

func (e ValidationErrors) Error() string {
	lines := make([]string, len(e))
	for i, one := range e {
		lines[i] = one.Error()
	}
	return strings.Join(lines, "\n")
}
