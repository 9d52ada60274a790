package report_test

import (
	"bytes"
	"io"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Whoever renders a run.json renders a file that anybody may have written:
// what can be read can be rendered, by every renderer.
func FuzzRunJSON(f *testing.F) {
	small := ringRun()
	for i := range small.Cases {
		for j := range small.Cases[i].Attempts {
			for k := range small.Cases[i].Attempts[j].Steps {
				for l := range small.Cases[i].Attempts[j].Steps[k].Stats {
					st := &small.Cases[i].Attempts[j].Steps[k].Stats[l]
					st.Series = st.Series[:min(3, len(st.Series))]
				}
			}
		}
	}
	for _, cases := range [][]results.Case{nil, small.Cases[2:3], small.Cases[13:15], small.Cases[17:]} {
		run := *small
		run.Cases = cases
		var b bytes.Buffer
		if err := report.JSON(&b, &run); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"format":"ccl-run/1","topology":{"nodes":[null],"links":[null]}}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		run, err := report.ReadJSON(bytes.NewReader(file))
		if err != nil {
			return
		}
		for name, render := range map[string]func() error{
			"text":  func() error { return report.Text(io.Discard, run, report.Options{}) },
			"junit": func() error { return report.JUnit(io.Discard, run) },
			"html":  func() error { return report.HTML(io.Discard, run, report.Options{}) },
			"comparison": func() error {
				return report.Comparison(io.Discard, results.Compare(run, run), report.Options{})
			},
		} {
			if err := render(); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
