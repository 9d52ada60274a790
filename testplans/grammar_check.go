package testplans

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// regularExpression is in Go's syntax, RE2.
var regularExpression = checked("a regular expression (RE2 syntax)", map[string]any{"type": "string", "format": "regex"}, check.CheckRegexp)

// prefix is a destination with its length and without host bits.
var prefix = scalar{what: "a prefix, such as 10.0.2.0/24", json: stringSchema("10.0.2.0/24", "2001:db8::/32"),
	parse: func(d *decoder, n *yaml.Node) any {
		p, err := netip.ParsePrefix(n.Value)
		switch addr, addrErr := netip.ParseAddr(n.Value); {
		case err == nil && p != p.Masked():
			d.mistake(n, fmt.Sprintf("did you mean %s?", p.Masked()), "the prefix %s has host bits set", n.Value)
		case err == nil:
			return p.String()
		case addrErr == nil:
			d.mistake(n, fmt.Sprintf("did you mean %s/%d?", addr, addr.BitLen()), "the prefix %s lacks its length", n.Value)
		default:
			d.mistake(n, "write it as 10.0.2.0/24", "%q is not a prefix", n.Value)
		}
		return nil
	}}

// interfaceAddress is an address, with its prefix length or without.
var interfaceAddress = checked("an address, such as 10.0.12.1/30 or 10.0.12.1", stringSchema("10.0.12.1/30"), func(s string) error {
	_, err := netip.ParsePrefix(s)
	if _, addrErr := netip.ParseAddr(s); err != nil && addrErr != nil {
		return fmt.Errorf("%q is not an address", s)
	}
	return nil
})

// nextHop is an address, or what a route without one does with packets.
var nextHop = checked("an address, or discard, reject or receive", stringSchema("10.0.41.4", "discard"), func(s string) error {
	if slices.Contains([]string{"discard", "reject", "receive"}, s) {
		return nil
	}
	if _, err := netip.ParseAddr(s); err != nil {
		return fmt.Errorf("%q is not a next hop", s)
	}
	return nil
})

var (
	community = checked("a community, such as 65000:100", stringSchema("65000:100", "no-export"), check.CheckCommunity)
	rpcName   = checked("an RPC: its name, such as get-route-information, or its XML", stringSchema("get-route-information", "<get-route-information><table>inet.0</table></get-route-information>"), check.CheckRPC)
	xpathExpr = checked("an XPath 1.0 expression", stringSchema("//rt[rt-destination='203.0.113.0']/rt-entry/local-preference"), check.CheckXPath)
)

var nodeFields = []field{
	{key: "node", as: "nodes", is: oneRouter, doc: "The node to look at."},
	{key: "nodes", is: routerList{}, doc: "The nodes to look at, or all: every Junos node."},
}

var nodeChoice = choice{keys: []string{"node", "nodes"}}

// onNodes is a shape with the keys node and nodes in front.
func onNodes(name, doc string, fields ...field) *shape {
	return &shape{name: name, doc: doc, fields: append(slices.Clone(nodeFields), fields...), choose: []choice{nodeChoice}}
}

var typedChecks = []field{
	{key: "bgp", is: bgpShape, doc: "BGP sessions."},
	{key: "ospf", is: ospfShape, doc: "OSPF adjacencies."},
	{key: "isis", is: isisShape, doc: "IS-IS adjacencies."},
	{key: "bfd", is: bfdShape, doc: "BFD sessions."},
	{key: "vrrp", is: vrrpShape, doc: "Who is master of VRRP groups."},
	{key: "lldp", is: lldpShape, doc: "Who is at the other end of a link."},
	{key: "route", is: routeShape, doc: "What a node knows about a destination."},
	{key: "interface", is: interfaceShape, doc: "The state of an interface."},
	{key: "version", is: versionShape, doc: "What software a node runs."},
	{key: "config", is: configShape, doc: "What the committed configuration says."},
}

