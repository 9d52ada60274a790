package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// usualBenchmarks are those that need nothing but traffic.
var usualBenchmarks = []procedure.Procedure{procedure.Throughput, procedure.Latency, procedure.FrameLoss, procedure.BackToBack}

// rfc2544Flags are what the benchmarks can be told.
type rfc2544Flags struct {
	stream     streamFlags
	benchmarks []string
	sizes      []int
	speed      string
	trial      time.Duration
	repeats    int
	resolution float64
	step       float64
	lossLimit  string
	reset      string
}

func (a *App) trafficRFC2544Command() *cobra.Command {
	var f rfc2544Flags
	cmd := &cobra.Command{
		Use:   "rfc2544 FROM TO",
		Short: "Benchmark what is between two ports: throughput, latency, loss, back-to-back",
		Long: `Run the benchmarks of RFC 2544, and of those that update it: throughput, latency,
frame-loss, back-to-back (RFC 9004), system-recovery, reset (RFC 6201), and
forwarding (RFC 2889), each with the RFCs' frame sizes and lengths of trials
unless told otherwise. Shorter runs are labelled so. Without --benchmark it runs
the first four.

The highest load is --rate, or what fits a medium of --speed. A load that the
generator could not offer, or spoilt, is not held against the device: the result
then says that the tester was the limit.

` + trafficLong,
		Example: `  ccl traffic rfc2544 ring/g1 ring/g2 --benchmark throughput --sizes 64,512,1518 --trial 2s --rate 200kfps
  ccl traffic rfc2544 eth1 eth2 --speed 1Gbps
  ccl traffic rfc2544 eth1 eth2 --speed 1Gbps --benchmark reset --reset-command 'ssh dut reboot' --json`,
		Args:              exactly("a port FROM", "a port TO"),
		ValidArgsFunction: a.completePorts(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			options, err := a.rfc2544Options(cmd.Context(), &f, args)
			if err != nil {
				return err
			}
			benchmarks, err := f.procedures()
			if err != nil {
				return err
			}
			return a.benchmark(cmd.Context(), benchmarks, options)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *rfc2544Flags) add(cmd *cobra.Command) {
	f.stream.add(cmd)
	f.stream.addReceiver(cmd)
	for _, name := range []string{"duration", "size"} { // the RFC's business
		_ = cmd.Flags().MarkHidden(name)
	}
	var names []string
	for _, p := range append(slices.Clone(procedure.RFC2544), procedure.Forwarding) {
		names = append(names, string(p))
	}
	flags := cmd.Flags()
	flags.StringSliceVarP(&f.benchmarks, "benchmark", "b", nil, "which to run: "+strings.Join(names, ", "))
	flags.IntSliceVar(&f.sizes, "sizes", nil, "frame sizes in bytes with FCS (64,128,256,512,1024,1280,1518)")
	flags.StringVar(&f.speed, "speed", "", "speed of the medium, 1Gbps: the highest load is what fits it")
	flags.DurationVar(&f.trial, "trial", 0, "length of a trial (60s; 120s for latency, 2s for back-to-back)")
	flags.IntVar(&f.repeats, "repeats", 0, "how often to measure for an average (20 for latency, 50 for back-to-back)")
	flags.Float64Var(&f.resolution, "resolution", 0, "end a search within this share of the result (0.01)")
	flags.Float64Var(&f.step, "step", 0, "share of the highest load between two loads of frame-loss (0.1)")
	flags.StringVar(&f.lossLimit, "loss-limit", "", "share of frames that a trial may lose and pass (0%)")
	flags.StringVar(&f.reset, "reset-command", "", "shell command that resets the device, for the benchmark reset")
	mustComplete(cmd, "benchmark", cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
}

// procedures are the benchmarks asked for, in the RFC's order.
func (f *rfc2544Flags) procedures() (chosen []procedure.Procedure, err error) {
	if len(f.benchmarks) == 0 {
		return usualBenchmarks, nil
	}
	all := append(slices.Clone(procedure.RFC2544), procedure.Forwarding)
	for _, name := range f.benchmarks {
		if !slices.Contains(all, procedure.Procedure(name)) {
			return nil, withHint(usageError("there is no benchmark %q", name), "there are %v", all)
		}
	}
	for _, p := range all {
		if slices.Contains(f.benchmarks, string(p)) {
			chosen = append(chosen, p)
		}
	}
	return chosen, nil
}

func (a *App) rfc2544Options(ctx context.Context, f *rfc2544Flags, args []string) (o procedure.Options, err error) {
	if f.speed != "" {
		speed, dimension, err := check.ParseQuantity(f.speed)
		if err != nil || dimension != check.BitRate {
			return o, withHint(usageError("--speed %q is no speed of a medium", f.speed), "write it as 1Gbps")
		}
		o.Speed = speed
	}
	if f.lossLimit != "" {
		share, dimension, err := check.ParseQuantity(f.lossLimit)
		if err != nil || dimension != check.Share {
			return o, withHint(usageError("--loss-limit %q is no share", f.lossLimit), "write it as 0.1%%")
		}
		o.LossLimit = share
	}
	from, err := a.port(ctx, args[0])
	if err != nil {
		return o, err
	}
	to, err := a.port(ctx, args[1])
	if err != nil {
		return o, err
	}
	if o.Streams, err = f.stream.streams(from, to); err != nil {
		return o, err
	}
	o.Sizes, o.Trial, o.Repeats, o.Resolution, o.Step = f.sizes, f.trial, f.repeats, f.resolution, f.step
	if f.reset != "" {
		o.Reset = func(ctx context.Context) error {
			cmd := exec.CommandContext(ctx, "sh", "-c", f.reset)
			cmd.Stdout, cmd.Stderr = a.Stderr, a.Stderr
			return cmd.Run()
		}
	}
	return o, nil
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
			a.say("  %s", p)
		} else if status.live {
			fmt.Fprintf(os.Stderr, "  %s …\n", p)
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
