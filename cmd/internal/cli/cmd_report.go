package cli

import (
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

func (a *App) reportCommand() *cobra.Command {
	var format, file, engagement string
	c := &cobra.Command{
		Use:   "report [RUN]",
		Short: "Write the report of a run (default the last), or of an engagement",
		Example: `  ccl report
  ccl report > report.html
  ccl report --format junit --file junit.xml last
  ccl report --format text theirs/run.json
  ccl report --engagement acme-ring > acme-ring.html`,
		Args:              between(0, 1, "one RUN at most"),
		ValidArgsFunction: a.completeRuns(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if engagement != "" {
				return a.reportEngagement(cmd, engagement, file, args)
			}
			ref := "last"
			if len(args) == 1 {
				ref = args[0]
			}
			render, err := a.renderer(format)
			if err != nil {
				return err
			}
			return a.withStore(cmd.Context(), func(s *results.Store) error {
				run, err := runOf(cmd.Context(), s, ref)
				if err != nil {
					return err
				}
				if format == "html" && file == "" && onScreen(a.Stdout) {
					file = pageFile(run.ID)
				}
				return a.toFile(file, func(w io.Writer) error { return render(w, run) })
			})
		},
	}
	c.Flags().StringVar(&format, "format", "html", "html, junit, json or text")
	c.Flags().StringVar(&engagement, "engagement", "", "report the `engagement` as it stands, as html")
	c.Flags().StringVar(&file, "file", "", "`file` to write (default standard output, or RUN.html where that is a screen)")
	_ = c.RegisterFlagCompletionFunc("format", cobra.FixedCompletions([]string{"html", "junit", "json", "text"}, cobra.ShellCompDirectiveNoFileComp))
	return c
}

type renderer func(io.Writer, *results.Run) error

func (a *App) renderer(format string) (renderer, error) {
	switch format {
	case "html":
		return func(w io.Writer, r *results.Run) error { return report.HTML(w, r, report.Options{}) }, nil
	case "junit":
		return report.JUnit, nil
	case "json":
		return report.JSON, nil
	case "text":
		return func(w io.Writer, r *results.Run) error { return report.Text(w, r, a.textOptions()) }, nil
	}
	return nil, withHint(usageError("format %q is not known", format), "use one of html, junit, json, text")
}

// pageFile is where a page goes that nobody named a file for: on a screen its
// HTML would help nobody.
func pageFile(id string) string { return strings.ReplaceAll(id, "/", "-") + ".html" }

// toFile writes a file, or the standard output if it has no name.
func (a *App) toFile(file string, write func(io.Writer) error) error {
	if file == "" {
		return write(a.Stdout)
	}
	f, err := os.Create(file)
	if err != nil {
		return err
	}
	if err := write(f); err != nil {
		f.Close()
		return fmt.Errorf("%s: %w", file, err)
	}
	a.say("written to %s", file)
	return f.Close()
}
