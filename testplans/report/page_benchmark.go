package report

import (
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// A benchmarkView is one benchmark of RFC 2544 or its kin, in the RFC's own
// format: a table with a row for each frame size, and a chart.
type benchmarkView struct {
	Case      caseView
	Title     string
	Verdict   check.Verdict
	Result    *procedure.Result
	Table     procedure.Table
	Invalid   int // trials that the instrument disowned
	Shortened bool
	Columns   *columnChart
	Loss      *lossChart
}

// Limited says that some row is limited by the tester.
func (v benchmarkView) Limited() bool { return v.Result.TesterLimited() }

func benchmarks(cases []caseView) []benchmarkView {
	var views []benchmarkView
	for _, c := range cases {
		if len(c.Attempts) == 0 {
			continue
		}
		for _, s := range c.Attempts[len(c.Attempts)-1].Steps {
			if s.Benchmark == nil || len(s.Benchmark.Rows) == 0 {
				continue
			}
			v := benchmarkView{Case: c, Title: s.Sentence(), Verdict: s.Verdict, Result: s.Benchmark,
				Table: s.Benchmark.Table(), Shortened: s.Benchmark.Shortened()}
			for _, row := range s.Benchmark.Rows {
				for _, t := range row.Trials {
					if t.Invalid != "" {
						v.Invalid++
					}
				}
			}
			v.Columns, v.Loss = benchmarkColumns(s.Benchmark), lossLines(s.Benchmark)
			views = append(views, v)
		}
	}
	return views
}
