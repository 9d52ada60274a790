package cli

import (
	"context"
	"os/exec"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// rfc2544Flags are what the benchmarks of RFC 2544 can be told.
type rfc2544Flags struct {
	benchmarkFlags
	repeats        int
	resolution     float64
	lossLimit      string
	reset          string
	settle, within time.Duration
}

func (a *App) trafficRFC2544Command() *cobra.Command {
	f := rfc2544Flags{benchmarkFlags: benchmarkFlags{all: procedure.RFC2544,
		// those that need nothing but traffic
		usual: []procedure.Procedure{procedure.Throughput, procedure.Latency, procedure.FrameLoss, procedure.BackToBack}}}
	cmd := &cobra.Command{
		Use:   "rfc2544 FROM TO",
		Short: "Benchmark what is between two ports: throughput, latency, loss, back-to-back",
		Long: `Run the benchmarks of RFC 2544, and of those that update it: throughput, latency,
frame-loss, back-to-back (RFC 9004), system-recovery and reset (RFC 6201), each
with the RFCs' frame sizes and lengths of trials unless told otherwise. Shorter
runs are labelled so. Without --benchmark it runs the first four.

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
	f.add(cmd, "60s; 120s for latency, 2s for back-to-back", "5s, or its share of a shortened trial")
	flags := cmd.Flags()
	flags.IntVar(&f.repeats, "repeats", 0, "how often to measure for an average (20 for latency, 50 for back-to-back)")
	flags.Float64Var(&f.resolution, "resolution", 0, "end a search within this share of the result (0.01)")
	flags.StringVar(&f.lossLimit, "loss-limit", "", "share of frames that a trial may lose and pass (0%)")
	flags.StringVar(&f.reset, "reset-command", "", "shell command that resets the device, for the benchmark reset")
	flags.DurationVar(&f.settle, "settle", 0, "how long nothing must be lost for the device to count as recovered (1s)")
	flags.DurationVar(&f.within, "within", 0, "how long to wait for a device to recover (60s)")
	return cmd
}

func (a *App) rfc2544Options(ctx context.Context, f *rfc2544Flags, args []string) (o procedure.Options, err error) {
	if o, err = a.benchmarkOptions(ctx, &f.benchmarkFlags, args); err != nil {
		return o, err
	}
	if f.lossLimit != "" {
		share, dimension, err := check.ParseQuantity(f.lossLimit)
		if err != nil || dimension != check.Share {
			return o, withHint(usageError("--loss-limit %q is no share", f.lossLimit), "write it as 0.1%%")
		}
		o.LossLimit = share
	}
	o.Repeats, o.Resolution, o.Settle, o.Within = f.repeats, f.resolution, f.settle, f.within
	if f.reset != "" {
		o.Reset = func(ctx context.Context) error {
			cmd := exec.CommandContext(ctx, "sh", "-c", f.reset)
			cmd.Stdout, cmd.Stderr = a.Stderr, a.Stderr
			return cmd.Run()
		}
	}
	return o, nil
}
