package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
)

const trafficLoopLong = `Send from one port to another and measure what arrives.

A loop measures and judges nothing, unless it is told what to hold the streams
to: --max-loss, --loss, --latency. It ends with 3 if one of them is missed, and
also, whatever it was told to measure, if nothing at all arrived of a stream:
then there is no path, and nothing was measured. --max-loss 100 allows that.`

func (a *App) trafficLoopCommand() *cobra.Command {
	var (
		f streamFlags
		o trafficRun
		b bounds

		everyFlow bool
	)
	cmd := &cobra.Command{
		Use:   "loop FROM TO",
		Short: "Send from one port to another and measure what arrives",
		Long:  trafficLoopLong + "\n\n" + trafficLong,
		Example: `  ccl traffic loop ring/h1 ring/h2 --rate 10kfps --duration 10s
  ccl traffic loop ring/h1 ring/h2 --rate 10kfps -t 10s --max-loss 0.1
  ccl traffic loop blue:eth0 red:eth0 --size 64 --rate 1Mfps -t 5s --latency '< 5ms'
  ccl traffic loop ring/h1 ring/h2 -t 10s --flows 64 --every-flow
  ccl traffic loop ring/g1 ring/g2 --capture loss.pcapng --around-loss`,
		Args:              exactly("a port FROM", "a port TO"),
		ValidArgsFunction: a.completePorts(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := b.check(); err != nil {
				return err
			}
			from, err := a.port(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			to, err := a.port(cmd.Context(), args[1])
			if err != nil {
				return err
			}
			if o.streams, err = f.streams(from, to); err != nil {
				return err
			}
			for i := range o.streams {
				o.streams[i].EveryFlow = everyFlow
			}
			stats, err := a.runTraffic(cmd.Context(), o)
			return errors.Join(err, a.judgeTraffic(b, o.streams, stats))
		},
	}
	f.add(cmd)
	f.addReceiver(cmd)
	o.add(cmd)
	b.add(cmd)
	cmd.Flags().BoolVar(&everyFlow, "every-flow", false, "tell of every flow, not of the worst alone")
	return cmd
}

func (a *App) trafficSendCommand() *cobra.Command {
	var f streamFlags
	cmd := &cobra.Command{
		Use:   "send PORT --dst ADDRESS",
		Short: "Send to somewhere else; ccl traffic receive counts there",
		Long:  "Send to an address that is not on this host. What arrives is counted there, by ccl traffic receive.\n\n" + trafficLong,
		Example: `  ccl traffic send eth1 --dst 192.0.2.7 --rate 10kfps --duration 10s
  ccl traffic send eth1 --dst 2001:db8::7 --size 1518 --rate 1Gbps`,
		Args:              exactly("a PORT"),
		ValidArgsFunction: a.completePorts(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if f.dst == "" {
				return withHint(usageError("where to is not said"), "give --dst an address")
			}
			from, err := a.port(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			o := trafficRun{}
			if o.streams, err = f.streams(from, trafficgen.PortID{}); err != nil {
				return err
			}
			_, err = a.runTraffic(cmd.Context(), o)
			return err
		},
	}
	f.add(cmd)
	return cmd
}

func (a *App) trafficReceiveCommand() *cobra.Command {
	var f streamFlags
	var duration string
	var frames uint64
	cmd := &cobra.Command{
		Use:   "receive PORT...",
		Short: "Count what ccl traffic send sends here from elsewhere",
		Long: `Count signed frames that arrive, whoever sends them, until Ctrl-C.

What was sent is told from the sequences that came: frames lost before the first
or after the last of them are not known of. Latencies are as true as the two
hosts' clocks are the same.`,
		Example: `  ccl traffic receive eth1
  ccl traffic receive eth1 eth2 --duration 1m --json`,
		Args:              atLeast(1, "a PORT or more"),
		ValidArgsFunction: a.completePorts(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, stop, err := forAWhile(cmd.Context(), duration)
			if err != nil {
				return err
			}
			defer stop()
			var ports []trafficgen.PortID
			for _, word := range args {
				id, err := a.port(ctx, word)
				if err != nil {
					return err
				}
				if err := emulate(&id, "address", f.address, f.gateway); err != nil {
					return err
				}
				ports = append(ports, id)
			}
			view := newTrafficView(a.Stderr)
			stats, err := engine.Listen(ctx, engine.Options{}, ports, func(stats []trafficgen.Stats) {
				view.update(stats)
				if frames > 0 && arrived(stats) >= frames {
					stop()
				}
			})
			view.clear()
			if err != nil {
				return err
			}
			return a.printTraffic(stats)
		},
	}
	cmd.Flags().StringVarP(&duration, "duration", "t", "", "how long to listen; until Ctrl-C if not given")
	cmd.Flags().Uint64Var(&frames, "frames", 0, "end when so many have arrived")
	cmd.Flags().StringVar(&f.address, "address", "", "be a host of this address: 192.0.2.2/24")
	cmd.Flags().StringVar(&f.gateway, "gateway", "", "that host's gateway")
	return cmd
}

// arrived is how many frames came, of all streams.
func arrived(stats []trafficgen.Stats) (n uint64) {
	for i := range stats {
		n += stats[i].Received
	}
	return n
}

// runTraffic runs streams to their end, or to Ctrl-C, and prints what came of
// them.
func (a *App) runTraffic(ctx context.Context, o trafficRun) (stats []trafficgen.Stats, err error) {
	generator, err := wire.Generator()
	if err != nil {
		return nil, err
	}
	served, err := wire.ServeMetrics(a.config, generator)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, served()) }()
	recording, err := o.record(ctx)
	if err != nil {
		return nil, err
	}
	view := newTrafficView(a.Stderr)
	stats, err = generator.Run(ctx, o.streams, func(stats []trafficgen.Stats) {
		recording.look(stats)
		view.update(stats)
	})
	view.clear()
	if err != nil {
		return stats, errors.Join(err, recording.stop(a, stats))
	}
	return stats, errors.Join(a.printTraffic(stats), recording.stop(a, stats))
}

func (a *App) printTraffic(stats []trafficgen.Stats) error {
	if a.json {
		return printList(a, stats)
	}
	if len(stats) == 0 {
		a.say("no signed frame arrived")
		return nil
	}
	_, err := fmt.Fprint(a.Stdout, trafficTable(stats)+trafficNotes(stats))
	return err
}
