package oper_test

import (
	"net/netip"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/opertest"
)

// newRouter is r1 with the recordings of testdata/frr: real outputs of FRR 8.4.4
// with an eBGP neighbor, OSPF and OSPFv3 on eth1.
func newRouter() (*oper.Router, *opertest.Sensor) {
	sensor, in := newSensor(), newIntent()
	return &oper.Router{
		Identity: opertest.Ring, Sensor: sensor,
		Hostname:   func() string { return in.Hostname },
		Intent:     func() *junosemu.Intent { return in },
		Started:    now.Add(-2 * time.Hour),
		LastCommit: func() (time.Time, string) { return now.Add(-time.Hour), "admin" },
		BGP: func(_ string, peer netip.Addr) oper.BGPConfig {
			if peer == netip.MustParseAddr("10.0.41.1") {
				return oper.BGPConfig{Group: "customer", Import: []string{"sanity", "from-customer"}, Export: []string{"to-customer"}}
			}
			return oper.BGPConfig{Group: "mesh"}
		},
		Families: func(unit string) map[string][]string {
			switch unit {
			case "ge-0/0/0.0":
				return map[string][]string{"inet": nil, "inet6": nil, "iso": nil}
			case "lo0.0":
				return map[string][]string{"inet": nil, "iso": {"49.0001.0102.5500.0001.00"}}
			}
			return map[string][]string{"inet": nil}
		},
		Bound: func(unit, family string) oper.Binding {
			if unit == "ge-0/0/0.0" && family == "inet" {
				return oper.Binding{FilterInput: []string{"protect-re", "empty"}, FilterOutput: []string{"out"}, PolicerInput: "slow"}
			}
			return oper.Binding{}
		},
		Users: func() int { return 2 },
		Proc:  "testdata/proc",
		Now:   func() time.Time { return now },
	}, sensor
}

// newSensor is what r1's kernel says.
func newSensor() *opertest.Sensor {
	return &opertest.Sensor{
		Dir: "testdata/frr",
		LinkList: []junosemu.LinkState{
			{Device: "lo", Index: 1, MTU: 65536, AdminUp: true, Addresses: opertest.Prefixes("127.0.0.1/8", "10.255.0.1/32")},
			{
				Device: "eth1", Index: 2, MAC: "02:00:00:00:01:01", MTU: 1500, AdminUp: true, CarrierUp: true,
				Addresses: opertest.Prefixes("10.0.41.2/30", "2001:db8:0:41::2/64", "fe80::1/64"),
				RxPackets: 120, TxPackets: 130, RxBytes: 12000, TxBytes: 13000, RxErrors: 1, TxDropped: 2,
				LastFlap: now.Add(-90 * time.Minute),
			},
			{Device: "eth2", Index: 3, MAC: "02:00:00:00:01:02", MTU: 9000, AdminUp: true},
		},
		Near: []junosemu.Neighbor{
			{Device: "eth1", Address: netip.MustParseAddr("10.0.41.1"), MAC: "02:00:00:00:04:01", State: "reachable"},
			{Device: "eth1", Address: netip.MustParseAddr("10.0.41.3"), State: "failed"},
			{Device: "eth1", Address: netip.MustParseAddr("fe80::4"), MAC: "02:00:00:00:04:01", State: "stale"},
			{Device: "docker0", Address: netip.MustParseAddr("172.17.0.2"), MAC: "02:00:00:00:09:09", State: "stale"},
		},
		Programs: map[string]string{},
		Logged: []junosemu.FirewallLogEntry{
			{
				Time: now.Add(-3 * time.Second), Filter: "protect-re", Action: "R", Device: "eth1", Protocol: 6, Length: 60,
				Source: netip.MustParseAddrPort("10.0.41.1:40000"), Destination: netip.MustParseAddrPort("10.255.0.1:22"),
			},
			{
				Time: now.Add(-4 * time.Second), Filter: "six", Action: "D", Device: "eth2", Protocol: 200, Length: 48,
				Source: netip.MustParseAddrPort("[2001:db8::1]:0"), Destination: netip.MustParseAddrPort("[2001:db8::2]:0"),
			},
		},
		Heard: []junosemu.LLDPNeighbor{
			{
				Device: "eth1", ChassisSubtype: 4, ChassisID: "02:00:00:00:04:01", PortSubtype: 7, PortID: "501", PortDescription: "to r1",
				SystemName: "r4", SystemDescription: "Junos emulator, kind juniper_vjunosrouter", Supported: 0x14, Enabled: 0x14,
				Management: []netip.Addr{netip.MustParseAddr("10.255.0.4")}, TTL: 120, Heard: now.Add(-7 * time.Second), Ageouts: 1,
			},
			{Device: "eth2", ChassisSubtype: 7, ChassisID: "h1", PortSubtype: 5, PortID: "eth1", TTL: 120, Heard: now},
			{Device: "eth9", ChassisSubtype: 4, ChassisID: "02:00:00:00:09:01", PortSubtype: 5, PortID: "nowhere", TTL: 120, Heard: now},
		},
	}
}

