package report_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans/report"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen"
)

func html(t *testing.T, run *results.Run) []byte {
	t.Helper()
	return render(t, func(b *bytes.Buffer) error { return report.HTML(b, run, report.Options{}) })
}

func TestHTMLIsDeterministic(t *testing.T) {
	got := html(t, ringRun())
	if dir := os.Getenv("REPORT_DIR"); dir != "" { // to look at it
		if err := os.WriteFile(filepath.Join(dir, "report.html"), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for range 3 {
		if !bytes.Equal(got, html(t, ringRun())) {
			t.Fatal("the same run gave different documents")
		}
	}
}

// The flows of a stream that lost frames, or took longest, are told apart.
func TestHTMLShowsTheWorstFlows(t *testing.T) {
	got := string(html(t, ringRun()))
	for _, want := range []string{
		`<td>udp.sport 49187, ip.dst 10.2.3.2</td><td class="n">39</td><td class="n">0</td><td class="n">39</td><td class="n">305`,
		`<td>udp.sport 49190, ip.dst 10.2.3.5</td><td class="n">40`,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s", want)
		}
	}
}

// Lost frames that may be the generator's own doing are told apart wherever they
// are counted, and why.
func TestHTMLShowsDoubt(t *testing.T) {
	got := string(html(t, ringRun()))
	for _, want := range []string{
		"2\u202f000 <small>2\u202f000 in doubt</small>",
		"stream bulk: 2000 of 2000 lost frames may be the generator&#39;s: the generator itself stood still for 81ms meanwhile",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the page lacks %q", want)
		}
	}
}

// A stream that did not flow again had no end of its outage, and one of which
// nothing arrived no delay.
func TestHTMLOfWhatNeverCame(t *testing.T) {
	run := ringRun()
	for i := range run.Cases {
		for _, a := range run.Cases[i].Attempts {
			for j := range a.Steps {
				s := &a.Steps[j]
				if s.Convergence != nil {
					s.Convergence.Measured.Converged, s.Convergence.Measured.Routes[0].Recovered = false, false
				}
				for k := range s.Stats {
					s.Stats[k].Received, s.Stats[k].Latency = 0, trafficgen.Latency{}
				}
			}
		}
	}
	got := string(html(t, run))
	if strings.Contains(got, `<td class="n">0 s</td>`) {
		t.Error("a delay of frames that never arrived")
	}
	if all, open := strings.Count(got, `<b class="mark-`), strings.Count(got, `<b class="mark-pass">≥ `)+strings.Count(got, `<b class="mark-fail">≥ `); all == 0 || open != all {
		t.Errorf("%d of %d outages are told as open", open, all)
	}
}

func TestHTMLOfABigRun(t *testing.T) {
	got := html(t, bigRun())
	if dir := os.Getenv("REPORT_DIR"); dir != "" {
		if err := os.WriteFile(filepath.Join(dir, "big.html"), got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d bytes", len(got))
}
