// Package junosemu is the vocabulary of the Junos emulator: an honest stand-in
// that speaks Junos's configuration language, NETCONF and CLI in front of a
// real data plane (FRRouting and the Linux kernel).
//
//	config     the configuration language: parse, print, load, compare
//	intent     a configuration compiled to what the data plane shall do
//	store      candidate, running, rollback; locks; atomic commit; on disk
//	oper       operational RPCs and show commands, answered from the data plane
//	server     SSH, NETCONF and CLI; puts the above together into a router
//
// What runs below is behind two small interfaces, Dataplane and Sensor.
package junosemu

import (
	"context"
	"errors"
	"net/netip"
	"time"
)

// A Dataplane makes a committed configuration real.
type Dataplane interface {
	// Apply moves the data plane to want. If any part is refused, the data
	// plane is put back as it was and the error says, in the refusing
	// program's words, what was wrong with which line.
	Apply(ctx context.Context, want *Intent) error
}

// A Sensor reads what is true, and does what operational commands ask for.
type Sensor interface {
	// FRR runs a vtysh-style command ("show ip route json") in one daemon
	// (zebra, bgpd, ospfd, …). A daemon that does not run is ErrNotRunning.
	FRR(ctx context.Context, daemon, command string) ([]byte, error)
	Links(ctx context.Context) ([]LinkState, error)
	Neighbors(ctx context.Context) ([]Neighbor, error)
	// Exec runs a program (ping, traceroute) inside the router and returns its
	// combined output; the program's own exit code is not an error.
	Exec(ctx context.Context, argv ...string) ([]byte, error)
	// Restart stops and starts a Junos process: routing (every FRR daemon).
	Restart(ctx context.Context, process string) error
}

// Intent is what a configuration means for the data plane: plain facts, ready
// to be applied without knowing Junos.
type Intent struct {
	Hostname   string
	Interfaces []InterfaceIntent
	// FRR is the complete configuration of each routing daemon, keyed by the
	// daemon's name (zebra, staticd, ospfd, ospf6d, isisd, bgpd, bfdd), in the
	// form "show running-config" prints it, one space of indent a level, without
	// "frr defaults", hostname, log and line statements. A daemon that is not a
	// key need not run.
	FRR map[string]string
	// Aggregates are aggregate and generated routes, which exist while more
	// specific routes do.
	Aggregates []AggregateIntent
	// Firewall is the packet filters; nil if there are none.
	Firewall *Firewall
	// VirtualRouters are the VRRP groups. The text of vrrpd is made from them,
	// for priorities change with what they track.
	VirtualRouters []VirtualRouter
	// LLDP is who the router says it is to its neighbors, on the ports of all
	// instances; nil: it is silent.
	LLDP *LLDP
	// Instances are the routing instances beside the master one, which is what
	// the other fields are about. Their names are in order.
	Instances []Instance
}

// InterfaceIntent is one logical interface.
type InterfaceIntent struct {
	Junos       string // ge-0/0/0.0, lo0.0
	Device      string // kernel device: eth1, lo, eth1.100
	VLAN        int    // 802.1Q ID of a tagged unit, else 0
	Disabled    bool
	MTU         int // bytes, as the kernel counts (without the Ethernet header); 0: leave
	Description string
	// PortDescription is the description of the physical interface below.
	PortDescription string
	Addresses       []netip.Prefix // address with its prefix length
}

// A LinkState is a kernel device as it is now.
type LinkState struct {
	Device               string // eth1
	Index                int
	MAC                  string
	MTU                  int
	AdminUp, CarrierUp   bool
	Addresses            []netip.Prefix
	RxPackets, TxPackets uint64
	RxBytes, TxBytes     uint64
	RxErrors, TxErrors   uint64
	RxDropped, TxDropped uint64
	LastFlap             time.Time // zero if never seen
}

// A Neighbor is an entry of the ARP or ND table.
type Neighbor struct {
	Device  string
	Address netip.Addr
	MAC     string
	State   string // reachable, stale, permanent, …
}

// Identity is who the router says it is.
type Identity struct {
	Name  string // node name, the host name until a configuration sets one
	Kind  string // containerlab kind, juniper_vjunosrouter
	Ports []Port // in slot order
}

// A Port joins a Junos interface name to a kernel device.
type Port struct {
	Junos  string // ge-0/0/0
	Device string // eth1
}

// ErrNotRunning is a daemon that is not there to be asked.
var ErrNotRunning = errors.New("not running")
