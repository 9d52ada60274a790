package activities

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/topology/device"
)

func TestParsePing(t *testing.T) {
	tests := map[string]struct {
		output         string
		sent, received int
	}{
		"Linux": {"PING 10.1.3.2 (10.1.3.2) 56(84) bytes of data.\n64 bytes from 10.1.3.2: icmp_seq=1 ttl=61 time=0.1 ms\n\n" +
			"--- 10.1.3.2 ping statistics ---\n5 packets transmitted, 4 received, 20% packet loss, time 4005ms\n", 5, 4},
		"Linux, unreachable": {"--- 10.1.3.2 ping statistics ---\n5 packets transmitted, 0 received, +5 errors, 100% packet loss, time 4096ms\n", 5, 0},
		"Junos, rapid":       {"PING 10.255.0.3 (10.255.0.3): 56 data bytes\n!!!!!\n--- 10.255.0.3 ping statistics ---\n5 packets transmitted, 5 packets received, 0% packet loss\nround-trip min/avg/max/stddev = 0.1/0.2/0.3/0.0 ms\n", 5, 5},
	}
	for name, test := range tests {
		sent, received, err := parsePing(test.output)
		if err != nil || sent != test.sent || received != test.received {
			t.Errorf("%s: %d sent, %d received, %v; want %d and %d", name, sent, received, err, test.sent, test.received)
		}
	}
	for _, output := range []string{"", "ping: connect: Network is unreachable\n", "ping: sendmsg: No route to host"} {
		if _, _, err := parsePing(output); err == nil {
			t.Errorf("%q was taken for a result", output)
		}
	}
}

func TestParseTraceroute(t *testing.T) {
	tests := map[string]struct {
		output string
		hops   []string
	}{
		"Linux": {"traceroute to 10.1.3.2 (10.1.3.2), 16 hops max, 60 byte packets\n 1  10.1.1.1  0.05 ms\n 2  *\n 3  10.0.23.2  0.1 ms\n 4  10.1.3.2  0.2 ms\n",
			[]string{"10.1.1.1", "", "10.0.23.2", "10.1.3.2"}},
		"Junos": {"traceroute to 10.255.0.3 (10.255.0.3), 30 hops max, 52 byte packets\n 1  10.0.12.2  0.4 ms  0.3 ms  0.3 ms\n 2  10.255.0.3  0.5 ms  0.4 ms  0.4 ms\n",
			[]string{"10.0.12.2", "10.255.0.3"}},
		"with names": {" 1  gw (10.1.1.1)  0.05 ms\n", []string{"10.1.1.1"}},
		"IPv6":       {" 1  2001:db8::1  0.05 ms\n 2  * * *\n 3  * * *\n", []string{"2001:db8::1"}},
		"nobody":     {" 1  * * *\n 2  * * *\n", nil},
	}
	for name, test := range tests {
		if got := parseTraceroute(test.output); !slices.Equal(got, test.hops) {
			t.Errorf("%s: %q, want %q", name, got, test.hops)
		}
	}
}

func FuzzParseTraceroute(f *testing.F) {
	f.Add(" 1  10.1.1.1  0.05 ms\n 2  * * *\n")
	f.Fuzz(func(t *testing.T, output string) {
		hops := parseTraceroute(output)
		if n := len(hops); n > 0 && hops[n-1] == "" {
			t.Errorf("%q ends in silence", hops)
		}
	})
}

func TestParseInterfaceAddresses(t *testing.T) {
	got, err := parseInterfaceAddresses([]byte(`<interface-information>
<physical-interface><name>ge-0/0/0</name>
 <logical-interface><name>ge-0/0/0.0</name>
  <address-family><address-family-name>inet</address-family-name>
   <interface-address><ifa-local>10.0.12.1/24</ifa-local></interface-address></address-family>
  <address-family><address-family-name>inet6</address-family-name>
   <interface-address><ifa-local>fe80::1/64</ifa-local></interface-address></address-family>
 </logical-interface></physical-interface>
<physical-interface><name>lo0</name>
 <logical-interface><name>lo0.0</name>
  <address-family><address-family-name>inet6</address-family-name>
   <interface-address><ifa-local>2001:db8::1</ifa-local></interface-address></address-family>
  <address-family><address-family-name>inet</address-family-name>
   <interface-address><ifa-local>127.0.0.1</ifa-local></interface-address>
   <interface-address><ifa-local>10.255.0.1</ifa-local></interface-address></address-family>
 </logical-interface></physical-interface>
</interface-information>`))
	if want := "[10.255.0.1 2001:db8::1 10.0.12.1]"; err != nil || fmt.Sprint(got) != want {
		t.Errorf("%v, %v; want %s", got, err, want)
	}
	if _, err := parseInterfaceAddresses([]byte("<output>nothing</output>")); err == nil {
		t.Error("a reply without interfaces was taken")
	}
}