var bgpShape = onNodes("bgp", "BGP sessions of nodes.",
	field{key: "neighbor", is: address, doc: "One peer's address; all peers unless said."},
	field{key: "state", is: oneOf(check.BGPStates...), doc: "established unless said."},
	field{key: "neighbors", is: bound(check.Number), doc: "How many sessions are in that state: 2, \">= 2\"; all of them unless said."},
	field{key: "received", is: bound(check.Number), doc: "How many prefixes were received from each peer."},
	field{key: "family", is: oneOf("inet", "inet6"), doc: "Which address family's prefixes are counted, inet unless said.", with: []string{"received"}},
)

var ospfShape = onNodes("ospf", "OSPF adjacencies of nodes.",
	field{key: "version", is: wholeNumber(2, 3), doc: "2 unless said; 3 is OSPFv3, for IPv6."},
	field{key: "neighbors", is: bound(check.Number), doc: "How many are in that state: 2, \">= 2\"; all of them, and at least one, unless said."},
	field{key: "interface", is: sentence, doc: "Only on this interface: ge-0/0/0.0."},
	field{key: "state", is: oneOf(check.OSPFStates...), doc: "full unless said."},
)

var isisShape = onNodes("isis", "IS-IS adjacencies of nodes.",
	field{key: "neighbors", is: bound(check.Number), doc: "How many are in that state: 2, \">= 2\"; all of them, and at least one, unless said."},
	field{key: "interface", is: sentence, doc: "Only on this interface: ge-0/0/0.0."},
	field{key: "level", is: wholeNumber(1, 2), doc: "Only of this level; both unless said."},
	field{key: "state", is: oneOf(check.ISISStates...), doc: "up unless said."},
)

var bfdShape = onNodes("bfd", "BFD sessions of nodes.",
	field{key: "neighbor", is: address, doc: "One peer's address; all peers unless said."},
	field{key: "interface", is: sentence, doc: "Only on this interface: ge-0/0/0.0."},
	field{key: "sessions", is: bound(check.Number), doc: "How many are in that state: 2, \">= 2\"; all of them, and at least one, unless said."},
	field{key: "state", is: oneOf(check.BFDStates...), doc: "up unless said."},
)

var vrrpShape = onNodes("vrrp", "VRRP groups of nodes.",
	field{key: "state", is: oneOf(check.VRRPStates...), required: true, doc: "What the nodes are in every group that is meant."},
	field{key: "interface", is: sentence, doc: "Only on this interface: ge-0/0/0.0."},
	field{key: "group", is: integer(1, 255), doc: "Only this group; all of them unless said."},
)

var lldpShape = onNodes("lldp", "The LLDP neighbor at an interface of nodes.",
	field{key: "interface", is: sentence, required: true, doc: "The node's own port: ge-0/0/0."},
	field{key: "neighbor", is: sentence, required: true, doc: "The system name of who must be heard there, with its domain or without."},
	field{key: "port", is: sentence, doc: "The neighbor's port, by ID or by description."},
)

var routeShape = onNodes("route", "The route to a destination.",
	field{key: "prefix", is: prefix, required: true, doc: "The destination with its length."},
	field{key: "table", is: sentence, doc: "Routing table; inet.0 or inet6.0 unless said."},
	field{key: "protocol", is: oneOf(check.Protocols...), doc: "Which protocol the active route comes from."},
	field{key: "next-hop", is: nextHop, doc: "A next hop of the active route, any of several equal ones; or discard, reject, receive."},
	field{key: "via", is: sentence, doc: "An outgoing interface of the active route: ge-0/0/0.0."},
	field{key: "local-preference", is: bound(check.Number), doc: "BGP local preference."},
	field{key: "metric", is: bound(check.Number), doc: "Metric, or MED of a BGP route."},
	field{key: "as-path", is: regularExpression, doc: "A regular expression over the AS path as Junos prints it: ^65004 I$."},
	field{key: "community", is: community, doc: "A community that the route carries."},
	field{key: "absent", is: boolean, doc: "There must be no such active route."},
)

