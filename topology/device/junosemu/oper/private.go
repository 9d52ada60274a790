package oper

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// privateInstance is the routing instance over which Junos's own parts speak
// with each other. Clients look there for the routing engine they are on: the
// address of its loopback, which HostsFile names.
const privateInstance = "__juniper_private1__"

// HostsFile is /etc/hosts.junos: the names within the router. There is one
// routing engine.
const HostsFile = "127.0.0.1\tre0 master\n"

// isPrivate reports whether a request is about the private instance's
// interfaces.
func isPrivate(rpc *xmltree.Element) bool {
	return rpc.Name == "get-interface-information" && rpc.Value("routing-instance") == privateInstance
}

// privateInterfaces answers it with the only one that there is.
func (r *Router) privateInterfaces(context.Context) (*xmltree.Element, error) {
	address := xmltree.New("interface-address").Add(xmltree.Leaf("ifa-local", "127.0.0.1").Set("junos:emit", "emit"))
	unit := xmltree.New("logical-interface").Leaf("name", "lo0.16385").Leaf("admin-status", "up").Leaf("oper-status", "up").
		Add(xmltree.New("address-family").Leaf("address-family-name", "inet").Add(address))
	return information("interface-information", "junos-interface").Set("junos:style", "terse").
		Add(xmltree.New("physical-interface").Leaf("name", "lo0").Leaf("admin-status", "up").Leaf("oper-status", "up").Add(unit)), nil
}
