package intent

import (
	"fmt"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// gracefulRestart is the router's part. Junos always helps neighbors that
// restart, as FRR does; it restarts gracefully itself where it is told to.
func (b *bgpCompiler) gracefulRestart() []string {
	if !b.restarts() {
		return nil
	}
	lines := []string{"bgp graceful-restart"}
	own := b.node.Lookup("graceful-restart")
	restart := own.Value("restart-time")
	if restart == "" {
		restart = b.scope.Value("routing-options", "graceful-restart", "restart-duration")
	}
	if restart != "" && restart != "120" {
		lines = append(lines, "bgp graceful-restart restart-time "+restart)
	}
	if stale := own.Value("stale-routes-time"); stale != "" && stale != "360" {
		lines = append(lines, "bgp graceful-restart stalepath-time "+stale)
	}
	return lines
}

// restarts tells whether the router restarts gracefully, unless a neighbor is
// told otherwise.
func (b *bgpCompiler) restarts() bool {
	return restartEnabled(b.scope.Lookup("routing-options", "graceful-restart"), b.node.Lookup("graceful-restart"))
}

// restartEnabled: routing-options switches graceful restart on, a protocol can
// switch it off for itself.
func restartEnabled(global, own *config.Node) bool {
	return global != nil && !global.Has("disable") && !own.Has("disable")
}

// restartMode is the neighbor's statement where it differs from the router's.
func (b *bgpCompiler) restartMode(n *neighbor) string {
	own := n.lookup("graceful-restart")
	switch {
	case own == nil:
		return ""
	case own.Has("disable") && b.restarts():
		return "graceful-restart-helper"
	case own.Has("disable") && !b.node.Has("graceful-restart", "disable"):
		return "graceful-restart-disable"
	}
	return ""
}

// The values of damping that a configuration leaves free.
const (
	dampingHalfLife    = "15"
	dampingReuse       = "750"
	dampingSuppress    = "3000"
	dampingMaxSuppress = "60"
)

// damping is a family's; FRR damps the routes of all external neighbors alike.
func (b *bgpCompiler) damping(f family) []string {
	damped, free := 0, 0
	for _, n := range b.neighbors {
		switch {
		case n.internal || !n.families[f]:
		case n.has("damping"):
			damped++
		default:
			free++
		}
	}
	if damped == 0 {
		return nil
	}
	if free > 0 {
		b.differs(b.node, "FRR damps the routes of all external neighbors, not only of those with damping")
	}
	profile := b.dampingProfile()
	value := func(name, otherwise string) string {
		if v := profile.Value(name); v != "" {
			return v
		}
		return otherwise
	}
	return []string{fmt.Sprintf(" bgp dampening %s %s %s %s", value("half-life", dampingHalfLife), value("reuse", dampingReuse),
		value("suppress", dampingSuppress), value("max-suppress", dampingMaxSuppress))}
}

// dampingProfile is the one that import policies name; FRR has one for all
// routes.
func (b *bgpCompiler) dampingProfile() *config.Node {
	var profile *config.Node
	for _, p := range b.root.Lookup("policy-options").Children("policy-statement") {
		for _, t := range terms(p) {
			name := t.then.Value("damping")
			if name == "" {
				continue
			}
			found := b.root.Lookup("policy-options", "damping", name)
			switch {
			case profile == nil:
				profile = found
			case profile != found:
				b.differs(t.then, "FRR has one set of damping parameters, those of "+profile.Key())
			}
			if t.from != nil || found.Has("disable") {
				b.differs(t.then, "FRR damps all routes alike")
			}
		}
	}
	return profile
}
