package junosemu

import (
	"context"
	"net/netip"
	"time"
)

// A Firewall is the packet filters of a configuration, in nftables' words: one
// table, of which nothing else is part. Names are fit for nftables.
type Firewall struct {
	Chains   []FirewallChain
	Counters []string
	Policers []FirewallPolicer
	// Filters are what operational commands show of the table, in order.
	Filters []FilterIntent
	// Logs says that rules log to FirewallLogGroup, with the action's letter (A,
	// D, R), a space, and the filter's name as their prefix.
	Logs bool
}

// FirewallTable is the table of a Firewall; its family is inet.
const FirewallTable = "junos"

// FirewallLogGroup is the group of the kernel's packet log that filters log to.
const FirewallLogGroup = 1

// A FirewallChain is a list of rules, in the order in which they are tried.
type FirewallChain struct {
	Name     string
	Hook     string // prerouting, input, forward, output; "": other chains jump to it
	Priority int    // among the chains of one hook; the lowest comes first
	Rules    []string
}

// A FirewallPolicer matches what comes faster than a rate.
type FirewallPolicer struct {
	Name  string
	Rate  uint64 // bytes a second, of IP packets
	Burst uint64 // bytes
}

// A FilterIntent is a filter as Junos shows it: with its counters, and with what
// its policers have discarded.
type FilterIntent struct {
	Name               string
	Counters, Policers []FilterCounter
}

// A FilterCounter is a counter's name for people and in the table.
type FilterCounter struct{ Name, Object string }

// A FirewallLogEntry is a packet that a filter has logged.
type FirewallLogEntry struct {
	Time                time.Time
	Filter              string
	Action              string // A: accepted, D: discarded, R: rejected
	Device              string // kernel device that it came in by, or goes out by
	Protocol            uint8  // IANA's number
	Length              int    // of the IP packet, bytes
	Source, Destination netip.AddrPort
}

// A FirewallLogger is a Sensor that keeps the packets that filters have logged,
// the youngest first.
type FirewallLogger interface {
	FirewallLog(ctx context.Context) ([]FirewallLogEntry, error)
	ClearFirewallLog(ctx context.Context) error
}