// newIntent is what r1's configuration means.
func newIntent() *junosemu.Intent {
	in := &junosemu.Intent{
		Hostname: "r1",
		Interfaces: []junosemu.InterfaceIntent{
			{Junos: "ge-0/0/0.0", Device: "eth1", Description: "unit of r4", PortDescription: "to r4"},
			{Junos: "lo0.0", Device: "lo"},
		},
		FRR: map[string]string{"zebra": "", "ospfd": "router ospf\n ospf router-id 10.255.0.1\n", "ospf6d": "", "bgpd": "", "isisd": "", "bfdd": ""},
	}
	in.Firewall = &junosemu.Firewall{Filters: []junosemu.FilterIntent{
		{
			Name:     "protect-re",
			Counters: []junosemu.FilterCounter{{Name: "ssh", Object: "filter.inet.protect-re.count.ssh"}, {Name: "rest", Object: "filter.inet.protect-re.count.rest"}},
			Policers: []junosemu.FilterCounter{{Name: "slow-icmp", Object: "filter.inet.protect-re.policed.slow.icmp"}},
		},
		{Name: "empty"},
	}}
	in.LLDP = &junosemu.LLDP{
		System: "r1", Description: "Junos emulator, kind juniper_vjunosrouter", Chassis: "eth1", Interval: 30, TTL: 120,
		Management: []netip.Addr{netip.MustParseAddr("10.255.0.1")},
		Ports: []junosemu.LLDPPort{
			{Junos: "ge-0/0/0", Device: "eth1", Description: "to r4", Index: 501},
			{Junos: "ge-0/0/1", Device: "eth2", Description: "ge-0/0/1", Index: 502},
		},
	}
	in.VirtualRouters = []junosemu.VirtualRouter{
		{
			Junos: "ge-0/0/0.0", Parent: "eth1", Device: "v4-1-5", MAC: "00:00:5e:00:01:05", Group: 5, Version: 2,
			Own: netip.MustParsePrefix("10.0.41.2/30"), Addresses: []netip.Addr{netip.MustParseAddr("10.0.41.1")}, Priority: 200,
			Interval: 1000, Preempt: true, Tracks: []junosemu.VRRPTrack{{Junos: "ge-0/0/1.0", Device: "eth2", Cost: 60}},
		},
		{
			Junos: "ge-0/0/1.0", Parent: "eth2", Device: "v6-2-6", MAC: "00:00:5e:00:02:06", Group: 6, Version: 3, IPv6: true,
			Own: netip.MustParsePrefix("2001:db8::1/64"), Addresses: []netip.Addr{netip.MustParseAddr("fe80::254"), netip.MustParseAddr("2001:db8::254")},
			Priority: 100, Interval: 250, Accept: true,
		},
	}
	return in
}
