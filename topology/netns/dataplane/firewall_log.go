package dataplane

import (
	"context"
	"net"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

var _ junosemu.FirewallLogger = (*Dataplane)(nil)

// FirewallLog are the last packets that filters have logged, the youngest first.
func (d *Dataplane) FirewallLog(context.Context) ([]junosemu.FirewallLogEntry, error) {
	var all []junosemu.FirewallLogEntry
	for _, p := range d.packets.Entries() {
		e := junosemu.FirewallLogEntry{Time: p.Time, Protocol: p.Protocol, Length: p.Length, Source: p.Source, Destination: p.Destination}
		e.Action, e.Filter, _ = strings.Cut(p.Prefix, " ")
		index := p.In
		if index == 0 {
			index = p.Out
		}
		if i, err := net.InterfaceByIndex(index); err == nil {
			e.Device = i.Name
		}
		all = append(all, e)
	}
	return all, nil
}

// ClearFirewallLog forgets the packets that were logged.
func (d *Dataplane) ClearFirewallLog(context.Context) error {
	d.packets.Clear()
	return nil
}
