package junosemu

import "net/netip"

// A VirtualRouter is a VRRP group of one address family on one interface (RFC
// 5798). What it says of priorities is FRR's to do; its addresses are there only
// while it is master.
type VirtualRouter struct {
	Junos     string // ge-0/0/0.0
	Parent    string // kernel device: eth1
	Device    string // kernel device with the virtual router's MAC address, above Parent
	MAC       string // 00:00:5e:00:01:05
	Group     int
	Version   int          // 2 or 3
	IPv6      bool         // else IPv4
	Own       netip.Prefix // the interface's address that the group is configured at
	Addresses []netip.Addr
	Priority  int
	Interval  int // of advertisements, milliseconds
	Preempt   bool
	Accept    bool // answers to its addresses itself; Owner does in any case
	Tracks    []VRRPTrack
}

// Owner reports whether a virtual address is the interface's own.
func (v VirtualRouter) Owner() bool { return v.Priority == 255 }

// A VRRPTrack lowers a virtual router's priority while an interface is down.
type VRRPTrack struct {
	Junos  string // ge-0/0/1.0
	Device string // eth2
	Cost   int
}
