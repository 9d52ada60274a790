package workflows

import (
	"fmt"
	"net/url"
	"strings"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
)

// runDetails is a run as Markdown, for the workflow's page in the Web UI. The
// links lead to the cases' own workflows in the same UI.
func runDetails(p *Progress, namespace string) string {
	var b strings.Builder
	add(&b, "## %s\n\n", orElse(markdown(p.Title), p.Run))
	add(&b, "**Phase**: %s since %s\n\n", p.Phase, p.PhaseSince.UTC().Format("15:04:05 UTC"))
	if p.Waiting != "" {
		add(&b, "**Waiting** %s\n\n", markdown(p.Waiting))
	}
	if p.Problem != "" {
		add(&b, "**Problem**: %s\n\n", markdown(p.Problem))
	}
	if len(p.Cases) == 0 {
		return b.String()
	}
	n := p.Counts
	done := n.Cases - n.NotRun
	add(&b, "%s **%d of %d** cases: %d pass, %d fail, %d error, %d skip\n\n",
		bar(done, n.Cases), done, n.Cases, n.Pass, n.Fail, n.Error, n.Skip)
	b.WriteString("| Case | Title | Verdict | Reason |\n|---|---|---|---|\n")
	for i := range p.Cases {
		c := &p.Cases[i]
		link := fmt.Sprintf("/namespaces/%s/workflows/%s", url.PathEscape(namespace), url.PathEscape(c.Workflow))
		why := ""
		if c.Verdict != check.Pass {
			why = markdown(check.Shorten(c.Reason, 200))
		}
		add(&b, "| [%s](%s) | %s | %s | %s |\n", markdown(c.ID), link, markdown(c.Title), verdictWord(c), why)
	}
	if p.Files != nil {
		add(&b, "\nReport: `%s`\n", p.Files.HTML)
	}
	return b.String()
}

func verdictWord(c *CaseState) string {
	switch {
	case c.State == CaseRunning:
		return "running"
	case c.State == CaseWaiting:
		return ""
	case c.Flaky:
		return "pass (flaky)"
	case c.Verdict == check.Pass:
		return "pass"
	}
	return "**" + string(c.Verdict) + "**"
}

// bar draws a share of twenty blocks.
func bar(part, whole int) string {
	const width = 20
	if whole == 0 {
		return ""
	}
	full := width * part / whole
	return strings.Repeat("█", full) + strings.Repeat("░", width-full)
}

// caseOutline is what a case is going to do, as Markdown.
func caseOutline(in *CaseInput) string {
	var b strings.Builder
	c := &in.Case
	add(&b, "## %s: %s\n\n", markdown(c.ID), markdown(c.Title))
	if c.Description != "" {
		add(&b, "%s\n\n", markdown(c.Description))
	}
	if c.Requirement != "" {
		add(&b, "Requirement %s\n\n", markdown(c.Requirement))
	}
	for _, phase := range []struct {
		name  string
		steps []testplans.Step
	}{{"Setup", c.Setup}, {"Steps", c.Steps}, {"Teardown", c.Teardown}} {
		if len(phase.steps) == 0 {
			continue
		}
		add(&b, "**%s**\n\n", phase.name)
		outlineSteps(&b, phase.steps)
		b.WriteString("\n")
	}
	const limit = 19_000 // the server takes 20,000 bytes
	if b.Len() > limit {
		return strings.ToValidUTF8(b.String()[:limit], "") + "…"
	}
	return b.String()
}

// caseDetails is what came of a case, as Markdown.
func caseDetails(in *CaseInput, r *CaseResult) string {
	var b strings.Builder
	b.WriteString("| Attempt | Verdict | Reason |\n|---|---|---|\n")
	for _, a := range r.Attempts {
		add(&b, "| %d | **%s** | %s |\n", a.Number, a.Verdict, markdown(a.Reason))
	}
	if r.Interruptions > 0 {
		add(&b, "\nInterrupted %d times by the loss of the worker and begun again.\n", r.Interruptions)
	}
	if r.Dirty {
		b.WriteString("\n**The devices are not back at their baseline.**\n")
	}
	add(&b, "\nEvidence: `%s`\n", in.Evidence)
	return b.String()
}

// add is Fprintf in a form that workflowcheck knows to be deterministic.
func add(b *strings.Builder, format string, args ...any) {
	b.WriteString(fmt.Sprintf(format, args...))
}

// markdownEscapes keep text from becoming markup or breaking a table.
var markdownEscapes = strings.NewReplacer(
	"\n", " ", "|", `\|`, "*", `\*`, "_", `\_`, "`", "'", "[", `\[`, "]", `\]`, "<", `\<`, ">", `\>`)

func markdown(s string) string { return markdownEscapes.Replace(s) }

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}
