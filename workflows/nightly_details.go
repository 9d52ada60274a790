package workflows

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
)

// details is the night as Markdown, for its page in the Web UI.
func (n *nightly) details(p Phase, namespace string) string {
	var b strings.Builder
	link := fmt.Sprintf("/namespaces/%s/workflows/%s", url.PathEscape(namespace), url.PathEscape(n.run))
	if n.night == nil {
		add(&b, "**Phase**: %s since %s\n\nRun: [%s](%s)\n", p, n.started.UTC().Format("15:04:05 UTC"), markdown(n.run), link)
		if n.waiting != "" {
			add(&b, "\n**Waiting** %s\n", markdown(n.waiting))
		}
		return b.String()
	}
	add(&b, "## %s\n\n", markdown(n.night.Headline()))
	if n.night.Problem != "" {
		add(&b, "**Problem**: %s\n\n", markdown(n.night.Problem))
	}
	if len(n.night.Changes) > 0 {
		b.WriteString("| Change | Case | Title | Before | Now | Reason |\n|---|---|---|---|---|---|\n")
	}
	for _, c := range n.night.Changes {
		add(&b, "| **%s** | %s | %s | %s | %s | %s |\n", c.Change, markdown(c.ID), markdown(c.Title),
			orElse(string(c.Old), "–"), orElse(string(c.New), "–"), markdown(check.Shorten(c.Reason, 200)))
	}
	for _, caveat := range n.night.Caveats {
		add(&b, "\nNote: %s\n", markdown(caveat))
	}
	add(&b, "\nRun: [%s](%s)\n", markdown(n.run), link)
	if n.night.Baseline != "" {
		add(&b, "\nBaseline: %s\n", markdown(n.night.Baseline))
	}
	if n.night.Report != "" {
		add(&b, "\nReport: `%s`\n", n.night.Report)
	}
	add(&b, "\n%s\n", markdown(n.told(p)))
	return b.String()
}

// told says who has heard of the night.
func (n *nightly) told(p Phase) string {
	switch {
	case !n.night.Tell:
		return "Nobody was told, for nothing changed."
	case len(n.in.Notify) == 0:
		return "Nobody was told, for this nightly has no webhook."
	case p != PhaseDone:
		return "To be told: " + strings.Join(n.in.Notify, ", ")
	case len(n.untold) > 0:
		return "Could not be told: " + strings.Join(n.untold, "; ")
	}
	return "Told: " + strings.Join(n.in.Notify, ", ")
}
