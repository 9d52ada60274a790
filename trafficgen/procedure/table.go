package procedure

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// A Table is a result in the reporting format of its RFC: one row for each
// frame size. Every row has as many cells as the header.
type Table struct {
	Header []string
	Rows   [][]string
	Notes  []string // what the reader must know to take the numbers rightly
}

// latencyNote is the definition of latency that RFC 2544, section 26.2, wants
// named.
const latencyNote = "latency is from the stamp as a frame is handed to the sending device to its arrival as a whole: RFC 1242's store-and-forward latency (section 3.8) and the time that the frame takes on the media"

// Table lays the result out.
func (r *Result) Table() Table {
	t := Table{Notes: slices.Clone(r.Departures)}
	highest := "highest load, fps"
	if r.Speed > 0 {
		highest = "theoretical maximum, fps"
	}
	switch r.Procedure {
	case Throughput:
		t.Header = []string{"frame, bytes", highest, "throughput, fps", "of the maximum", "throughput, bit/s", "trials"}
	case Latency:
		t.Header = []string{"frame, bytes", "rate, fps", "latency (mean)", "min", "p50", "p99", "p99.9", "max", "PDV", "trials"}
	case FrameLoss:
		t.Header = []string{"frame, bytes", highest}
		for _, load := range r.loads() {
			t.Header = append(t.Header, percent(load, 3)+" load")
		}
	case BackToBack:
		t.Header = []string{"frame, bytes", highest, "burst, frames (average)", "min", "max", "std. deviation", "repetitions", "implied buffer", "corrected buffer"}
	case SystemRecovery:
		t.Header = []string{"frame, bytes", "throughput rate, fps", "overload, fps", "recovery time", "uncertainty", "runs"}
	case Reset:
		t.Header = []string{"frame, bytes", "rate, fps", "reset time", "by lost frames", "frames lost", "uncertainty", "runs"}
	case AddressCaching:
		t.Header = []string{"frame, bytes", "learning rate, fps", "addresses", "trials"}
	case AddressLearning:
		t.Header = []string{"frame, bytes", "addresses", "learning rate, fps", "trials"}
	case Forwarding:
		t.Header = []string{"frame, bytes", highest, "at the maximum load (FRMOL), fps", "highest (MFR), fps", "at load"}
	}
	if r.Procedure == Latency {
		t.Notes = append(t.Notes, latencyNote)
	}
	for i := range r.Rows {
		row := &r.Rows[i]
		cells := append([]string{fmt.Sprint(row.FrameBytes)}, r.cells(row)...)
		for len(cells) < len(t.Header) { // nothing was measured
			cells = append(cells, "–")
		}
		t.Rows = append(t.Rows, cells)
		if row.TesterLimited != "" {
			t.Notes = append(t.Notes, fmt.Sprintf("%d bytes: limited by the tester: %s", row.FrameBytes, row.TesterLimited))
		}
	}
	return t
}

// cells are a row's values after the frame size.
func (r *Result) cells(row *Row) []string {
	switch {
	case row.Throughput != nil:
		return row.Throughput.cells(row, r.Speed > 0)
	case row.Latency != nil && row.Latency.Trials > 0:
		l := row.Latency
		return []string{rate(l.FPS), Took(l.Mean), Took(l.Min), Took(l.P50), Took(l.P99), Took(l.P999), Took(l.Max), Took(l.PDV), fmt.Sprint(l.Trials)}
	case row.FrameLoss != nil:
		return row.FrameLoss.cells(row, r.loads())
	case row.BackToBack != nil && len(row.BackToBack.Bursts) > 0:
		return row.BackToBack.cells(row)
	case row.Recovery != nil && len(row.Recovery.Runs) > 0:
		return row.Recovery.cells(r.Procedure)
	case row.Addresses != nil:
		return row.Addresses.cells(r.Procedure, row)
	case row.Forwarding != nil:
		f := row.Forwarding
		return []string{rate(row.MaxFPS), rate(f.FRMOL), rate(f.MFR), percent(f.MFRLoad, 3)}
	}
	return nil
}

