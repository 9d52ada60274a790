package clabfile

import (
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"
)

// veth is the link type of the brief form and of ccl's own labs.
const veth = "veth"

var endpointShape = required(fields{
	"node":      str,
	"interface": str,
	"mac":       matching(`^(?:[0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}$`, "a MAC address like 02:00:00:00:00:01"),
	"ipv4":      str,
	"ipv6":      str,
	"vars":      anything,
}.shape, "node", "interface")

// commonLink are the keys of every link; brief are those of a link without type.
var (
	commonLink = fields{"type": str, "mtu": number, "vars": anything, "labels": dict("label", str)}
	briefLink  = required(fields{
		"endpoints": list(str), "mtu": number, "vars": anything, "labels": dict("label", str),
		"ipv4": list(str), "ipv6": list(str),
	}.shape, "endpoints")
)

// linkShapes are the extended links by their type.
var linkShapes = map[string]shape{
	veth: extended([]string{"endpoints"}, fields{
		"endpoints": each("endpoint", endpointShape), "ipv4": list(str), "ipv6": list(str),
	}),
	"veth-stitch":  extended([]string{"endpoints"}, fields{"endpoints": each("endpoint", endpointShape)}),
	"host":         extended([]string{"endpoint", "host-interface"}, nil),
	"mgmt-net":     extended([]string{"endpoint", "host-interface"}, nil),
	"macvlan":      extended([]string{"endpoint", "host-interface"}, fields{"mode": word("private", "vepa", "bridge", "passthru", "source")}),
	"vxlan":        extended([]string{"endpoint", "remote", "vni"}, vxlanFields),
	"vxlan-stitch": extended([]string{"endpoint", "remote", "vni"}, vxlanFields),
	"dummy":        extended([]string{"endpoint"}, nil),
	"bridge":       extended([]string{"endpoint"}, nil),
}

var vxlanFields = fields{
	"remote": str, "vni": integer, "dst-port": integer, "src-port": integer, "parent-interface": str,
}

// extended is a link with a type: the common keys, those of its type, and the
// keys that must be there.
func extended(must []string, own fields) shape {
	all := maps.Clone(commonLink)
	maps.Copy(all, own)
	for _, key := range must {
		switch key {
		case "endpoint":
			all[key] = endpointShape
		case "host-interface":
			all[key] = str
		}
	}
	return required(all.shape, must...)
}

// linkShape accepts a link of either form.
func linkShape(c *checker, n *yaml.Node, what string) {
	typ := get(n, "type")
	if typ == nil {
		briefLink(c, n, what)
		return
	}
	of, ok := linkShapes[text(typ)]
	if !ok {
		c.at(typ, what+": unknown link type "+kindOf(typ), didYouMean(text(typ), slices.Sorted(maps.Keys(linkShapes))))
		return
	}
	of(c, n, what)
}
