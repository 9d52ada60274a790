package oper

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// junosUnit is the Junos logical interface of a kernel device: eth1 is
// ge-0/0/0.0, eth1.100 is ge-0/0/0.100, lo is lo0.0; a virtual
// router's device is its interface's unit. A device that no port or
// unit knows keeps its own name.
func (r *Router) junosUnit(device string) string {
	for _, unit := range r.Intent().Interfaces {
		if unit.Device == device {
			return unit.Junos
		}
	}
	for _, i := range r.Intent().Instances {
		for _, unit := range i.Interfaces {
			if unit.Device == device && device != "lo" {
				return unit.Junos
			}
		}
	}
	if v := r.virtualRouter(device); v != nil {
		return v.Junos
	}
	base, unit, tagged := strings.Cut(device, ".")
	if !tagged {
		unit = "0"
	}
	if base == "lo" {
		return "lo0." + unit
	}
	for _, port := range r.Identity.Ports {
		if port.Device == base {
			return port.Junos + "." + unit
		}
	}
	return device
}

// physical is the name of the physical interface of a unit.
func physical(unit string) string {
	name, _, _ := strings.Cut(unit, ".")
	return name
}

// configuredUnits are the units of the instances that are asked about, and the ports
// without units.
func (r *Router) configuredUnits() []junosemu.InterfaceIntent {
	var all []junosemu.InterfaceIntent
	for _, instance := range r.all() {
		all = append(all, instance.Intent().Interfaces...)
	}
	return all
}

// unitsOf lists the configured units of a physical interface in the order of
// their numbers.
func (r *Router) unitsOf(name string) []junosemu.InterfaceIntent {
	var units []junosemu.InterfaceIntent
	for _, unit := range r.configuredUnits() {
		if physical(unit.Junos) == name && strings.Contains(unit.Junos, ".") {
			units = append(units, unit)
		}
	}
	slices.SortFunc(units, func(a, b junosemu.InterfaceIntent) int {
		return cmp.Compare(unitNumber(a.Junos), unitNumber(b.Junos))
	})
	return units
}

func unitNumber(unit string) int {
	_, number, _ := strings.Cut(unit, ".")
	n, _ := strconv.Atoi(number)
	return n
}