// cells say "≥" where the device was not brought to its limit: the tester was,
// or more was not asked for and the media might carry it.
func (t *ThroughputRow) cells(row *Row, media bool) []string {
	least := ""
	if row.TesterLimited != "" || !media && t.LowestLossy == 0 && t.FPS > 0 {
		least = "≥ "
	}
	return []string{rate(row.MaxFPS), least + rate(t.FPS), least + percent(t.FPS/row.MaxFPS, 3), least + rate(t.BitsPerSec), fmt.Sprint(len(row.Trials))}
}

func (f *FrameLossRow) cells(row *Row, loads []float64) []string {
	cells := []string{rate(row.MaxFPS)}
	for i := range loads {
		switch {
		case i >= len(f.Points):
			cells = append(cells, "–") // two loads before it lost nothing
		case f.Points[i].Invalid != "":
			cells = append(cells, percent(f.Points[i].Ratio, 3)+" (tester)")
		default:
			cells = append(cells, percent(f.Points[i].Ratio, 3))
		}
	}
	return cells
}

// loads are those of the row with the most; the others left off earlier.
func (r *Result) loads() (loads []float64) {
	for _, row := range r.Rows {
		if f := row.FrameLoss; f != nil && len(f.Points) > len(loads) {
			loads = loads[:0]
			for _, p := range f.Points {
				loads = append(loads, p.Load)
			}
		}
	}
	return loads
}

func (b *BackToBackRow) cells(row *Row) []string {
	least, corrected := "", Took(b.CorrectedBuffer)
	if b.Unbounded || row.TesterLimited != "" {
		least = "≥ "
	}
	if b.Unbounded || b.Throughput == 0 {
		corrected = "–"
	}
	return []string{rate(row.MaxFPS), least + rate(b.Average), fmt.Sprint(b.Min), fmt.Sprint(b.Max), fmt.Sprintf("%.1f", b.StdDev),
		fmt.Sprint(len(b.Bursts)), least + Took(b.ImpliedBuffer), corrected}
}

func (r *RecoveryRow) cells(p Procedure) []string {
	took := Took(r.Time)
	switch {
	case !r.Recovered():
		took = "did not recover"
	case r.lost() == 0:
		took = "nothing was lost"
	}
	if p == SystemRecovery {
		return []string{rate(r.FPS), rate(r.Overload), took, "± " + Took(r.Uncertainty), fmt.Sprint(len(r.Runs))}
	}
	var derived time.Duration
	for _, run := range r.Runs {
		derived += run.LossDerived / time.Duration(len(r.Runs))
	}
	return []string{rate(r.FPS), took, Took(derived), fmt.Sprint(r.lost()), "± " + Took(r.Uncertainty), fmt.Sprint(len(r.Runs))}
}

// String is the table in aligned columns, with its notes below.
func (t Table) String() string {
	widths := make([]int, len(t.Header))
	lines := append([][]string{t.Header}, t.Rows...)
	for _, line := range lines {
		for i, cell := range line {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	var b strings.Builder
	for _, line := range lines {
		for i, cell := range line {
			if i > 0 {
				b.WriteString("  ")
			}
			b.WriteString(strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell)) + cell)
		}
		b.WriteByte('\n')
	}
	for _, note := range t.Notes {
		b.WriteString("note: " + note + "\n")
	}
	return b.String()
}

// rate is a number with its thousands apart; small ones keep some digits.
func rate(v float64) string {
	if math.Abs(v) < 1000 && v != math.Trunc(v) {
		return fmt.Sprintf("%.4g", v)
	}
	digits := fmt.Sprintf("%.0f", v)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 && digits[i-1] != '-' {
			b.WriteRune('\u202f') // narrow no-break space
		}
		b.WriteRune(d)
	}
	return b.String()
}

// percent is a fraction in per cent with so many significant digits.
func percent(v float64, digits int) string { return fmt.Sprintf("%.*g %%", digits, 100*v) }

// Took is a duration to four significant digits.
func Took(d time.Duration) string {
	for unit := time.Second; unit >= 10; unit /= 10 {
		if d.Abs() >= unit {
			return d.Round(unit / 1000).String()
		}
	}
	return d.String()
}
