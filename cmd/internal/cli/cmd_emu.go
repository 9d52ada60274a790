package cli

import (
	"fmt"
	"io"
	"math"
	"os"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/coverage"
)

func (a *App) emuCommand() *cobra.Command {
	return group("emu", "Ask the Junos emulator", a.emuCoverageCommand())
}

func (a *App) emuCoverageCommand() *cobra.Command {
	var all bool
	var least int
	c := &cobra.Command{
		Use:   "coverage CONFIG...",
		Short: "Show which statements of Junos configurations the emulator acts on",
		Long: `Coverage reads Junos configurations, in curly braces or as set commands, and
tells what the emulator does with each statement:

  acted-on     FRRouting, the kernel or the emulator's services do what it says
  stored-only  kept and shown; a commit answers with a warning that names it
  unknown      not in the emulator's schema: a router running it would be refused

What is not acted on is listed with its line; --all lists everything. CONFIG is
a file, or - for standard input. What a commit of the configuration would be
refused for is told too.

The exit code is 0 when every statement is known, 2 when some are unknown or a
file is no configuration, and 3 when --min is given and not reached.`,
		Example: `  ccl emu coverage labs/ring/configs/*.cfg
  ccl emu coverage --all r1.cfg                every statement, acted on or not
  ccl emu coverage --min 90 customer/*.conf    fail if less than 90 % is acted on
  ccl emu coverage --json r1.cfg | jq '.[].statements[] | select(.treatment == "unknown")'
  ssh r1 'show configuration | display set' | ccl emu coverage -`,
		Args: between(1, math.MaxInt, "CONFIG files"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if least < 0 || least > 100 {
				return usageError("--min %d is no percentage", least)
			}
			return a.coverage(cmd.InOrStdin(), args, all, least)
		},
	}
	c.Flags().BoolVar(&all, "all", false, "list the statements that are acted on too")
	c.Flags().IntVar(&least, "min", 0, "fail if less than this `percentage` of a file's statements is acted on")
	return c
}

// A fileCoverage is the coverage of one file.
type fileCoverage struct {
	File string `json:"file"`
	*coverage.Report
}

func (a *App) coverage(stdin io.Reader, files []string, all bool, least int) error {
	var reports []fileCoverage
	for _, file := range files {
		text, err := readFile(stdin, file)
		if err != nil {
			return err
		}
		r, err := coverage.Of(text)
		if err != nil {
			return usageError("%s:%w", file, err)
		}
		reports = append(reports, fileCoverage{file, r})
	}
	if a.json {
		if err := printList(a, reports); err != nil {
			return err
		}
	} else {
		for _, r := range reports {
			if err := a.printCoverage(r, all); err != nil {
				return err
			}
		}
	}
	return coverageVerdict(reports, least)
}

// readFile reads a file, or standard input for -.
func readFile(stdin io.Reader, name string) (string, error) {
	if name == "-" {
		text, err := io.ReadAll(stdin)
		return string(text), err
	}
	text, err := os.ReadFile(name)
	return string(text), err
}

func (a *App) printCoverage(r fileCoverage, all bool) error {
	var rows [][]any
	for _, s := range r.Statements {
		if s.Treatment == config.ActedOn && !all {
			continue
		}
		why := s.Reason
		if s.Hint != "" {
			why += " (did you mean " + s.Hint + "?)"
		}
		rows = append(rows, []any{fmt.Sprintf("%s:%d", r.File, s.Line), s.Treatment, oneLine(s.Path), why})
	}
	if len(rows) > 0 {
		if err := a.table("LINE\tTREATMENT\tSTATEMENT\tWHY", rows); err != nil {
			return err
		}
	}
	for _, refused := range r.Refused {
		fmt.Fprintf(a.Stdout, "%s: a commit would be refused: %s\n", r.File, oneLine(refused))
	}
	_, err := fmt.Fprintf(a.Stdout, "%s: %d%% acted on: %s, %d acted on, %d stored only, %d unknown\n",
		r.File, r.Percent, count(len(r.Statements), "statement"), r.ActedOn, r.StoredOnly, r.Unknown)
	return err
}

// coverageVerdict makes the exit code.
func coverageVerdict(reports []fileCoverage, least int) error {
	unknown := 0
	for _, r := range reports {
		unknown += r.Unknown
	}
	if unknown > 0 {
		return usageError("%s not known to the emulator", count(unknown, "statement"))
	}
	for _, r := range reports {
		if r.Percent < least {
			return &exitError{code: ExitCasesFailed, err: fmt.Errorf("%s: %d%% acted on, %d%% wanted", r.File, r.Percent, least)}
		}
	}
	return nil
}
