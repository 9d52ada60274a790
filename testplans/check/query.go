package check

import (
	"encoding/xml"
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

var unfitForFile = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// ask repeats questions for each node, making their IDs unique and fit for
// file names.
func ask(nodes Nodes, questions ...Query) []Query {
	var queries []Query
	for _, node := range nodes {
		for _, q := range questions {
			q.Node = node
			q.ID = Shorten(unfitForFile.ReplaceAllString(node+"-"+q.ID, "-"), 80)
			q.ID = strings.TrimSuffix(q.ID, "…")
			queries = append(queries, q)
		}
	}
	return queries
}

func (b *BGP) queries() []Query {
	return ask(b.Nodes, Query{ID: "bgp-neighbor", RPC: "get-bgp-neighbor-information"})
}

func (o *OSPF) queries() []Query {
	if o.Version == 3 {
		return ask(o.Nodes, Query{ID: "ospf3-neighbor", RPC: "get-ospf3-neighbor-information"})
	}
	return ask(o.Nodes, Query{ID: "ospf-neighbor", RPC: "get-ospf-neighbor-information"})
}

func (i *ISIS) queries() []Query {
	return ask(i.Nodes, Query{ID: "isis-adjacency", RPC: "get-isis-adjacency-information"})
}

func (b *BFD) queries() []Query {
	return ask(b.Nodes, Query{ID: "bfd-session", RPC: "get-bfd-session-information"})
}

func (v *VRRP) queries() []Query {
	return ask(v.Nodes, Query{ID: "vrrp", RPC: "get-vrrp-information"})
}

func (l *LLDP) queries() []Query {
	return ask(l.Nodes, Query{ID: "lldp-neighbors", RPC: "get-lldp-neighbors-information"})
}

func (v *Version) queries() []Query {
	return ask(v.Nodes, Query{ID: "version", RPC: "get-software-information"})
}

func (c *Config) queries() []Query {
	return ask(c.Nodes, Query{ID: "config", RPC: `<get-configuration database="committed" format="set"/>`})
}

func (r *RPC) queries() []Query {
	return ask(r.Nodes, Query{ID: r.element(), RPC: strings.TrimSpace(r.Name)})
}

func (c *Command) queries() []Query { return ask(c.Nodes, Query{ID: c.Run, Command: c.Run}) }

func (r *Route) table() string {
	if r.Table != "" {
		return r.Table
	}
	if p, err := netip.ParsePrefix(r.Prefix); err == nil && p.Addr().Is6() {
		return "inet6.0"
	}
	return "inet.0"
}

// query asks for one destination. Communities are printed only in detail.
func (r *Route) queries() []Query {
	detail := ""
	if r.Community != "" {
		detail = "<detail/>"
	}
	return ask(r.Nodes, Query{ID: "route", RPC: fmt.Sprintf("<get-route-information>%s<destination>%s</destination><exact/><table>%s</table></get-route-information>",
		detail, xmlText(r.Prefix), xmlText(r.table()))})
}

// queries ask for the terse form, which has the states and addresses of units,
// and for the forms that have the rest.
func (i *Interface) queries() []Query {
	form := func(style string) string {
		return fmt.Sprintf("<get-interface-information>%s<interface-name>%s</interface-name></get-interface-information>", style, xmlText(i.Name))
	}
	queries := []Query{{ID: "interface-terse", RPC: form("<terse/>")}}
	if i.MTU != "" {
		queries = append(queries, Query{ID: "interface", RPC: form("")})
	}
	if i.Errors != "" {
		queries = append(queries, Query{ID: "interface-extensive", RPC: form("<extensive/>")})
	}
	return ask(i.Nodes, queries...)
}

// element is the name of the RPC's element, for file names and sentences.
func (r *RPC) element() string { return RPCElement(r.Name) }

// RPCElement is the name of an RPC's element, given as that or as whole XML. Of
// a CLI command in XML it is the command.
func RPCElement(rpc string) string {
	name := strings.TrimSpace(rpc)
	if strings.HasPrefix(name, "<") {
		var command struct {
			XMLName xml.Name `xml:"command"`
			Text    string   `xml:",chardata"`
		}
		if xml.Unmarshal([]byte(name), &command) == nil {
			return command.Text
		}
		if root, err := rootElement(name); err == nil {
			return root
		}
	}
	return name
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func xmlText(s string) string { return xmlEscapes.Replace(s) }