var interfaceShape = onNodes("interface", "One interface.",
	field{key: "name", is: sentence, required: true, doc: "ge-0/0/0, or the unit ge-0/0/0.0."},
	field{key: "state", is: oneOf("up", "down"), doc: "up unless said."},
	field{key: "mtu", is: bound(check.Number), doc: "MTU in bytes, as the device counts it."},
	field{key: "errors", is: bound(check.Number), doc: "Input and output errors together."},
	field{key: "address", is: interfaceAddress, doc: "An address that it must have."},
)

var versionShape = onNodes("version", "The software of a node.",
	field{key: "release", is: regularExpression, doc: `A regular expression over the release: ^24\.2.`},
	field{key: "model", is: regularExpression, doc: "A regular expression over the model."},
)

var configShape = onNodes("config", "The committed configuration.",
	field{key: "contains", is: list{of: statement, min: 1, single: true}, doc: "Statements in set form, or the beginnings of them, that must be there and active."},
	field{key: "lacks", is: list{of: statement, min: 1, single: true}, doc: "Statements, or the beginnings of them, that must not be there."},
)

func init() {
	absentAlone := []string{"local-preference", "metric", "as-path", "community"}
	routeShape.finish = func(d *decoder, o *object) any {
		for _, key := range absentAlone {
			if o.values["absent"] == true && o.has(key) {
				d.mistake(o.keys[key], "", "a route that must be absent has no %s", key)
				return nil
			}
		}
		return o.values
	}
	ask := func(s *shape, keys ...string) {
		s.choose = append(s.choose, choice{keys: keys, any: true})
	}
	ask(versionShape, "release", "model")
	ask(configShape, "contains", "lacks")
}

// checkFields are the keys of a check: typed ones, and the generic ones with
// the operators beside them.
var checkFields = slices.Concat(typedChecks, []field{
	{key: "rpc", is: rpcName, doc: "Any operational RPC, by name or as XML."},
	{key: "command", is: sentence, doc: "Any operational command: show system uptime."},
	{key: "since", is: givenName, doc: "What a snapshot kept, compared with what the same nodes say now. Unless more is asked, no row or line must have gone or come."},
}, genericOnly(nodeFields), []field{
	{key: "xpath", is: xpathExpr, with: []string{"rpc", "since"}, doc: "What to select in the reply, without namespaces: //bgp-peer. Something must be selected."},
	{key: "matches", is: regularExpression, with: []string{"command"}, doc: "A regular expression that the output must match; contains and not-contains need none. If it has a group, the operator is applied to the group's text in every match."},
}, operatorFields(), sinceFields)

// genericOnly are fields that make sense only beside rpc or command.
func genericOnly(fields []field) []field {
	out := slices.Clone(fields)
	for i := range out {
		out[i].with = []string{"rpc", "command"}
	}
	return out
}

func operatorFields() []field {
	var fields []field
	for _, op := range check.Operators {
		var is valueType = anyText
		switch op.Takes {
		case check.TakesNothing:
			is = yes
		case check.TakesNumber:
			is = anyNumber
		case check.TakesRange:
			is = numberRange{}
		case check.TakesList:
			is = list{of: anyText, min: 1, single: true}
		case check.TakesRegexp:
			is = regularExpression
		case check.TakesBound:
			is = bound(check.Number)
		}
		fields = append(fields, field{key: op.Name, is: is, with: []string{"rpc", "command"}, doc: op.Doc})
	}
	return fields
}

var anyNumber = checked("a number", map[string]any{"type": "number"}, func(s string) error {
	if _, dimension, err := check.ParseQuantity(s); err != nil || dimension != check.Number {
		return fmt.Errorf("%q is not a number", s)
	}
	return nil
})

// numberRange is "1..5" or [1, 5].
type numberRange struct{}

