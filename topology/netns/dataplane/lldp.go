package dataplane

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

var _ junosemu.LLDPSpeaker = (*Dataplane)(nil)

// LLDPNeighbors are the systems that were heard on the ports.
func (d *Dataplane) LLDPNeighbors(context.Context) ([]junosemu.LLDPNeighbor, error) {
	var all []junosemu.LLDPNeighbor
	for _, n := range d.lldp.Neighbors() {
		j := junosemu.LLDPNeighbor{
			Device:         n.Device,
			ChassisSubtype: int(n.Chassis.Subtype), ChassisID: n.Chassis.String(),
			PortSubtype: int(n.Port.Subtype), PortID: n.Port.String(),
			PortDescription: n.PortDescription, SystemName: n.SystemName, SystemDescription: n.SystemDescription,
			Supported: uint16(n.Supported), Enabled: uint16(n.Enabled),
			TTL: int(n.TTL), Heard: n.Heard, Ageouts: d.lldp.Ageouts(n.Device),
		}
		for _, m := range n.Management {
			j.Management = append(j.Management, m.Address)
		}
		all = append(all, j)
	}
	return all, nil
}

// ForgetLLDP drops the neighbors on a device, or all of them.
func (d *Dataplane) ForgetLLDP(_ context.Context, device string) error {
	d.lldp.Forget(device)
	return nil
}
