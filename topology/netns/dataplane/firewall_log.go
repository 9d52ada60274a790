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
	names, err := d.deviceNames()
	if err != nil {
		return nil, err
	}
	for _, p := range d.packets.Entries() {
		e := junosemu.FirewallLogEntry{Time: p.Time, Protocol: p.Protocol, Length: p.Length, Source: p.Source, Destination: p.Destination}
		e.Action, e.Filter, _ = strings.Cut(p.Prefix, " ")
		index := p.In
		if index == 0 {
			index = p.Out
		}
		e.Device = names[index]
		all = append(all, e)
	}
	return all, nil
}

// deviceNames are the names of the kernel devices that are there, by index.
func (d *Dataplane) deviceNames() (names map[int]string, err error) {
	names = map[int]string{}
	err = d.space.Do(func() error {
		devices, err := net.Interfaces()
		for _, i := range devices {
			names[i.Index] = i.Name
		}
		return err
	})
	return names, err
}

// ClearFirewallLog forgets the packets that were logged.
func (d *Dataplane) ClearFirewallLog(context.Context) error {
	d.packets.Clear()
	return nil
}
