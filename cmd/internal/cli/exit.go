package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"go.temporal.io/api/serviceerror"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/workflows"
)

// The exit codes, part of the program's contract with scripts.
const (
	ExitOK          = 0
	ExitError       = 1   // something went wrong
	ExitUsage       = 2   // wrong flags, or mistakes in a file
	ExitCasesFailed = 3   // cases failed, erred or regressed
	ExitRefused     = 4   // refused by the engagement's scope
	ExitInterrupted = 130 // Ctrl-C
)

// exitError is an error that ends the program with a code of its own. Quiet
// ones have been told to the user already.
type exitError struct {
	code  int
	quiet bool
	err   error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func usageError(format string, args ...any) error {
	return &exitError{code: ExitUsage, err: fmt.Errorf(format, args...)}
}

// errCasesFailed ends a command whose table already says what failed.
var errCasesFailed = &exitError{code: ExitCasesFailed, quiet: true, err: errors.New("cases failed")}

// hinted is an error with a way out.
type hinted struct {
	error
	hint string
}

func (h hinted) Unwrap() error { return h.error }

func withHint(err error, format string, args ...any) error {
	return hinted{err, fmt.Sprintf(format, args...)}
}

// finish tells the user about err and returns the exit code for it.
func finish(w io.Writer, err error) int {
	if err == nil {
		return ExitOK
	}
	code := exitCode(err)
	var exit *exitError
	if errors.As(err, &exit) && exit.quiet {
		return code
	}
	if code == ExitInterrupted {
		fmt.Fprintln(w, "ccl: interrupted")
		return code
	}
	tell(w, err)
	return code
}

func exitCode(err error) int {
	var (
		exit     *exitError
		mistakes testplans.Mistakes
		file     *clabfile.Error
		refused  *workflows.RefusedError
		gone     *serviceerror.Canceled // what Temporal says where others say context.Canceled
	)
	switch {
	case errors.As(err, &refused):
		return ExitRefused
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &mistakes), errors.As(err, &file):
		return ExitUsage
	case errors.Is(err, context.Canceled), errors.As(err, &gone):
		return ExitInterrupted
	}
	return ExitError
}

// tell prints an error and, where there is one, the way out. Mistakes in files
// come a line each, in the form that editors jump to.
func tell(w io.Writer, err error) {
	var (
		mistakes testplans.Mistakes
		file     *clabfile.Error
	)
	switch {
	case errors.As(err, &mistakes):
		fmt.Fprintln(w, mistakes)
		fmt.Fprintf(w, "ccl: error: %s in %s\n", count(len(mistakes), "mistake"), filesOf(mistakes))
		return
	case errors.As(err, &file):
		fmt.Fprintln(w, file)
		fmt.Fprintf(w, "ccl: error: %s in the topology\n", count(len(file.Problems), "mistake"))
		return
	}
	fmt.Fprintf(w, "ccl: error: %v\n", err)
	var (
		h           hinted
		unsupported *topology.UnsupportedError
	)
	switch {
	case errors.As(err, &h):
		fmt.Fprintf(w, "ccl: hint: %s\n", h.hint)
	case errors.As(err, &unsupported) && unsupported.Hint != "":
		fmt.Fprintf(w, "ccl: hint: %s\n", unsupported.Hint)
	case errors.Is(err, topology.ErrNoLab):
		fmt.Fprintln(w, "ccl: hint: ccl lab list shows the labs of this host")
	}
}

// filesOf names the files with mistakes: a plan's topology may have its own.
func filesOf(mistakes testplans.Mistakes) string {
	var files []string
	for _, m := range mistakes {
		if !slices.Contains(files, m.Pos.File) {
			files = append(files, m.Pos.File)
		}
	}
	return strings.Join(files, " and ")
}

// count is a number with its word, in the plural where it must be.
func count(n int, word string) string {
	if n != 1 {
		word += "s"
	}
	return fmt.Sprintf("%d %s", n, word)
}
