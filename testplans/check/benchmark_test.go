package check

import (
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// benchmarked is a result of one row of 512-byte frames.
func benchmarked(p procedure.Procedure, row procedure.Row) *procedure.Result {
	row.FrameBytes, row.MaxFPS = 512, 2000
	return &procedure.Result{Procedure: p, Trial: 120 * time.Second, Rows: []procedure.Row{row}}
}

func throughputOf(fps float64, limited string) *procedure.Result {
	return benchmarked(procedure.Throughput, procedure.Row{
		Throughput: &procedure.ThroughputRow{FPS: fps, BitsPerSec: fps * 512 * 8}, TesterLimited: limited, Trials: []procedure.Trial{{Sent: 10}}})
}

func TestJudgeThroughput(t *testing.T) {
	shortened := throughputOf(1000, "")
	shortened.Trial = time.Second
	for _, test := range []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"enough", JudgeBenchmark(">= 1000fps", throughputOf(1000, "")), Pass, "1000 frames per second (4.1 Mbps)"},
		{"too low", JudgeBenchmark(">= 1000fps", throughputOf(999, "")), Fail, "throughput of 512-byte frames: expected at least 1000fps, saw 999"},
		{"in bits", JudgeBenchmark(">= 4Mbps", throughputOf(1000, "")), Pass, ""},
		{"any", JudgeBenchmark("", throughputOf(1, "")), Pass, ""},
		{"none", JudgeBenchmark("", throughputOf(0, "")), Fail, "expected more than 0fps"},
		{"tester limited", JudgeBenchmark(">= 900fps", throughputOf(1000, "offered too little")), Pass, "at least 1000"},
		{"tester limited below", JudgeBenchmark(">= 2000fps", throughputOf(1000, "offered too little")), Error, "all that the generator could offer"},
		{"no valid trial", JudgeBenchmark("", throughputOf(0, "ring drops")), Error, "no valid trial: ring drops"},
		{"no trial", JudgeBenchmark("", benchmarked(procedure.Throughput, procedure.Row{Throughput: &procedure.ThroughputRow{FPS: 5}})), Error, "there was no trial"},
		{"empty row", JudgeBenchmark("", benchmarked(procedure.Throughput, procedure.Row{})), Error, "nothing was measured"},
		{"wrong bound", JudgeBenchmark("< 5ms", throughputOf(5, "")), Error, "time"},
		{"shortened", JudgeBenchmark("", shortened), Pass, "in trials shorter than the RFC asks for"},
	} {
		t.Run(test.name, func(t *testing.T) { holds(t, test.got, test.want, test.reason) })
	}
	if got := JudgeBenchmark("", &procedure.Result{Procedure: procedure.Throughput}); got.Verdict != Error {
		t.Errorf("a benchmark without rows is %s", got.Verdict)
	}
}

