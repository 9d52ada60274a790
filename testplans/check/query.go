package check

import (
	"fmt"
	"net/netip"
	"regexp"
	"strings"
)

// Queries are the look-ups that answer the check, node by node. Their
// evidence goes to Judge.
func (s *Spec) Queries() []Query {
	switch {
	case s.BGP != nil:
		return ask(s.BGP.Nodes, Query{ID: "bgp-neighbor", RPC: "get-bgp-neighbor-information"})
	case s.OSPF != nil:
		return ask(s.OSPF.Nodes, s.OSPF.query())
	case s.Route != nil:
		return ask(s.Route.Nodes, s.Route.query())
	case s.Interface != nil:
		return ask(s.Interface.Nodes, s.Interface.queries()...)
	case s.Version != nil:
		return ask(s.Version.Nodes, Query{ID: "version", RPC: "get-software-information"})
	case s.Config != nil:
		return ask(s.Config.Nodes, Query{ID: "config", RPC: `<get-configuration database="committed" format="set"/>`})
	case s.RPC != nil:
		return ask(s.RPC.Nodes, Query{ID: s.RPC.element(), RPC: strings.TrimSpace(s.RPC.Name)})
	case s.Command != nil:
		return ask(s.Command.Nodes, Query{ID: s.Command.Run, Command: s.Command.Run})
	}
	return nil
}

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

func (o *OSPF) query() Query {
	if o.Version == 3 {
		return Query{ID: "ospf3-neighbor", RPC: "get-ospf3-neighbor-information"}
	}
	return Query{ID: "ospf-neighbor", RPC: "get-ospf-neighbor-information"}
}

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
func (r *Route) query() Query {
	detail := ""
	if r.Community != "" {
		detail = "<detail/>"
	}
	return Query{ID: "route", RPC: fmt.Sprintf("<get-route-information>%s<destination>%s</destination><exact/><table>%s</table></get-route-information>",
		detail, xmlText(r.Prefix), xmlText(r.table()))}
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
	return queries
}

// element is the name of the RPC's element, for file names and sentences.
func (r *RPC) element() string {
	name := strings.TrimSpace(r.Name)
	if strings.HasPrefix(name, "<") {
		if root, err := rootElement(name); err == nil {
			return root
		}
	}
	return name
}

var xmlEscapes = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func xmlText(s string) string { return xmlEscapes.Replace(s) }