func (numberRange) read(d *decoder, n *yaml.Node) any {
	if n.Kind == yaml.ScalarNode {
		b := check.Bound(n.Value)
		if err := b.Check(check.Number); err != nil || !b.IsRange() {
			d.mistake(n, "write 1..5 or [1, 5]", "%q is not a range of numbers", n.Value)
			return nil
		}
		return n.Value
	}
	ends, ok := list{of: anyNumber}.read(d, n).([]any)
	if !ok {
		return nil
	}
	if len(ends) != 2 {
		d.mistake(n, "write 1..5 or [1, 5]", "a range has two ends, not %d", len(n.Content))
		return nil
	}
	b := check.Bound(fmt.Sprintf("%v..%v", ends[0], ends[1]))
	if err := b.Check(check.Number); err != nil {
		d.mistake(n, "", "%v", err)
		return nil
	}
	return string(b)
}

func (numberRange) schema(*schemaWriter) map[string]any {
	return map[string]any{"anyOf": []any{
		map[string]any{"type": "string", "examples": []any{"1..5"}},
		map[string]any{"type": "array", "minItems": 2, "maxItems": 2, "items": map[string]any{"type": []string{"number", "string"}}},
	}}
}

var checkChoices = []choice{
	{keys: append(keysOf(typedChecks), "rpc", "command", "since")},
	{keys: check.OperatorNames(), optional: true},
}

var checkShape = &shape{
	name: "check", doc: "One look at nodes, and what must be seen.",
	fields: checkFields, choose: checkChoices,
	finish: func(d *decoder, o *object) any { return finishCheck(d, o) },
}

var waitShape = &shape{
	name: "wait-until",
	doc:  "A check that is repeated until it passes or the time is up.",
	fields: append([]field{
		{key: "within", is: duration(10*time.Millisecond, maxWait), required: true, doc: "The time it may take: 30s."},
		{key: "interval", is: duration(10*time.Millisecond, time.Hour), doc: "Time from one look to the next; 250ms unless said."},
	}, checkFields...),
	choose: checkChoices,
	finish: func(d *decoder, o *object) any {
		spec := finishCheck(d, o)
		if spec == nil {
			return nil
		}
		wait := map[string]any{"check": spec}
		for _, key := range []string{"within", "interval"} {
			if v, ok := o.values[key]; ok {
				wait[key] = v
			}
		}
		return wait
	},
}

// finishCheck turns the flat form of a check into a check.Spec.
func finishCheck(d *decoder, o *object) any {
	kind := ""
	for _, key := range checkChoices[0].keys {
		if o.has(key) {
			kind = key
		}
	}
	switch kind {
	case "rpc", "command":
		return finishGeneric(d, o, kind)
	case "since":
		return map[string]any{kind: sinceSpec(o)}
	}
	return map[string]any{kind: o.values[kind]}
}

// finishGeneric makes a check.RPC or check.Command, for any question there is.
func finishGeneric(d *decoder, o *object, kind string) any {
	partner, hint := "xpath", "say xpath: what to look for in the answer"
	if kind == "command" {
		partner, hint = "matches", "say matches: a regular expression to look for, or contains: a text"
	}
	whole := kind == "command" && (o.has("contains") || o.has("not-contains")) // of the output as it is
	switch {
	case !o.has("node") && !o.has("nodes"):
		d.mistake(o.keys[kind], "say node: or nodes:", "the %s is asked of no node", kind)
		return nil
	case !o.has(partner) && !whole:
		d.mistake(o.keys[kind], hint, "the %s lacks %q", kind, partner)
		return nil
	}
	generic := map[string]any{"nodes": o.values["nodes"]}
	if o.has(partner) {
		generic[partner] = o.values[partner]
	}
	if kind == "command" {
		generic["run"] = o.values[kind]
	} else {
		generic["rpc"] = o.values[kind]
	}
	for _, op := range check.Operators {
		if v, ok := o.values[op.Name]; ok && op.Takes == check.TakesNothing {
			generic["test"] = map[string]any{"op": op.Name}
		} else if ok {
			generic["test"] = map[string]any{"op": op.Name, "args": arguments(v)}
		}
	}
	return map[string]any{kind: generic}
}

func arguments(v any) []any {
	switch v := v.(type) {
	case []any:
		return v
	case string:
		return []any{v}
	}
	return nil
}
