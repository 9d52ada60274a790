package cli

import (
	"context"
	"slices"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// rfc2889Flags are what the benchmarks of RFC 2889 can be told.
type rfc2889Flags struct {
	benchmarkFlags
	monitor   string
	addresses int
}

func (a *App) trafficRFC2889Command() *cobra.Command {
	f := rfc2889Flags{benchmarkFlags: benchmarkFlags{all: procedure.RFC2889, usual: procedure.RFC2889[:1]}}
	cmd := &cobra.Command{
		Use:   "rfc2889 FROM TO",
		Short: "Benchmark a switch between two ports: forwarding rates, address caching and learning",
		Long: `Run the benchmarks of RFC 2889 that a switch between two ports, or three, allows:
forwarding, address-caching and address-learning. Without --benchmark it runs the
first. Shorter trials than the RFC's are labelled so.

The addresses are taught from TO and tested from FROM, at --rate; what the switch
floods because it does not know where it belongs is seen at --monitor, a third
port. --rest is the time that the switch needs to forget what it has learned.

` + trafficLong,
		Example: `  ccl traffic rfc2889 eth1 eth2 --speed 1Gbps --sizes 64,1518
  ccl traffic rfc2889 eth1 eth2 --benchmark address-caching --monitor eth3 --rate 1kfps --rest 20s
  ccl traffic rfc2889 eth1 eth2 --benchmark address-learning --monitor eth3 --addresses 4096 --rate 100kfps --rest 20s`,
		Args:              exactly("a port FROM", "a port TO"),
		ValidArgsFunction: a.completePorts(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			benchmarks, err := f.procedures()
			if err != nil {
				return err
			}
			options, err := a.rfc2889Options(cmd.Context(), &f, benchmarks, args)
			if err != nil {
				return err
			}
			return a.benchmark(cmd.Context(), benchmarks, options)
		},
	}
	f.add(cmd, "30s", "5s, or its share of a shortened trial; 300s for addresses")
	flags := cmd.Flags()
	flags.StringVar(&f.monitor, "monitor", "", "a third PORT of the switch, for the benchmarks about addresses")
	flags.IntVar(&f.addresses, "addresses", 0, "how many addresses to try at most, or to teach (8192; 1024 for address-learning)")
	mustComplete(cmd, "monitor", a.completePorts(0))
	return cmd
}

func (a *App) rfc2889Options(ctx context.Context, f *rfc2889Flags, benchmarks []procedure.Procedure, args []string) (o procedure.Options, err error) {
	if o, err = a.benchmarkOptions(ctx, &f.benchmarkFlags, args); err != nil {
		return o, err
	}
	o.Addresses = f.addresses
	if f.monitor != "" {
		o.Monitor, err = a.port(ctx, f.monitor)
		return o, err
	}
	if slices.ContainsFunc(benchmarks, func(p procedure.Procedure) bool { return p != procedure.Forwarding }) {
		return o, withHint(usageError("what the switch floods must be seen at a third port"), "give it with --monitor")
	}
	return o, nil
}
