package cli

import (
	"bytes"
	"encoding/json"
	"io"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/workflows"
)

// reportEngagement writes the report of an engagement, closed or not. The page
// is made from the document that the engagement itself writes at its end.
func (a *App) reportEngagement(cmd *cobra.Command, id, file string, args []string) error {
	switch {
	case len(args) > 0:
		return withHint(usageError("a report is of a run or of an engagement"), "leave out %s or --engagement", args[0])
	case cmd.Flags().Changed("format") && cmd.Flag("format").Value.String() != "html":
		return withHint(usageError("the report of an engagement is html"), "ccl engagement status --json %s prints it for machines", id)
	}
	return a.withCluster(cmd.Context(), func(c *wire.Cluster) error {
		status, err := workflows.GetEngagement(cmd.Context(), c.Client, id)
		if err != nil {
			return err
		}
		data, err := json.Marshal(status)
		if err != nil {
			return err
		}
		e, err := report.ReadEngagement(bytes.NewReader(data))
		if err != nil {
			return err
		}
		if file == "" && onScreen(a.Stdout) {
			file = pageFile(id)
		}
		return a.toFile(file, func(w io.Writer) error { return report.EngagementHTML(w, e, report.EngagementOptions{}) })
	})
}
