package oper

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// lldpDetailText is "show lldp neighbors interface".
func lldpDetailText(reply *xmltree.Element) string {
	var b strings.Builder
	for _, n := range reply.All("lldp-neighbor-information") {
		fmt.Fprintf(&b, "LLDP Neighbor Information:\nLocal Information:\nIndex: %s Time to live: %s Time mark: %s Age: %s secs\n",
			n.Value("lldp-index"), n.Value("lldp-ttl"), n.Value("lldp-timemark"), n.Value("lldp-age"))
		lldpLine(&b, "Local Interface", n.Value("lldp-local-interface"))
		lldpLine(&b, "Parent Interface", n.Value("lldp-local-parent-interface-name"))
		lldpLine(&b, "Local Port ID", n.Value("lldp-local-port-id"))
		lldpLine(&b, "Ageout Count", n.Value("lldp-local-port-ageout-count"))
		b.WriteString("\nNeighbour Information:\n")
		lldpLine(&b, "Chassis type", n.Value("lldp-remote-chassis-id-subtype"))
		lldpLine(&b, "Chassis ID", n.Value("lldp-remote-chassis-id"))
		lldpLine(&b, "Port type", n.Value("lldp-remote-port-id-subtype"))
		lldpLine(&b, "Port ID", n.Value("lldp-remote-port-id"))
		lldpLine(&b, "Port description", n.Value("lldp-remote-port-description"))
		lldpLine(&b, "System name", n.Value("lldp-remote-system-name"))
		fmt.Fprintf(&b, "\nSystem Description : %s\n", n.Value("lldp-system-description", "lldp-remote-system-description"))
		fmt.Fprintf(&b, "\nSystem capabilities\n        Supported  : %s\n        Enabled    : %s\n",
			n.Value("lldp-remote-system-capabilities-supported"), n.Value("lldp-remote-system-capabilities-enabled"))
		types := n.All("lldp-remote-management-address-type")
		for i, a := range n.All("lldp-remote-management-address") {
			fmt.Fprintf(&b, "\nManagement Info\n        Type              : %s\n        Address           : %s\n", types[i].Text, a.Text)
		}
		b.WriteByte('\n')
	}
	return b.String()
}

func lldpLine(b *strings.Builder, name, value string) {
	if value != "" {
		fmt.Fprintf(b, "%-18s : %s\n", name, value)
	}
}

func lldpGlobalText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, l := range [][2]string{
		{"LLDP", reply.Value("lldp-global-status")},
		{"Advertisement interval", reply.Value("lldp-advertisement-interval") + " seconds"},
		{"Hold timer", reply.Value("lldp-hold-time-interval") + " seconds"},
		{"LLDP MED", reply.Value("lldp-med-global-status")},
		{"Port ID TLV subtype", reply.Value("lldp-port-id-subtype")},
	} {
		fmt.Fprintf(&b, "%-25s : %s\n", l[0], l[1])
	}
	b.WriteString("\nInterface      Parent Interface  LLDP\n")
	for _, p := range reply.All("lldp-port-information") {
		fmt.Fprintf(&b, "%-14s %-17s %s\n", p.Value("lldp-local-port-id"), p.Value("lldp-local-parent-interface-name"), p.Value("lldp-port-status"))
	}
	return b.String()
}

func lldpLocalText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("LLDP Local Information details\n\n")
	fmt.Fprintf(&b, "Chassis ID   : %s\nSystem name  : %s\nSystem descr : %s\n", reply.Value("lldp-local-chassis-id"),
		reply.Value("lldp-local-system-name"), reply.Value("lldp-local-system-description"))
	fmt.Fprintf(&b, "\nSystem Capabilities\n        Supported       : %s\n        Enabled         : %s\n",
		reply.Value("lldp-local-system-capabilities-supported"), reply.Value("lldp-local-system-capabilities-enabled"))
	if all := reply.All("lldp-local-management-address-address"); len(all) > 0 {
		b.WriteString("\nManagement Information\n")
		for _, a := range all {
			fmt.Fprintf(&b, "        Address         : %s\n", a.Text)
		}
	}
	b.WriteString("\nInterface name  Parent Interface  Interface ID  Interface description  Status\n")
	for _, p := range reply.All("lldp-local-interface-info") {
		fmt.Fprintf(&b, "%-15s %-17s %-13s %-22s %s\n", p.Value("lldp-local-interface-name"), p.Value("lldp-parent-local-interface-name"),
			p.Value("lldp-local-interface-id"), p.Value("lldp-local-interface-description"), p.Value("lldp-local-interface-status"))
	}
	return b.String()
}