func TestParseHostAddresses(t *testing.T) {
	got, err := parseHostAddresses([]byte(`[{"ifname":"lo","addr_info":[{"local":"127.0.0.1","scope":"host"}]},
	{"ifname":"eth1","addr_info":[{"local":"2001:db8::2","scope":"global"},{"local":"10.1.1.2","scope":"global"},{"local":"fe80::1","scope":"link"}]}]`))
	if want := []netip.Addr{netip.MustParseAddr("10.1.1.2"), netip.MustParseAddr("2001:db8::2")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("%v, %v; want %v", got, err, want)
	}
}

func TestChangeOf(t *testing.T) {
	tests := []struct {
		step testplans.Configure
		want device.Change
	}{
		{testplans.Configure{Set: []string{"snmp location lab", "delete snmp contact", "deactivate protocols bgp"}},
			device.Change{Text: "set snmp location lab\ndelete snmp contact\ndeactivate protocols bgp\n", Format: device.FormatSet}},
		{testplans.Configure{Text: "snmp { location lab; }"},
			device.Change{Text: "snmp { location lab; }", Format: device.FormatText, Load: device.LoadMerge}},
		{testplans.Configure{Text: "# comment\nset snmp location lab\n", Load: "merge"},
			device.Change{Text: "# comment\nset snmp location lab\n", Format: device.FormatSet, Load: device.LoadMerge}},
		{testplans.Configure{Text: "system { host-name r1; }", Load: "override"},
			device.Change{Text: "system { host-name r1; }", Format: device.FormatText, Load: device.LoadOverride}},
	}
	for _, test := range tests {
		if got := changeOf(&test.step); got != test.want {
			t.Errorf("%+v\nbecomes %+v\nwant    %+v", test.step, got, test.want)
		}
	}
}

// A statement that the emulator does not act on spoils the step that changes
// it.
func TestIdleStatements(t *testing.T) {
	c := device.Commit{
		Diff: "[edit protocols]\n+   mpls {\n+       interface ge-0/0/0.0;\n+   }\n",
		Warnings: []string{
			"protocols ospf area 0.0.0.1 stub: statement is acted on with a difference: FRR announces a default route",
			"protocols mpls: statement is stored and not acted on",
		},
	}
	if o := judgeCommit("r1", c, nil, ""); o.Verdict != "skip" || !strings.Contains(o.Reason, "not emulated on r1: protocols mpls") {
		t.Errorf("verdict %s, want skip: %s", o.Verdict, o.Reason)
	}
	c.Warnings[1] = "statement not found"
	if o := judgeCommit("r1", c, nil, ""); o.Verdict != "pass" || !strings.Contains(o.Reason, "FRR announces") {
		t.Errorf("verdict %s, want pass with both warnings: %s", o.Verdict, o.Reason)
	}
}

func TestRefusalMessage(t *testing.T) {
	e := &device.RejectedError{Node: "r1", Op: "commit check", Message: "Policy error: no-such-policy is not defined", Details: []string{"configuration check-out failed"}}
	for want, message := range map[string]string{
		"Not defined":      e.Message,
		"check-out failed": "r1 refused the commit check: Policy error: no-such-policy is not defined; configuration check-out failed",
	} {
		if got := refusalMessage(e, want); got != message {
			t.Errorf("%q: %q, want %q", want, got, message)
		}
	}
	if got := refusalMessage(nil, "x"); got != "" {
		t.Errorf("without a refusal: %q", got)
	}
}

func TestPingErrors(t *testing.T) {
	tests := []struct {
		name, output string
		want         []string
	}{
		{"linux, a router says so", "PING 172.16.2.10 (172.16.2.10) 56(84) bytes of data.\nFrom 172.16.1.1 icmp_seq=1 Destination Net Unreachable\nFrom 172.16.1.1 icmp_seq=2 Destination Net Unreachable\n\n--- 172.16.2.10 ping statistics ---\n",
			[]string{"172.16.1.1 says Destination Net Unreachable"}},
		{"linux, two say so", "From 10.1.1.1 icmp_seq=1 Time to live exceeded\nFrom 10.1.1.2: icmp_seq=2 Destination Host Unreachable\n",
			[]string{"10.1.1.1 says Time to live exceeded", "10.1.1.2 says Destination Host Unreachable"}},
		{"linux, IPv6", "From 2001:db8::1 icmp_seq=1 Destination unreachable: No route\n",
			[]string{"2001:db8::1 says Destination unreachable: No route"}},
		{"linux, no route of its own", "ping: connect: Network is unreachable\n", []string{"connect: Network is unreachable"}},
		{"junos", "36 bytes from 10.0.12.2: Destination Net Unreachable\nVr HL TOS  Len   ID Flg  off TTL Pro  cks      Src      Dst\n",
			[]string{"10.0.12.2 says Destination Net Unreachable"}},
		{"junos, no route", "ping: sendto: No route to host\n..", []string{"sendto: No route to host"}},
		{"replies", "64 bytes from 10.1.3.2: icmp_seq=1 ttl=61 time=0.1 ms\n64 bytes from 10.1.3.2: icmp_seq=2 ttl=61 time=0.1 ms\n", nil},
	}
	for _, test := range tests {
		if got := pingErrors(test.output); !slices.Equal(got, test.want) {
			t.Errorf("%s: got %q, want %q", test.name, got, test.want)
		}
	}
}
