package oper

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An ospfLSA is an entry of "show ip ospf database json".
type ospfLSA struct {
	ID       string `json:"lsId"`
	Router   string `json:"advertisedRouter"`
	Age      int    `json:"lsaAge"`
	Sequence string `json:"sequenceNumber"`
	Checksum string `json:"checksum"`
}

// ospfLSATypes are FRR's lists of LSAs and Junos's names of their type, in
// Junos's order; argument is how a command asks for one of them.
var ospfLSATypes = []struct{ list, junos, argument string }{
	{"routerLinkStates", "Router", "router"},
	{"networkLinkStates", "Network", "network"},
	{"summaryLinkStates", "Summary", "netsummary"},
	{"asbrSummaryLinkStates", "ASBRSum", "asbrsummary"},
	{"nssaExternalLinkStates", "NSSA", "nssa"},
	{"areaLocalOpaqueLsa", "OpaqArea", "opaque-area"},
	{"linkLocalOpaqueLsa", "OpaqLoca", "link-local"},
}

// ospfDatabase answers get-ospf-database-information.
func (r *Router) ospfDatabase(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var known struct {
		RouterID  string                                `json:"routerId"`
		Areas     map[string]map[string]json.RawMessage `json:"areas"`
		External  []ospfLSA                             `json:"asExternalLinkStates"`
		OpaqueAll []ospfLSA                             `json:"asExternalOpaqueLsa"`
	}
	if err := r.askRunning(ctx, "ospfd", "show ip ospf database json", ospfOff, &known); err != nil {
		return nil, err
	}
	q := lsaQuery{own: known.RouterID, rpc: rpc}
	q.bodies = func(kind string) (map[lsaKey]ospfLSABody, error) { return r.ospfBodies(ctx, kind) }
	q.detailed = style(rpc) == "detail" || style(rpc) == "extensive"
	reply := information("ospf-database-information", "junos-routing")
	for _, area := range slices.Sorted(maps.Keys(known.Areas)) {
		if want := rpc.Value("area"); want != "" && want != area {
			continue
		}
		var entries []*xmltree.Element
		for _, t := range ospfLSATypes {
			var lsas []ospfLSA
			if raw, ok := known.Areas[area][t.list]; ok && json.Unmarshal(raw, &lsas) == nil {
				more, err := q.entries(t.junos, t.argument, area, lsas)
				if err != nil {
					return nil, err
				}
				entries = append(entries, more...)
			}
		}
		if len(entries) > 0 {
			reply.Add(xmltree.New("ospf-area-header").Leaf("ospf-area", area)).Add(entries...)
		}
	}
	if rpc.Value("area") == "" {
		external, err := q.entries("Extern", "external", "", known.External)
		if err != nil {
			return nil, err
		}
		opaque, err := q.entries("OpaqAS", "opaque-as", "", known.OpaqueAll)
		if err != nil {
			return nil, err
		}
		if outside := append(external, opaque...); len(outside) > 0 {
			reply.Add(xmltree.New("ospf-as-scope-header")).Add(outside...)
		}
	}
	if rpc.Has("summary") {
		return databaseSummary(reply), nil
	}
	return reply, nil
}

// An lsaQuery is what get-ospf-database-information was asked for.
type lsaQuery struct {
	own string // the router's ID
	rpc *xmltree.Element
	// bodies reads what the LSAs of a type hold, which is shown if detailed.
	bodies   func(kind string) (map[lsaKey]ospfLSABody, error)
	detailed bool
}

// entries are the LSAs of one type and area that are asked for.
func (q lsaQuery) entries(kind, argument, area string, lsas []ospfLSA) ([]*xmltree.Element, error) {
	if q.oneType() && !q.rpc.Has(argument) || len(lsas) == 0 {
		return nil, nil
	}
	bodies, err := q.bodies(kind)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(lsas, func(a, b ospfLSA) int { return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Router, b.Router)) })
	var out []*xmltree.Element
	for _, l := range lsas {
		if want := q.rpc.Value("advertising-router"); want != "" && want != l.Router && !(want == "self" && l.Router == q.own) ||
			q.rpc.Value("lsa-id") != "" && q.rpc.Value("lsa-id") != l.ID {
			continue
		}
		body, known := bodies[lsaKey{area, l.ID, l.Router}]
		e := xmltree.New("ospf-database").Leaf("lsa-type", kind)
		if l.Router == q.own {
			e.Add(xmltree.New("our-entry"))
		}
		e.Leaf("lsa-id", l.ID).Leaf("advertising-router", l.Router).Leaf("sequence-number", "0x"+l.Sequence).
			Leaf("age", strconv.Itoa(l.Age))
		if known {
			e.Leaf("options", ospfOptions(body.Options))
		}
		e.Leaf("checksum", fmt.Sprintf("0x%04s", l.Checksum))
		if known {
			e.Leaf("lsa-length", strconv.Itoa(body.Length))
		}
		if known && q.detailed {
			e.Add(body.element(kind))
		}
		out = append(out, e)
	}
	return out, nil
}

// oneType tells whether LSAs of one type only are asked for.
func (q lsaQuery) oneType() bool {
	for _, t := range ospfLSATypes {
		if q.rpc.Has(t.argument) {
			return true
		}
	}
	return q.rpc.Has("external") || q.rpc.Has("opaque-as")
}

func ospfDatabaseText(rpc, reply *xmltree.Element) string {
	if rpc.Has("summary") {
		return databaseSummaryText(reply)
	}
	var b strings.Builder
	for _, e := range reply.Children {
		switch e.Name {
		case "ospf-area-header":
			fmt.Fprintf(&b, "\n    OSPF database, Area %s\n", e.Value("ospf-area"))
		case "ospf-as-scope-header":
			b.WriteString("    OSPF AS SCOPE link state database\n")
		default:
			ospfLSAText(&b, e)
			ospfBodyText(&b, e)
			continue
		}
		fmt.Fprintf(&b, " %-7s %-16s %-16s %-11s %5s  %-4s %-6s %3s\n", "Type", "ID", "Adv Rtr", "Seq", "Age", "Opt", "Cksum", "Len")
	}
	return b.String()
}

func ospfLSAText(b *strings.Builder, e *xmltree.Element) {
	mark := " "
	if e.Has("our-entry") {
		mark = "*"
	}
	line := fmt.Sprintf("%-8s%s%-16s %-16s %-11s %5s  %-4s %-6s %3s", e.Value("lsa-type"), mark, e.Value("lsa-id"), e.Value("advertising-router"),
		e.Value("sequence-number"), e.Value("age"), e.Value("options"), e.Value("checksum"), e.Value("lsa-length"))
	b.WriteString(strings.TrimRight(line, " ") + "\n")
}
