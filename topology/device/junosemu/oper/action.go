package oper

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// clearBGP performs clear-bgp-neighbor: one neighbor or all, hard, or softly
// if asked (soft-inbound, soft).
func (r *Router) clearBGP(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	target := rpc.Value("neighbor")
	if target == "" || rpc.Has("all") {
		target = "*"
	} else if _, err := netip.ParseAddr(target); err != nil {
		return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: target}
	}
	command := "clear bgp " + target
	switch {
	case rpc.Has("soft-inbound"):
		command += " soft in"
	case rpc.Has("soft"):
		command += " soft out"
	}
	return r.act(ctx, "bgpd", bgpOff, command)
}

// clearOSPF performs clear-ospf-neighbor-information: every adjacency.
func (r *Router) clearOSPF(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	command := "clear ip ospf neighbor"
	if target := rpc.Value("neighbor"); target != "" {
		if _, err := netip.ParseAddr(target); err != nil {
			return nil, &Refusal{Message: "invalid ip address or hostname", BadElement: target}
		}
		command += " " + target
	}
	return r.act(ctx, "ospfd", ospfOff, command)
}

// act runs a command that answers nothing when it works.
func (r *Router) act(ctx context.Context, daemon, off, command string) (*xmltree.Element, error) {
	answer, err := r.Sensor.FRR(ctx, daemon, command)
	if errors.Is(err, junosemu.ErrNotRunning) {
		return nil, &inactiveError{off}
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %q: %w", daemon, command, err)
	}
	if text := strings.TrimSpace(string(answer)); strings.HasPrefix(text, "%") {
		return nil, &Refusal{Message: strings.TrimSpace(strings.TrimPrefix(text, "%"))}
	}
	return nil, nil
}

// restartRouting performs "restart routing": Junos's rpd is every FRR daemon.
func (r *Router) restartRouting(ctx context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
	if err := r.Sensor.Restart(ctx, "routing"); err != nil {
		return nil, err
	}
	now := r.Now()
	r.root().restarted.Store(&now)
	return xmltree.Leaf("output", "Routing protocols process started"), nil
}
