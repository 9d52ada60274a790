package cli

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/wire"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// routesFlags are what to announce, to whom, and what to measure it with.
type routesFlags struct {
	local, peer, routerID, password string
	as, peerAS                      uint32
	multihop                        uint8

	first       string
	count       int
	path        []uint
	communities []string

	sample  string
	streams int
	rate    string
	within  time.Duration
}

func (a *App) trafficRoutesCommand() *cobra.Command {
	var f routesFlags
	cmd := &cobra.Command{
		Use:   "routes PORT --as AS --peer ADDRESS --peer-as AS",
		Short: "Announce thousands of BGP routes, and measure how fast they work",
		Long: `Open a BGP session from the host of a port to a router, announce routes, and
withdraw them in the end. The router must be configured for the session.

With --sample, traffic from another port to some of the routes measures how long
after the announcement each of them works, and how long after the withdrawal
each is gone (RFC 7747). Without, the routes stay until Ctrl-C.

` + trafficLong,
		Example: `  ccl traffic routes ring/h1 --as 65100 --peer 10.1.1.1 --peer-as 65000 --count 10000
  ccl traffic routes ring/h1 --as 65100 --peer 10.1.1.1 --peer-as 65000 --count 10000 --sample ring/g1 --streams 20`,
		Args:              exactly("a PORT"),
		ValidArgsFunction: a.completePorts(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			set, err := f.set()
			if err != nil {
				return err
			}
			at, err := a.port(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			spec, err := f.spec(at)
			if err != nil {
				return err
			}
			return a.announceRoutes(cmd.Context(), &f, at, spec, set)
		},
	}
	f.add(cmd)
	return cmd
}

func (f *routesFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.Uint32Var(&f.as, "as", 0, "our AS number")
	flags.StringVar(&f.peer, "peer", "", "the router's address")
	flags.Uint32Var(&f.peerAS, "peer-as", 0, "the router's AS number")
	flags.StringVar(&f.local, "local", "", "our address (the port's address beside the router's)")
	flags.StringVar(&f.routerID, "router-id", "", "our router ID (our address)")
	flags.StringVar(&f.password, "password", "", "TCP MD5 key of the session")
	flags.Uint8Var(&f.multihop, "multihop", 0, "TTL, for a router that is no neighbor")
	flags.StringVar(&f.first, "first", "100.64.0.0/24", "the first prefix; the others follow it")
	flags.IntVar(&f.count, "count", 10000, "how many prefixes")
	flags.UintSliceVar(&f.path, "as-path", nil, "AS numbers behind ours in the AS path")
	flags.StringSliceVar(&f.communities, "community", nil, "communities of the routes, 65000:1")
	flags.StringVar(&f.sample, "sample", "", "port to send from, to some of the routes")
	flags.IntVar(&f.streams, "streams", 10, "how many of the routes to send to")
	flags.StringVar(&f.rate, "rate", "1000fps", "rate of each of those streams")
	flags.DurationVar(&f.within, "within", time.Minute, "how long to wait for the session, and for the routes to work")
	for _, name := range []string{"as", "peer", "peer-as"} {
		_ = cmd.MarkFlagRequired(name)
	}
}

func (f *routesFlags) set() (set routes.Set, err error) {
	set.Count = f.count
	if set.First, err = netip.ParsePrefix(f.first); err != nil {
		return set, withHint(usageError("--first %q is no prefix", f.first), "write it as 100.64.0.0/24")
	}
	for _, as := range f.path {
		set.Path = append(set.Path, uint32(as))
	}
	for _, text := range f.communities {
		c, err := routes.ParseCommunity(text)
		if err != nil {
			return set, withHint(usageError("--community %w", err), "write it as 65000:1")
		}
		set.Communities = append(set.Communities, c)
	}
	if err := set.Check(); err != nil {
		return set, usageError("%w", err)
	}
	return set, nil
}

// spec is the session that the flags describe, from the host of a port.
func (f *routesFlags) spec(at trafficgen.PortID) (s routes.Spec, err error) {
	s = routes.Spec{NetNS: at.NetNS, AS: f.as, PeerAS: f.peerAS, Password: f.password, Multihop: f.multihop}
	for _, a := range []struct {
		flag, text string
		to         *netip.Addr
	}{{"peer", f.peer, &s.Peer}, {"local", f.local, &s.Local}, {"router-id", f.routerID, &s.RouterID}} {
		if a.text == "" {
			continue
		}
		if *a.to, err = netip.ParseAddr(a.text); err != nil {
			return s, usageError("--%s %q is no address", a.flag, a.text)
		}
	}
	if !s.Local.IsValid() {
		if s.Local, err = wire.AddressBeside(at, s.Peer); err != nil {
			return s, withHint(err, "say our address with --local")
		}
	}
	return s, nil
}

func (a *App) announceRoutes(ctx context.Context, f *routesFlags, at trafficgen.PortID, spec routes.Spec, set routes.Set) (err error) {
	sample, err := a.sampled(ctx, f, at, set)
	if err != nil {
		return err
	}
	a.say("opening a BGP session from %v (AS %d) to %v (AS %d)", spec.Local, spec.AS, spec.Peer, spec.PeerAS)
	speaker, err := wire.Speaker(ctx, spec, f.within)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, speaker.Close()) }()
	if sample == nil {
		sending, err := speaker.Announce(set)
		if err != nil {
			return err
		}
		a.say("%s announced in %s; Ctrl-C withdraws them", count(set.Count, "route"), brief(sending.Ended.Sub(sending.Began)))
		<-ctx.Done()
		return nil
	}
	generator, err := wire.Generator()
	if err != nil {
		return err
	}
	a.say("sending to %d of %s, announcing them, withdrawing them", len(sample), count(set.Count, "route"))
	m, err := routes.Measure(ctx, generator, speaker, set, sample, f.within)
	if m == nil || err != nil {
		return err
	}
	if a.json {
		return a.printJSON(m)
	}
	return a.printRoutes(m)
}

