package oper

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

func interfacesText(_, reply *xmltree.Element) string {
	var b strings.Builder
	switch reply.Attr("junos:style") {
	case "terse":
		terseText(&b, reply)
	case "description":
		b.WriteString("Interface       Admin Link Description\n")
		for _, i := range reply.Children {
			fmt.Fprintf(&b, "%-15s %-5s %-4s %s\n", i.Value("name"), i.Value("admin-status"), i.Value("oper-status"), i.Value("description"))
		}
	default:
		for _, i := range reply.Children {
			if i.Name == "physical-interface" {
				physicalText(&b, i)
			} else {
				unitText(&b, i)
			}
		}
	}
	return b.String()
}

func terseText(b *strings.Builder, reply *xmltree.Element) {
	b.WriteString("Interface               Admin Link Proto    Local                 Remote\n")
	for _, i := range reply.Children {
		units := []*xmltree.Element{i}
		if i.Name == "physical-interface" {
			fmt.Fprintf(b, "%-23s %-5s %s\n", i.Value("name"), i.Value("admin-status"), i.Value("oper-status"))
			units = i.All("logical-interface")
		}
		for _, u := range units {
			terseUnitText(b, u)
		}
	}
}

// terseUnitText prints a unit: its first address on its own line, the others
// below.
func terseUnitText(b *strings.Builder, u *xmltree.Element) {
	head := fmt.Sprintf("%-23s %-5s %-4s", u.Value("name"), u.Value("admin-status"), u.Value("oper-status"))
	row := func(name, address string) {
		fmt.Fprintln(b, strings.TrimRight(fmt.Sprintf("%-34s %-8s %s", head, name, address), " "))
		head = ""
	}
	for _, f := range u.All("address-family") {
		name := f.Value("address-family-name")
		if !f.Has("interface-address") {
			row(name, "")
		}
		for _, a := range f.All("interface-address") {
			address := a.Value("ifa-local")
			if to := a.Value("ifa-destination"); to != "" {
				address = fmt.Sprintf("%-20s--> %s", address, to)
			}
			row(name, address)
			name = ""
		}
	}
	if head != "" {
		fmt.Fprintln(b, strings.TrimRight(head, " "))
	}
}

func physicalText(b *strings.Builder, i *xmltree.Element) {
	state := map[string]string{"up": "Up", "down": "Down"}[i.Value("oper-status")]
	fmt.Fprintf(b, "Physical interface: %s, %s, Physical link is %s\n", i.Value("name"), i.Child("admin-status").Attr("junos:format"), state)
	fmt.Fprintf(b, "  Interface index: %s, SNMP ifIndex: %s\n", i.Value("local-index"), i.Value("snmp-index"))
	line(b, "Description", i.Value("description"))
	if kind := i.Value("if-type"); kind != "" {
		fmt.Fprintf(b, "  Type: %s, MTU: %s\n", kind, i.Value("mtu"))
	} else {
		fmt.Fprintf(b, "  Link-level type: %s, MTU: %s, %s, Speed: %s, Loopback: %s\n", i.Value("link-level-type"),
			i.Value("mtu"), i.Value("sonet-mode"), i.Value("speed"), map[string]string{"disabled": "Disabled"}[i.Value("loopback")])
	}
	flags := "Present Running"
	if i.Child("if-device-flags").Has("ifdf-down") {
		flags = "Present Down"
	}
	if i.Value("if-type") == "Loopback" {
		flags += " Loopback"
	}
	line(b, "Device flags   ", flags)
	if mac := i.Value("current-physical-address"); mac != "" {
		fmt.Fprintf(b, "  Current address: %s, Hardware address: %s\n", mac, i.Value("hardware-physical-address"))
	}
	line(b, "Last flapped   ", i.Value("interface-flapped"))
	line(b, "Statistics last cleared", i.Value("statistics-cleared"))
	trafficText(b, "  ", i.Child("traffic-statistics"))
	if in, out := i.Child("input-error-list"), i.Child("output-error-list"); in != nil {
		fmt.Fprintf(b, "  Input errors:\n    Errors: %s, Drops: %s\n  Output errors:\n    Errors: %s, Drops: %s\n",
			in.Value("input-errors"), in.Value("input-drops"), out.Value("output-errors"), out.Value("output-drops"))
	}
	if i.Has("active-alarms") {
		b.WriteString("  Active alarms  : None\n  Active defects : None\n")
	}
	if s := i.Child("ethernet-mac-statistics"); s != nil {
		macStatisticsText(b, s)
	}
	for _, u := range i.All("logical-interface") {
		b.WriteByte('\n')
		unitText(b, u)
	}
	b.WriteByte('\n')
}

