package procedure_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	. "github.com/ccl-lab/ccl/trafficgen/procedure"
)

const ms = time.Millisecond

// tables are results, and how each reads: cells parted by bars.
var tables = []struct {
	r    Result
	want string
}{
	{Result{Procedure: Throughput, Speed: 1e9, Departures: []string{"shortened trials: 1s instead of 1m0s"}, Rows: []Row{
		{FrameBytes: 64, MaxFPS: 1488095.2, Throughput: &ThroughputRow{FPS: 1234567, BitsPerSec: 632098304}, Trials: make([]Trial, 7)},
		{FrameBytes: 1518, MaxFPS: 81274.4, Throughput: &ThroughputRow{FPS: 40637.2, BitsPerSec: 493498157}, TesterLimited: "stalled"},
	}}, `
			frame, bytes|theoretical maximum, fps|throughput, fps|of the maximum|throughput, bit/s|trials
			64|1 488 095|1 234 567|83 %|632 098 304|7
			1518|81 274|≥ 40 637|≥ 50 %|≥ 493 498 157|0
			note: shortened trials: 1s instead of 1m0s
			note: 1518 bytes: limited by the tester: stalled`},
	{Result{Procedure: Throughput, Rows: []Row{
		{FrameBytes: 64, MaxFPS: 2000, Throughput: &ThroughputRow{FPS: 2000, BitsPerSec: 1024000}},
		{FrameBytes: 128, MaxFPS: 2000, Throughput: &ThroughputRow{FPS: 1000, BitsPerSec: 1024000, LowestLossy: 1010}},
	}}, `
			frame, bytes|highest load, fps|throughput, fps|of the maximum|throughput, bit/s|trials
			64|2 000|≥ 2 000|≥ 100 %|≥ 1 024 000|0
			128|2 000|1 000|50 %|1 024 000|0`},
	{Result{Procedure: Latency, Rows: []Row{{FrameBytes: 64, Latency: &LatencyRow{FPS: 1000, Mean: 2 * ms, Min: ms, P50: 2 * ms, P99: 3 * ms, P999: 4 * ms, Max: 5 * ms, PDV: 3 * ms, Trials: 20}}, {FrameBytes: 128, Latency: &LatencyRow{}}}}, `
			frame, bytes|rate, fps|latency (mean)|min|p50|p99|p99.9|max|PDV|trials
			64|1 000|2ms|1ms|2ms|3ms|4ms|5ms|3ms|20
			128|–|–|–|–|–|–|–|–|–
			note: ` + LatencyNote},
	{Result{Procedure: FrameLoss, Rows: []Row{
		{FrameBytes: 64, MaxFPS: 100, FrameLoss: &FrameLossRow{Points: []LossPoint{{Load: 1, Ratio: 0.125}, {Load: 0.9, Ratio: 0.05, Invalid: "stalled"}, {Load: 0.8}, {Load: 0.7}}}},
		{FrameBytes: 128, MaxFPS: 100, FrameLoss: &FrameLossRow{Points: []LossPoint{{Load: 1}, {Load: 0.9}}}},
	}}, `
			frame, bytes|highest load, fps|100 % load|90 % load|80 % load|70 % load
			64|100|12.5 %|5 % (tester)|0 %|0 %
			128|100|0 %|0 %|–|–`},
	{Result{Procedure: BackToBack, Rows: []Row{
		{FrameBytes: 64, MaxFPS: 1000, BackToBack: &BackToBackRow{Average: 120.5, Min: 119, Max: 122, StdDev: 1.25, Bursts: make([]uint64, 50), Throughput: 600, ImpliedBuffer: 120500 * time.Microsecond, CorrectedBuffer: 48200 * time.Microsecond}},
		{FrameBytes: 128, MaxFPS: 1000, BackToBack: &BackToBackRow{Average: 2000, Min: 2000, Max: 2000, Bursts: []uint64{2000}, ImpliedBuffer: 2 * time.Second, Unbounded: true}},
	}}, `
			frame, bytes|highest load, fps|burst, frames (average)|min|max|std. deviation|repetitions|implied buffer|corrected buffer
			64|1 000|120.5|119|122|1.2|50|120.5ms|48.2ms
			128|1 000|≥ 2 000|2000|2000|0.0|1|≥ 2s|–`},
	{Result{Procedure: SystemRecovery, Rows: []Row{{FrameBytes: 64, Recovery: &RecoveryRow{FPS: 500, Overload: 550, Time: 30 * ms, Uncertainty: 2 * ms, Runs: []RecoveryRun{{Recovered: true, Lost: 9}}}}}}, `
			frame, bytes|throughput rate, fps|overload, fps|recovery time|uncertainty|runs
			64|500|550|30ms|± 2ms|1`},
	{Result{Procedure: Reset, Rows: []Row{
		{FrameBytes: 64, Recovery: &RecoveryRow{FPS: 500, Time: 300 * ms, Uncertainty: 2 * ms, Runs: []RecoveryRun{{Recovered: true, Lost: 150, LossDerived: 298 * ms}}}},
		{FrameBytes: 128, Recovery: &RecoveryRow{FPS: 500, Uncertainty: 2 * ms, Runs: []RecoveryRun{{Recovered: true}}}},
		{FrameBytes: 256, Recovery: &RecoveryRow{FPS: 500, Uncertainty: 2 * ms, Runs: []RecoveryRun{{Lost: 7}}}},
	}}, `
			frame, bytes|rate, fps|reset time|by lost frames|frames lost|uncertainty|runs
			64|500|300ms|298ms|150|± 2ms|1
			128|500|nothing was lost|0s|0|± 2ms|1
			256|500|did not recover|0s|7|± 2ms|1`},
	{Result{Procedure: Forwarding, Rows: []Row{{FrameBytes: 64, MaxFPS: 2000, Forwarding: &ForwardingRow{FRMOL: 900, MFR: 1000, MFRLoad: 0.5}}}}, `
			frame, bytes|highest load, fps|at the maximum load (FRMOL), fps|highest (MFR), fps|at load
			64|2 000|900|1 000|50 %`},
	{Result{Procedure: AddressCaching, Rows: []Row{{FrameBytes: 64, Addresses: &AddressRow{Addresses: 4096, Rate: 1000, Unbounded: true}, Trials: make([]Trial, 1)}}}, `
			frame, bytes|learning rate, fps|addresses|trials
			64|1 000|≥ 4096|1`},
	{Result{Procedure: AddressLearning, Rows: []Row{{FrameBytes: 64, Addresses: &AddressRow{Addresses: 4096, Rate: 399.5}, Trials: make([]Trial, 8)}}}, `
			frame, bytes|addresses|learning rate, fps|trials
			64|4096|399.5|8`},
}

