package activities

import (
	"context"
	"net/netip"
	"regexp"
	"strings"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// Traceroute finds the path that packets take and judges it.
func (d *Device) Traceroute(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		t := in.Step.Traceroute
		targets, err := d.addresses(ctx, in.Lab, t.To)
		if err != nil {
			return err
		}
		via, err := d.waypoints(ctx, in.Lab, t.Via)
		if err != nil {
			return err
		}
		to := targets[0].String()
		output, command, err := d.probe(ctx, in.Lab, t.From,
			"traceroute "+to+" no-resolve wait 1",
			[]string{"traceroute", "-n", "-q", "1", "-w", "1", "-m", "16", to})
		if err != nil {
			return r.refusedProbe(t.From, command, err)
		}
		path := check.Path{From: t.From, To: t.To, Hops: parseTraceroute(output)}
		if n := len(path.Hops); n > 0 {
			last, err := netip.ParseAddr(path.Hops[n-1])
			path.Reached = err == nil && last == targets[0]
		}
		r.judge(check.JudgePath(t.Hops, via, path))
		return r.keep(t.From+"-traceroute", t.From, command, "txt", output)
	})
}

// waypoints looks up the addresses of the nodes a path must go through.
func (d *Device) waypoints(ctx context.Context, ref LabRef, names []string) ([]check.Waypoint, error) {
	var via []check.Waypoint
	for _, name := range names {
		addrs, err := d.addresses(ctx, ref, name)
		if err != nil {
			return nil, err
		}
		w := check.Waypoint{Name: name}
		for _, a := range addrs {
			w.Addresses = append(w.Addresses, a.String())
		}
		via = append(via, w)
	}
	return via, nil
}

// hopLine is a line of traceroute's output, on Junos and Linux: the number of
// the hop and what follows.
var hopLine = regexp.MustCompile(`^\s*\d+\s+(\S.*)$`)

// parseTraceroute returns the address of each hop, "" where nobody answered.
// Trailing silence is dropped.
func parseTraceroute(output string) []string {
	var hops []string
	heard := 0
	for line := range strings.Lines(output) {
		m := hopLine.FindStringSubmatch(strings.TrimRight(line, "\r\n"))
		if m == nil {
			continue
		}
		hop := ""
		for _, word := range strings.Fields(m[1]) {
			if addr, err := netip.ParseAddr(strings.Trim(word, "()")); err == nil {
				hop = addr.String()
				break
			}
		}
		hops = append(hops, hop)
		if hop != "" {
			heard = len(hops)
		}
	}
	return hops[:heard]
}
