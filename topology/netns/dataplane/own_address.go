package dataplane

import (
	"context"
	"errors"
	"net/netip"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr"
)

// bgpd refuses a neighbor with an address of the router's own. It hears of the
// addresses from zebra, which hears of them from the kernel: a moment, or seconds
// on a busy machine, during which it takes a new address as a neighbor, and refuses
// one that went.
const (
	ownAddress  = "Can not configure the local system as neighbor"
	settleTime  = 10 * time.Second
	settleRetry = 10 * time.Millisecond
)

// applyFRR is the suite's Apply, with bgpd's verdict on the router's own addresses
// as neighbors when it knows all of them: those that the kernel has are refused,
// whether bgpd has heard of them or not, and it is asked again while it refuses
// another.
func (d *Dataplane) applyFRR(ctx context.Context, texts map[string]string) error {
	if err := refuseOwn(texts["bgpd"]); err != nil {
		return err
	}
	deadline := time.Now().Add(settleTime)
	for {
		err := d.suite.Apply(ctx, texts)
		var refused *frr.CommandError
		if !errors.As(err, &refused) || !strings.Contains(refused.Output, ownAddress) || time.Now().After(deadline) {
			return err
		}
		select {
		case <-time.After(settleRetry):
		case <-ctx.Done():
			return err
		}
	}
}

// refuseOwn refuses a configuration of bgpd in which an address of the kernel's is
// a neighbor, in bgpd's words.
func refuseOwn(bgpd string) error {
	addresses, err := readAddresses()
	if err != nil {
		return err
	}
	own := map[netip.Addr]bool{}
	for _, prefixes := range addresses {
		for _, p := range prefixes {
			own[p.Addr()] = true
		}
	}
	context := ""
	for line := range strings.Lines(bgpd) {
		words := strings.Fields(line)
		if strings.HasPrefix(line, "router bgp ") {
			context = strings.TrimSpace(line)
		}
		if len(words) < 3 || words[0] != "neighbor" || words[2] != "remote-as" {
			continue
		}
		if a, err := netip.ParseAddr(words[1]); err == nil && own[a] {
			return &frr.CommandError{Daemon: "bgpd", Command: strings.TrimSpace(line), Context: context, Output: "% " + ownAddress, Status: frr.StatusRefused}
		}
	}
	return nil
}