func trafficText(b *strings.Builder, indent string, t *xmltree.Element) {
	if t.Has("input-bytes") {
		fmt.Fprintf(b, "%sTraffic statistics:\n", indent)
		fmt.Fprintf(b, "%s Input  bytes  : %20s\n%s Output bytes  : %20s\n", indent, t.Value("input-bytes"), indent, t.Value("output-bytes"))
		fmt.Fprintf(b, "%s Input  packets: %20s\n%s Output packets: %20s\n", indent, t.Value("input-packets"), indent, t.Value("output-packets"))
		return
	}
	fmt.Fprintf(b, "%sInput packets : %s\n%sOutput packets: %s\n", indent, t.Value("input-packets"), indent, t.Value("output-packets"))
}

func unitText(b *strings.Builder, u *xmltree.Element) {
	fmt.Fprintf(b, "  Logical interface %s (Index %s) (SNMP ifIndex %s)\n", u.Value("name"), u.Value("local-index"), u.Value("snmp-index"))
	if d := u.Value("description"); d != "" {
		fmt.Fprintf(b, "    Description: %s\n", d)
	}
	flags := "Up SNMP-Traps"
	if u.Child("if-config-flags").Has("iff-down") {
		flags = "Down SNMP-Traps"
	}
	fmt.Fprintf(b, "    Flags: %s %s Encapsulation: %s\n", flags, cmp.Or(u.Value("link-address"), "0x4000"), u.Value("encapsulation"))
	trafficText(b, "    ", u.Child("traffic-statistics"))
	for _, f := range u.All("address-family") {
		fmt.Fprintf(b, "    Protocol %s, MTU: %s\n", f.Value("address-family-name"), f.Value("mtu"))
		for _, a := range f.All("interface-address") {
			b.WriteString("      Addresses" + addressFlags(a.Child("ifa-flags")) + "\n        ")
			if d := a.Value("ifa-destination"); d != "" {
				fmt.Fprintf(b, "Destination: %s, ", d)
			}
			fmt.Fprintf(b, "Local: %s", a.Value("ifa-local"))
			if bc := a.Value("ifa-broadcast"); bc != "" {
				fmt.Fprintf(b, ", Broadcast: %s", bc)
			}
			b.WriteByte('\n')
		}
	}
}

// addressFlags are the flags of an address, as "show interfaces" prints them.
func addressFlags(flags *xmltree.Element) string {
	text := ""
	for _, f := range []struct{ name, word string }{
		{"ifaf-current-default", "Is-Default"}, {"ifaf-current-preferred", "Is-Preferred"}, {"ifaf-current-primary", "Is-Primary"},
	} {
		if flags.Has(f.name) {
			text += " " + f.word
		}
	}
	if text == "" {
		return ""
	}
	return ", Flags:" + text
}

// macStatisticsText prints the counters of an Ethernet port.
func macStatisticsText(b *strings.Builder, s *xmltree.Element) {
	fmt.Fprintf(b, "  MAC statistics:                      Receive         Transmit\n")
	for _, l := range [][3]string{{"Total octets", "input-bytes", "output-bytes"}, {"Total packets", "input-packets", "output-packets"}} {
		fmt.Fprintf(b, "    %-24s %17s %16s\n", l[0], s.Value(l[1]), s.Value(l[2]))
	}
}