func TestJudgeBenchmarks(t *testing.T) {
	const ms = time.Millisecond
	latency := func(l procedure.LatencyRow, limited string) *procedure.Result {
		return benchmarked(procedure.Latency, procedure.Row{Latency: &l, TesterLimited: limited})
	}
	loss := func(points ...procedure.LossPoint) *procedure.Result {
		return benchmarked(procedure.FrameLoss, procedure.Row{FrameLoss: &procedure.FrameLossRow{Points: points}})
	}
	bursts := func(b procedure.BackToBackRow, limited string) *procedure.Result {
		return benchmarked(procedure.BackToBack, procedure.Row{BackToBack: &b, TesterLimited: limited})
	}
	recovery := func(r procedure.RecoveryRow, limited string) *procedure.Result {
		return benchmarked(procedure.Reset, procedure.Row{Recovery: &r, TesterLimited: limited})
	}
	addresses := func(p procedure.Procedure, a procedure.AddressRow, limited string) *procedure.Result {
		return benchmarked(p, procedure.Row{Addresses: &a, TesterLimited: limited})
	}
	forwarding := func(f procedure.ForwardingRow, limited string) *procedure.Result {
		return benchmarked(procedure.Forwarding, procedure.Row{Forwarding: &f, TesterLimited: limited})
	}
	measured := procedure.LatencyRow{FPS: 100, Mean: 2 * ms, P50: ms, P99: 3 * ms, Max: 4 * ms, Trials: 20}
	burst := procedure.BackToBackRow{Average: 120, Min: 118, Max: 122, Bursts: []uint64{118, 122}, CorrectedBuffer: 4 * ms}
	back := procedure.RecoveryRow{FPS: 100, Time: 70 * ms, Uncertainty: 10 * ms, Runs: []procedure.RecoveryRun{{Recovered: true}}}
	for _, test := range []struct {
		name   string
		got    Outcome
		want   Verdict
		reason string
	}{
		{"latency", JudgeBenchmark("< 5ms", latency(measured, "")), Pass, "2ms (p50 1ms, p99 3ms, max 4ms) at 100 frames per second"},
		{"latency too high", JudgeBenchmark("< 2ms", latency(measured, "")), Fail, "expected less than 2ms, saw 2ms"},
		{"latency, measured", JudgeBenchmark("", latency(measured, "")), Pass, ""},
		{"latency without throughput", JudgeBenchmark("", latency(procedure.LatencyRow{}, "")), Fail, "no rate without loss"},
		{"latency of nothing", JudgeBenchmark("", latency(procedure.LatencyRow{FPS: 5}, "")), Fail, "none arrived"},
		{"latency, spoilt", JudgeBenchmark("", latency(procedure.LatencyRow{}, "stalled")), Error, "the generator was at fault: stalled"},

		{"loss", JudgeBenchmark("<= 5%", loss(procedure.LossPoint{Ratio: 0.05, Sent: 100, Lost: 5})), Pass, "5% (5 of 100 frames"},
		{"loss too high", JudgeBenchmark("< 5%", loss(procedure.LossPoint{Ratio: 0.05, Sent: 100, Lost: 5})), Fail, "expected less than 5%"},
		{"loss, spoilt", JudgeBenchmark("", loss(procedure.LossPoint{Invalid: "stalled"})), Error, "stalled"},
		{"loss of nothing", JudgeBenchmark("", loss()), Error, "no trial"},

		{"bursts", JudgeBenchmark(">= 100", bursts(burst, "")), Pass, "120 frames (118 to 122), a buffer of 4ms"},
		{"bursts too short", JudgeBenchmark(">= 200", bursts(burst, "")), Fail, ""},
		{"bursts without end", JudgeBenchmark(">= 200", bursts(procedure.BackToBackRow{Average: 120, Bursts: []uint64{120}, Unbounded: true}, "")), Error, "at least 120"},
		{"bursts, spoilt", JudgeBenchmark("", bursts(burst, "stalled")), Error, "stalled"},

		{"reset", JudgeBenchmark("< 80ms", recovery(back, "")), Pass, "70ms ± 10ms"},
		{"reset too slow", JudgeBenchmark("< 70ms", recovery(back, "")), Fail, ""},
		{"no recovery", JudgeBenchmark("", recovery(procedure.RecoveryRow{FPS: 5, Runs: []procedure.RecoveryRun{{}}}, "")), Fail, "it still loses frames"},
		{"reset without throughput", JudgeBenchmark("", recovery(procedure.RecoveryRow{}, "")), Fail, "no rate without loss"},
		{"reset, spoilt", JudgeBenchmark("", recovery(procedure.RecoveryRow{FPS: 5}, "stalled")), Error, "stalled"},
		{"no reset", JudgeBenchmark("", recovery(procedure.RecoveryRow{FPS: 5}, "")), Error, "not measured"},

		{"addresses", JudgeBenchmark(">= 100", addresses(procedure.AddressCaching, procedure.AddressRow{Addresses: 120, Rate: 50}, "")), Pass, "120 addresses, taught at 50 frames per second"},
		{"too few addresses", JudgeBenchmark(">= 200", addresses(procedure.AddressCaching, procedure.AddressRow{Addresses: 120}, "")), Fail, "expected at least 200"},
		{"no address", JudgeBenchmark("", addresses(procedure.AddressCaching, procedure.AddressRow{}, "")), Fail, "expected more than 0"},
		{"addresses without end", JudgeBenchmark(">= 200", addresses(procedure.AddressCaching, procedure.AddressRow{Addresses: 120, Unbounded: true}, "")), Error, "at least 120"},
		{"addresses, spoilt", JudgeBenchmark("", addresses(procedure.AddressCaching, procedure.AddressRow{Addresses: 120}, "stalled")), Error, "stalled"},
		{"learning", JudgeBenchmark("> 100fps", addresses(procedure.AddressLearning, procedure.AddressRow{Addresses: 120, Rate: 50}, "")), Fail, "50 frames per second for 120 addresses"},

		{"forwarding", JudgeBenchmark("> 900fps", forwarding(procedure.ForwardingRow{FRMOL: 1000, MFR: 1100, MFRLoad: 0.9}, "")), Pass, "highest 1100 at 90% load"},
		{"forwarding in bits", JudgeBenchmark("< 4Mbps", forwarding(procedure.ForwardingRow{FRMOL: 1000}, "")), Fail, "4.1 Mbps"},
		{"forwarding, spoilt", JudgeBenchmark("", forwarding(procedure.ForwardingRow{FRMOL: 1000}, "stalled")), Error, "stalled"},
	} {
		t.Run(test.name, func(t *testing.T) { holds(t, test.got, test.want, test.reason) })
	}
}
