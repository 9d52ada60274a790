package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// benchmarkFlags are what any benchmark can be told.
type benchmarkFlags struct {
	all        []procedure.Procedure // that there are, in the RFC's order
	usual      []procedure.Procedure // that run unless it is said which
	stream     streamFlags
	benchmarks []string
	sizes      []int
	speed      string
	trial      time.Duration
	rest       time.Duration
	step       float64
}

func (f *benchmarkFlags) add(cmd *cobra.Command, trial, rest string) {
	f.stream.add(cmd)
	f.stream.addReceiver(cmd)
	for _, name := range []string{"duration", "size"} { // the RFC's business
		_ = cmd.Flags().MarkHidden(name)
	}
	var names []string
	for _, p := range f.all {
		names = append(names, string(p))
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.benchmarks, "benchmark", "b", nil, "which to run: "+strings.Join(names, ", "))
	flags.IntSliceVar(&f.sizes, "sizes", nil, "frame sizes in bytes with FCS (64,128,256,512,1024,1280,1518)")
	flags.StringVar(&f.speed, "speed", "", "speed of the medium, 1Gbps: the highest load is what fits it")
	flags.DurationVar(&f.trial, "trial", 0, "length of a trial ("+trial+")")
	flags.DurationVar(&f.rest, "rest", 0, "pause after a trial ("+rest+")")
	flags.Float64Var(&f.step, "step", 0, "share of the highest load between two loads of a sweep (0.1)")
	mustComplete(cmd, "benchmark", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// procedures are the benchmarks asked for, in the RFC's order.
func (f *benchmarkFlags) procedures() (chosen []procedure.Procedure, err error) {
	if len(f.benchmarks) == 0 {
		return f.usual, nil
	}
	for _, name := range f.benchmarks {
		if !slices.Contains(f.all, procedure.Procedure(name)) {
			return nil, withHint(usageError("there is no benchmark %q", name), "there are %v", f.all)
		}
	}
	for _, p := range f.all {
		if slices.Contains(f.benchmarks, string(p)) {
			chosen = append(chosen, p)
		}
	}
	return chosen, nil
}

// benchmarkOptions are those of benchmarks between two ports.
func (a *App) benchmarkOptions(ctx context.Context, f *benchmarkFlags, args []string) (o procedure.Options, err error) {
	if f.speed != "" {
		speed, dimension, err := check.ParseQuantity(f.speed)
		if err != nil || dimension != check.BitRate {
			return o, withHint(usageError("--speed %q is no speed of a medium", f.speed), "write it as 1Gbps")
		}
		o.Speed = speed
	}
	from, err := a.port(ctx, args[0])
	if err != nil {
		return o, err
	}
	to, err := a.port(ctx, args[1])
	if err != nil {
		return o, err
	}
	o.Streams, err = f.stream.streams(from, to)
	o.Sizes, o.Trial, o.Rest, o.Step = f.sizes, f.trial, f.rest, f.step
	return o, err
}

// benchmark runs procedures and prints each when it has ended. What one has
// found of the throughput the next builds on.
func (a *App) benchmark(ctx context.Context, procedures []procedure.Procedure, o procedure.Options) error {
	generator, err := wire.Generator()
	if err != nil {
		return err
	}
	served, err := wire.ServeMetrics(a.config, generator)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, served()) }()
	var results []*procedure.Result
	for _, p := range procedures {
		o.Progress = a.trialProgress()
		result, err := procedure.Run(ctx, generator, p, o)
		if result != nil {
			results = append(results, result)
			if !a.json {
				a.printBenchmark(result)
			}
		}
		if err != nil {
			return errors.Join(err, a.jsonBenchmarks(results))
		}
		if p == procedure.Throughput {
			o.Rates = throughputs(result)
		}
	}
	return a.jsonBenchmarks(results)
}

func (a *App) jsonBenchmarks(results []*procedure.Result) error {
	if !a.json {
		return nil
	}
	return printList(a, results)
}

// throughputs are what a run has found, by frame size.
func throughputs(r *procedure.Result) map[int]float64 {
	rates := map[int]float64{}
	for _, row := range r.Rows {
		if row.Throughput != nil && row.Throughput.FPS > 0 {
			rates[row.FrameBytes] = row.Throughput.FPS
		}
	}
	return rates
}

// trialProgress says what goes on: each trial that has ended as a line, and on
// a terminal the one that runs.
func (a *App) trialProgress() func(procedure.Progress) {
	status := newTrafficView(a.Stderr)
	return func(p procedure.Progress) {
		status.clear()
		if p.Trial != nil {
			a.say("  trial %d, %s", p.Number, p)
		} else if status.live {
			fmt.Fprintf(os.Stderr, "  trial %d, %s …\n", p.Number, p)
			status.lines = 1
		}
	}
}

func (a *App) printBenchmark(r *procedure.Result) {
	t := r.Table()
	fmt.Fprintf(a.Stdout, "%s (%s)\n", r.Procedure, r.Reference)
	rows := make([][]any, len(t.Rows))
	for i, row := range t.Rows {
		for _, cell := range row {
			rows[i] = append(rows[i], cell)
		}
	}
	_ = a.table(strings.Join(t.Header, "\t"), rows)
	for _, note := range t.Notes {
		fmt.Fprintln(a.Stdout, "  "+note)
	}
	fmt.Fprintln(a.Stdout)
}
