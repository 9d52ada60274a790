package junosemu

import (
	"context"
	"net/netip"
	"time"
)

// LLDP is what the Link Layer Discovery Protocol says, and where.
type LLDP struct {
	System       string       // name
	Description  string       // of the system
	Chassis      string       // kernel device whose MAC address is the router's, or that address
	Management   []netip.Addr // addresses the router is managed at
	Interval     int          // of advertisements, seconds
	TTL          int          // seconds
	PortIDByName bool         // the port ID is the interface's name, not its number
	Ports        []LLDPPort
}

// An LLDPPort is a port that LLDP is spoken on.
type LLDPPort struct {
	Junos       string // ge-0/0/0
	Device      string // eth1
	Description string // that neighbors are told
	Index       int    // its SNMP ifIndex
}

// An LLDPNeighbor is a system that is heard on a port.
type LLDPNeighbor struct {
	Device             string // kernel device
	ChassisSubtype     int    // 802.1AB, table 8-2
	ChassisID          string
	PortSubtype        int // table 8-3
	PortID             string
	PortDescription    string
	SystemName         string
	SystemDescription  string
	Supported, Enabled uint16 // capabilities, table 8-4
	Management         []netip.Addr
	TTL                int // seconds
	Heard              time.Time
	Ageouts            int // neighbors that fell silent on this port
}

// An LLDPSpeaker is a Sensor with an LLDP agent.
type LLDPSpeaker interface {
	LLDPNeighbors(ctx context.Context) ([]LLDPNeighbor, error)
	// ForgetLLDP drops the neighbors on a kernel device; on all if it is "".
	ForgetLLDP(ctx context.Context, device string) error
}
