package report

import (
	"embed"
	"html/template"
	"io"

	"github.com/ccl-lab/ccl/testplans/results"
)

//go:embed templates
var templateFiles embed.FS

// templates are one file a section; frame.html is the frame around them.
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"took": took, "stamp": stamp, "grouped": grouped[uint64], "chip": chip, "inc": func(i int) int { return i + 1 }, "dec": func(i int) int { return i - 1 }, "moment": moment,
}).ParseFS(templateFiles, "templates/*"))

// HTML writes the run as one document that needs nothing else: no script, no
// style sheet, no picture, no network. Only the links to evidence lead outside,
// to files relative to the document. It prints on A4 and follows the reader's
// light or dark setting.
func HTML(w io.Writer, run *results.Run, opts Options) error {
	p := newPage(run, opts)
	f := frame{Title: run.Title + " – " + p.Headline}
	return writeFrame(w, f, "title.html", "foot.html", p, []chapter{
		{"attention", "What needs attention", "attention.html", p, len(p.Troubles) == 0 && run.Problem == ""},
		{"introduction", "Introduction", "introduction.html", p, false},
		{"topology", "Topology", "topology.html", drawTopology(run.Topology), run.Topology == nil || len(run.Topology.Nodes) == 0},
		{"platforms", "Platforms and releases", "platforms.html", p, len(run.Platforms) == 0},
		{"traffic", "Traffic profiles", "traffic.html", profiles(run.Streams), len(run.Streams) == 0},
		{"coverage", "Requirement coverage", "coverage.html", p, len(p.Coverage) == 0},
		{"cases", "Test cases", "cases.html", p.Cases, len(p.Cases) == 0},
		{"convergence", "Convergence", "convergence.html", p.Convergence, len(p.Convergence.Rows) == 0},
		{"performance", "Performance", "benchmark.html", p.Benchmarks, len(p.Benchmarks) == 0},
		{"latency", "Loss and latency", "latency.html", p.Latency, len(p.Latency) == 0},
		{"timeline", "Timeline of the run", "timeline.html", p.Timeline, p.Timeline == nil},
		{"details", "Cases in detail", "details.html", p.Cases, len(p.Cases) == 0},
		{"limitations", "Known limitations", "limitations.html", p.Limitations, len(p.Limitations) == 0},
		{"evidence", "Appendix: evidence", "evidence.html", p.Evidence, len(p.Evidence) == 0},
	})
}