// Each result reads as its RFC wants it reported, and goes through JSON as it is.
func TestTables(t *testing.T) {
	for _, tc := range tables {
		t.Run(string(tc.r.Procedure), func(t *testing.T) {
			if diff := cmp.Diff(strings.Join(strings.Fields(strings.ReplaceAll(tc.want, " ", "~")), "\n"), flat(tc.r.Table())); diff != "" {
				t.Errorf("table (-want +got):\n%s", diff)
			}
			text, err := json.Marshal(tc.r)
			if err != nil {
				t.Fatal(err)
			}
			if shortened := strings.Contains(string(text), `"shortened":true`); shortened != tc.r.Shortened() {
				t.Errorf("%s", text)
			}
			var back Result
			if err := json.Unmarshal(text, &back); err != nil || !cmp.Equal(tc.r, back) {
				t.Errorf("%v: %s", err, cmp.Diff(tc.r, back))
			}
			if s := tc.r.Table().String(); strings.Count(s, "\n") != 1+len(tc.r.Rows)+len(tc.r.Table().Notes) {
				t.Errorf("as text:\n%s", s)
			}
		})
	}
}

// flat is a table with its cells parted by bars and blanks made visible.
func flat(t Table) string {
	lines := append([][]string{t.Header}, t.Rows...)
	var all []string
	for _, line := range lines {
		all = append(all, strings.Join(line, "|"))
	}
	for _, note := range t.Notes {
		all = append(all, "note: "+note)
	}
	return strings.NewReplacer(" ", "~", "\u202f", "~").Replace(strings.Join(all, "\n"))
}
