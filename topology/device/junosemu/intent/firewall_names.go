package intent

import (
	"strconv"
	"strings"
)

// Junos's names of numbers in packets. A number itself is always understood.

// protocolNumbers are IANA's protocol numbers.
var protocolNumbers = map[string]uint32{
	"hop-by-hop": 0, "icmp": 1, "igmp": 2, "ipip": 4, "tcp": 6, "egp": 8, "udp": 17, "ipv6": 41, "routing": 43,
	"fragment": 44, "rsvp": 46, "gre": 47, "esp": 50, "ah": 51, "icmp6": 58, "icmpv6": 58, "no-next-header": 59,
	"dstopts": 60, "ospf": 89, "pim": 103, "vrrp": 112, "sctp": 132,
}

// portNumbers are the ports that Junos has names for.
var portNumbers = map[string]uint32{
	"afs": 1483, "bgp": 179, "biff": 512, "bootpc": 68, "bootps": 67, "cmd": 514, "cvspserver": 2401, "dhcp": 67,
	"domain": 53, "eklogin": 2105, "ekshell": 2106, "exec": 512, "finger": 79, "ftp": 21, "ftp-data": 20,
	"http": 80, "https": 443, "ident": 113, "imap": 143, "kerberos-sec": 88, "klogin": 543, "kpasswd": 761,
	"krb-prop": 754, "krbupdate": 760, "kshell": 544, "ldap": 389, "ldp": 646, "login": 513, "mobileip-agent": 434,
	"mobilip-mn": 435, "msdp": 639, "netbios-dgm": 138, "netbios-ns": 137, "netbios-ssn": 139, "nfsd": 2049,
	"nntp": 119, "ntalk": 518, "ntp": 123, "pop3": 110, "pptp": 1723, "printer": 515, "radacct": 1813,
	"radius": 1812, "rip": 520, "rkinit": 2108, "smtp": 25, "snmp": 161, "snmptrap": 162, "snpp": 444,
	"socks": 1080, "ssh": 22, "sunrpc": 111, "syslog": 514, "tacacs": 49, "tacacs-ds": 65, "talk": 517,
	"telnet": 23, "tftp": 69, "timed": 525, "who": 513, "xdmcp": 177, "zephyr-clt": 2103, "zephyr-hm": 2104,
}

// icmpTypes are the types of RFC 792 and its successors.
var icmpTypes = map[string]uint32{
	"echo-reply": 0, "unreachable": 3, "source-quench": 4, "redirect": 5, "echo-request": 8,
	"router-advertisement": 9, "router-solicit": 10, "time-exceeded": 11, "parameter-problem": 12,
	"timestamp": 13, "timestamp-reply": 14, "info-request": 15, "info-reply": 16, "mask-request": 17, "mask-reply": 18,
}

// icmp6Types are the types of RFC 4443, 4861 and 2710.
var icmp6Types = map[string]uint32{
	"destination-unreachable": 1, "packet-too-big": 2, "time-exceeded": 3, "parameter-problem": 4,
	"echo-request": 128, "echo-reply": 129, "membership-query": 130, "membership-report": 131,
	"membership-termination": 132, "router-solicit": 133, "router-advertisement": 134, "neighbor-solicit": 135,
	"neighbor-advertisement": 136, "redirect": 137, "router-renumbering": 138, "node-information-request": 139,
	"node-information-reply": 140,
}

// icmpCodes and icmp6Codes are codes by name; their types make them unique.
var icmpCodes = map[string]uint32{
	"network-unreachable": 0, "host-unreachable": 1, "protocol-unreachable": 2, "port-unreachable": 3,
	"fragmentation-needed": 4, "source-route-failed": 5, "destination-network-unknown": 6,
	"destination-host-unknown": 7, "source-host-isolated": 8, "destination-network-prohibited": 9,
	"destination-host-prohibited": 10, "network-unreachable-for-tos": 11, "host-unreachable-for-tos": 12,
	"communication-prohibited-by-filtering": 13, "host-precedence-violation": 14, "precedence-cutoff-in-effect": 15,
	"redirect-for-network": 0, "redirect-for-host": 1, "redirect-for-tos-and-net": 2, "redirect-for-tos-and-host": 3,
	"ttl-eq-zero-during-transit": 0, "ttl-eq-zero-during-reassembly": 1, "ip-header-bad": 0, "required-option-missing": 1,
}

var icmp6Codes = map[string]uint32{
	"no-route-to-destination": 0, "administratively-prohibited": 1, "address-unreachable": 3, "port-unreachable": 4,
	"ttl-eq-zero-during-transit": 0, "ttl-eq-zero-during-reassembly": 1, "ip6-header-bad": 0,
	"unrecognized-next-header": 1, "unrecognized-option": 2,
}

// dscpValues are the code points of RFC 2474, 2597, 3246 and 5865.
var dscpValues = map[string]uint32{
	"be": 0, "cs0": 0, "cs1": 8, "cs2": 16, "cs3": 24, "cs4": 32, "cs5": 40, "cs6": 48, "cs7": 56,
	"af11": 10, "af12": 12, "af13": 14, "af21": 18, "af22": 20, "af23": 22, "af31": 26, "af32": 28, "af33": 30,
	"af41": 34, "af42": 36, "af43": 38, "va": 44, "ef": 46,
}

// precedenceValues are the IP precedences of RFC 791.
var precedenceValues = map[string]uint32{
	"routine": 0, "priority": 1, "immediate": 2, "flash": 3, "flash-override": 4, "critical-ecp": 5,
	"internet-control": 6, "net-control": 7,
}

// fieldValue reads a name, a number, or a range of them; max is the highest number
// that the field in the packet can hold.
func fieldValue(word string, names map[string]uint32, max uint32) (span, bool) {
	one := func(w string) (uint32, bool) {
		if n, ok := names[w]; ok {
			return n, true
		}
		n, err := strconv.ParseUint(w, 0, 32)
		return uint32(n), err == nil && uint32(n) <= max
	}
	if n, ok := one(word); ok { // a name may hold a hyphen
		return span{n, n}, true
	}
	low, high, ok := strings.Cut(word, "-")
	from, fromOK := one(low)
	to, toOK := one(high)
	return span{from, to}, ok && fromOK && toOK && from <= to
}

// rate reads a number with Junos's suffixes: 10m is ten million.
func rate(text string) (uint64, bool) {
	factor := uint64(1)
	if n := len(text) - 1; n > 0 {
		switch text[n] {
		case 'k':
			factor = 1_000
		case 'm':
			factor = 1_000_000
		case 'g':
			factor = 1_000_000_000
		}
		if factor > 1 {
			text = text[:n]
		}
	}
	n, err := strconv.ParseUint(text, 10, 64)
	return n * factor, err == nil && n > 0 && n <= 1<<40
}
