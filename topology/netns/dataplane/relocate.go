package dataplane

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vishvananda/netlink"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// A place is where devices can be: the namespace of an instance.
type place struct {
	name  string // of the instance; "": the master one
	space *space.Space
	plane *Dataplane
}

// places are the instances that are there, the master one first.
func (r *Router) places() []place {
	all := []place{{"", r.home, r.Dataplane}}
	for _, name := range r.names() {
		i := r.instance(name)
		all = append(all, place{name, i.space, i.plane})
	}
	return all
}

// In runs f in the namespace that a device is in now; in the master instance's
// if there is no such device.
func (r *Router) In(device string, f func() error) error {
	r.moving.RLock()
	defer r.moving.RUnlock()
	at, err := r.placeOf(device)
	if err != nil {
		return err
	}
	return at.space.Do(f)
}

// placeOf finds a device.
func (r *Router) placeOf(device string) (place, error) {
	all := r.places()
	for _, p := range all[1:] {
		here, err := p.has(device)
		if err != nil {
			return place{}, err
		}
		if here && device != loopback {
			return p, nil
		}
	}
	return all[0], nil
}

// has reports whether a device is at a place.
func (p place) has(name string) (bool, error) {
	err := p.space.Do(func() error {
		_, err := netlink.LinkByName(name)
		return err
	})
	var gone netlink.LinkNotFoundError
	if errors.As(err, &gone) {
		return false, nil
	}
	return err == nil, err
}

// devices are the devices at a place.
func (p place) devices() (devices map[string]device, err error) {
	err = p.space.Do(func() error {
		devices, err = p.plane.readDevices()
		return err
	})
	return devices, err
}

// relocate brings every port to the instance that its interface is in, or back
// to the master one, and makes the tagged interfaces of the instances: their
// ports stay in the master instance.
func (r *Router) relocate(want *junosemu.Intent) error {
	if len(r.names()) == 0 {
		return nil
	}
	r.moving.Lock()
	defer r.moving.Unlock()
	if err := r.movePorts(owners(want)); err != nil {
		return err
	}
	tagged := taggedUnits(want)
	if err := r.removeTagged(tagged); err != nil {
		return err
	}
	return r.makeTagged(tagged)
}

// movePorts moves the ports that are not where they belong.
func (r *Router) movePorts(owners map[string]string) error {
	places := map[string]place{}
	for _, p := range r.places() {
		places[p.name] = p
	}
	for _, port := range r.id.Ports {
		from, err := r.placeOf(port.Device)
		if err != nil {
			return err
		}
		if to := places[owners[port.Device]]; to.name != from.name {
			if err := movePort(port.Device, from, to); err != nil {
				return fmt.Errorf("interface %s: move to another routing instance: %w", port.Junos, err)
			}
		}
	}
	return nil
}

// movePort moves one port with what is remembered of it. It loses its addresses
// and what was made on top of it; whether it is up, it keeps. A port that the lab
// does not have stays nowhere.
func movePort(port string, from, to place) error {
	up, there := false, false
	err := from.space.Do(func() error {
		devices, err := from.plane.readDevices()
		dev, ok := devices[port]
		if err != nil || !ok {
			return err
		}
		up, there = dev.up, true
		for name, child := range devices {
			if child.parent == port {
				if err := removeDevice(name); err != nil {
					return err
				}
			}
		}
		link, err := netlink.LinkByName(port)
		if err != nil {
			return err
		}
		return netlink.LinkSetNsFd(link, to.space.FD())
	})
	if err != nil || !there {
		return err
	}
	to.plane.remember(port, from.plane)
	if !up {
		return nil
	}
	return to.space.Do(func() error {
		link, err := netlink.LinkByName(port)
		if err != nil {
			return err
		}
		return netlink.LinkSetUp(link)
	})
}

// remember takes over what another data plane knew of a port: the MTU it had,
// whether a configuration disabled it.
func (d *Dataplane) remember(port string, from *Dataplane) {
	from.applying.Lock()
	mtu, changed := from.mtu[port]
	disabled, first := from.disabled[port], from.disabled == nil
	delete(from.mtu, port)
	from.applying.Unlock()
	d.applying.Lock()
	defer d.applying.Unlock()
	if changed {
		d.mtu[port] = mtu
	}
	if d.disabled != nil {
		d.disabled[port] = disabled || first
	}
}

// taggedUnits are the instances' interfaces with an 802.1Q tag, by device.
func taggedUnits(want *junosemu.Intent) map[string]taggedUnit {
	units := map[string]taggedUnit{}
	for _, i := range want.Instances {
		for _, unit := range i.Interfaces {
			if unit.VLAN != 0 {
				units[unit.Device] = taggedUnit{unit, i.Name}
			}
		}
	}
	return units
}

// A taggedUnit is an interface with a tag, and its routing instance.
type taggedUnit struct {
	junosemu.InterfaceIntent
	instance string
}

// removeTagged removes the tagged interfaces that belong to another instance: a
// port has one of each number.
func (r *Router) removeTagged(wanted map[string]taggedUnit) error {
	for _, p := range r.places() {
		devices, err := p.devices()
		if err != nil {
			return err
		}
		for name, dev := range devices {
			if dev.vlan == 0 || !p.plane.owns(dev, devices) || wanted[name].instance == p.name {
				continue
			}
			if err := p.space.Do(func() error { return removeDevice(name) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// makeTagged makes the tagged interfaces of instances that are not there yet.
func (r *Router) makeTagged(wanted map[string]taggedUnit) error {
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		unit := wanted[name]
		i := r.instance(unit.instance)
		at, err := r.placeOf(name)
		if err != nil {
			return err
		}
		parent, _, _ := strings.Cut(name, ".")
		if at.name == unit.instance || !r.manages(parent) {
			continue
		}
		err = r.home.Do(func() error {
			link, err := netlink.LinkByName(parent)
			if err != nil {
				return fmt.Errorf("interface %s: its port is in another routing instance, or not there: %w", unit.Junos, err)
			}
			mtu := cmp.Or(unit.MTU, link.Attrs().MTU)
			_, err = createTaggedIn(i.space, device{name: name, parent: parent, vlan: unit.VLAN, mtu: mtu})
			return err
		})
		if err != nil {
			return fmt.Errorf("routing instance %s: %w", unit.instance, err)
		}
	}
	return nil
}