// sampled are the streams to some of the routes, nil if there are to be none.
func (a *App) sampled(ctx context.Context, f *routesFlags, to trafficgen.PortID, set routes.Set) ([]trafficgen.Stream, error) {
	if f.sample == "" {
		return nil, nil
	}
	from, err := a.port(ctx, f.sample)
	if err != nil {
		return nil, err
	}
	flags := streamFlags{rate: f.rate, size: "128"}
	one, err := flags.streams(from, to)
	if err != nil {
		return nil, err
	}
	sample, err := routes.Sample(one[0], set, f.streams)
	if err != nil {
		return nil, usageError("%w", err)
	}
	return sample, nil
}

func (a *App) printRoutes(m *routes.Measurement) error {
	var rows [][]any
	for i, route := range m.Installation.Routes {
		rows = append(rows, []any{route.Stream, brief(route.Convergence), brief(gone(m, i)), brief(route.Uncertainty)})
	}
	if err := a.table("ROUTE\tWORKS AFTER\tGONE AFTER\tUNCERTAINTY", rows); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "%s: the first works after %s, all of the sample after %s; gone after %s to %s\n", count(m.Routes, "route"),
		brief(m.Installation.FirstRoute), brief(m.Installation.Full), brief(m.Removal.First), brief(m.Removal.Full))
	return nil
}

// gone is when after the withdrawal a stream of the sample stopped.
func gone(m *routes.Measurement, i int) time.Duration {
	outages := slices.Clone(m.Stats[i].Outages)
	if len(outages) == 0 {
		return 0
	}
	last := slices.MaxFunc(outages, func(a, b trafficgen.Outage) int { return a.Start.Compare(b.Start) })
	return last.Start.Sub(m.Withdrawal.Began)
}
