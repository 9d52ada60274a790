package cli

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/trafficgen/engine"
)

// probeReport is what this host, and ports of it, can do.
type probeReport struct {
	Host engine.Host `json:"host"`
	// FastAbove is the rate in frames per second from which on a port that can
	// use a faster engine than sendmmsg does.
	FastAbove float64             `json:"fastAbove"`
	Engines   []engine.Capability `json:"engines"`
	Ports     []portProbe         `json:"ports,omitempty"`
}

// portProbe is what one port can use, and what it takes below and from
// FastAbove; empty is nothing.
type portProbe struct {
	Port    string              `json:"port"`
	Engines []engine.Capability `json:"engines"`
	Slow    string              `json:"slow"`
	Fast    string              `json:"fast"`
}

func (a *App) trafficProbeCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "probe [PORT...]",
		Short: "Show which traffic engines this host, and ports of it, can use",
		Long: `Try every engine that sends and every way to count on a pair of devices of its
own, and every engine that sends on the ports. On a port each sends one frame, to
a hardware address that is nobody's.

` + trafficLong,
		Example: `  ccl traffic probe
  ccl traffic probe ring/h1 eth1 --json`,
		ValidArgsFunction: a.completePorts(0),
		RunE: func(cmd *cobra.Command, args []string) error {
			report, err := a.probe(cmd.Context(), args)
			if err != nil {
				return err
			}
			if a.json {
				return a.printJSON(report)
			}
			return a.printProbe(report)
		},
	}
}

func (a *App) probe(ctx context.Context, words []string) (r probeReport, err error) {
	r.FastAbove = engine.FastAbove
	for _, word := range words {
		id, err := a.port(ctx, word)
		if err != nil {
			return r, err
		}
		all := engine.ProbePort(id)
		r.Ports = append(r.Ports, portProbe{Port: word, Engines: all,
			Slow: engine.Taken(all, 1), Fast: engine.Taken(all, engine.FastAbove)})
	}
	r.Engines = engine.Probe(ctx)
	r.Host, err = engine.ProbeHost()
	return r, err
}

func (a *App) printProbe(r probeReport) error {
	fmt.Fprint(a.Stdout, hostText(&r.Host), "\n")
	var rows [][]any
	for _, c := range r.Engines {
		rows = append(rows, []any{c.Name, c.Does, yesNo(c.Usable), oneLine(c.Why)})
	}
	if err := a.table("ENGINE\tDOES\tUSABLE\tWHY NOT", rows); err != nil {
		return err
	}
	fmt.Fprintf(a.Stdout, "\nPorts that send less than %s use sendmmsg, others the first of %s that they can use.\n",
		frameRate(r.FastAbove), strings.Join(engine.Engines, ", "))
	if len(r.Ports) == 0 {
		return nil
	}
	rows = nil
	for _, p := range r.Ports {
		for _, c := range p.Engines {
			rows = append(rows, []any{p.Port, c.Name, yesNo(c.Usable), taken(p, c.Name), oneLine(c.Why)})
		}
	}
	fmt.Fprintln(a.Stdout)
	return a.table("PORT\tENGINE\tUSABLE\tTAKEN\tWHY NOT", rows)
}

// taken says at which rates a port takes an engine.
func taken(p portProbe, name string) string {
	limit := frameRate(engine.FastAbove)
	switch {
	case p.Slow == name && p.Fast == name:
		return "always"
	case p.Slow == name:
		return "below " + limit
	case p.Fast == name:
		return "from " + limit
	}
	return "-"
}

// hostText is what a host's measurements depend on, for people.
func hostText(h *engine.Host) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Linux %s, %s\n", h.Kernel, count(h.Processors, "processor"))
	fmt.Fprintf(&b, "clock %s, resolution %v\n", h.Clock, h.Resolution)
	priority := "real-time priority for quiet streams"
	if !h.RealTime {
		priority = "no real-time priority"
	}
	fmt.Fprintf(&b, "a transmitter wakes %v late (median), %v at worst; %s\n", h.Wake.Round(100*time.Nanosecond), brief(h.WakeWorst), priority)
	for _, name := range h.Missing {
		fmt.Fprintf(&b, "missing: %s\n", name)
	}
	return b.String()
}

func yesNo(yes bool) string {
	if yes {
		return "yes"
	}
	return "no"
}
