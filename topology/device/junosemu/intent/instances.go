package intent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A routing instance of the type virtual-router is compiled as a router of its
// own: the same statements below another node. The other types are stored and
// not acted on. Interfaces of those that would have tables of their own are not
// the master instance's for that: an address of another table that showed up in
// inet.0 would be worse than one that is missing.

const virtualRouter = "virtual-router"

// nowhere is the instance of interfaces whose own one is not there. It is no
// name that a configuration can have.
const nowhere = " "

// tables are the types of instances that have routing tables and interfaces of
// their own.
var tables = []string{virtualRouter, "vrf"}

// ownProtocols are those that a routing instance can have here.
var ownProtocols = []string{"ospf", "ospf3", "isis", "bgp"}

func (c *compiler) allInstances() []*config.Node {
	return c.root.Lookup("routing-instances").Children("instance")
}

// actedInstances are the ones that are there, in the order of their names.
func (c *compiler) actedInstances() []*config.Node {
	var nodes []*config.Node
	for _, n := range c.allInstances() {
		if n.Value("instance-type") == virtualRouter {
			nodes = append(nodes, n)
		}
	}
	slices.SortFunc(nodes, func(a, b *config.Node) int { return strings.Compare(a.Key(), b.Key()) })
	return nodes
}

// instanceNode is the instance that a logical interface belongs to, nil for the
// master one.
func (c *compiler) instanceNode(unit string) *config.Node {
	for _, n := range c.allInstances() {
		named := func(i *config.Node) bool { return unitName(i.Key()) == unit }
		if slices.Contains(tables, n.Value("instance-type")) && slices.ContainsFunc(n.Children("interface"), named) {
			return n
		}
	}
	return nil
}

// instanceOf is the name of the instance that a logical interface is in: "" for
// the master one, nowhere if its own is not there.
func (c *compiler) instanceOf(unit string) string {
	n := c.instanceNode(unit)
	if n != nil && n.Value("instance-type") != virtualRouter {
		return nowhere
	}
	return n.Key()
}

// unitInstance is instanceOf, with a warning of an interface that is nowhere.
func (c *compiler) unitInstance(unit string, n *config.Node) string {
	name := c.instanceOf(unit)
	if name == nowhere {
		c.unacted(n, "routing instance "+c.instanceNode(unit).Key()+" is not there, and its interfaces have no addresses")
	}
	return name
}

// checkInstances refuses what no router takes, and warns of instances that this
// one does not have: once each, whatever is in them.
func (c *compiler) checkInstances() {
	c.forgetInstances()
	first := map[string]string{}
	for _, n := range c.allInstances() {
		if n.Key() == "master" || n.Key() == "default" || strings.HasPrefix(n.Key(), "__") {
			c.fail(n.Parent(), n.Key(), "RT Instance: '"+n.Key()+"' is reserved and cannot be the name of a routing instance")
		}
		kind := cmp.Or(n.Value("instance-type"), "no-forwarding")
		if kind != virtualRouter {
			c.unacted(n, "there are no instances of type "+kind+", only "+virtualRouter)
		}
		if !slices.Contains(tables, kind) {
			continue
		}
		for _, i := range n.Children("interface") {
			name := unitName(i.Key())
			ifd, number, _ := strings.Cut(name, ".")
			switch other, taken := first[name]; {
			case taken:
				c.fail(n, "interface "+i.Key(), fmt.Sprintf("RT Instance: Interface %s already configured under instance %s", name, other))
			case !c.root.Has("interfaces", ifd, "unit", number):
				c.fail(n, "interface "+i.Key(), "RT Instance: Interface "+name+" must already be defined under [edit interfaces]")
			}
			first[name] = n.Key()
		}
	}
}

// forgetInstances takes back the warnings of statements in instances that are
// not there: one for the whole instance will do.
func (c *compiler) forgetInstances() {
	absent := map[string]bool{}
	for _, n := range c.allInstances() {
		if n.Value("instance-type") != virtualRouter {
			absent[n.Path()] = true
		}
	}
	c.warnings = slices.DeleteFunc(c.warnings, func(w config.Warning) bool {
		for i := range len(w.Path) {
			if w.Path[i] == ' ' && absent[w.Path[:i]] {
				return true
			}
		}
		return false
	})
}

// compileInstance translates a virtual router.
func (c *compiler) compileInstance(n *config.Node, all []unit) {
	sub := &compiler{
		id: c.id, tree: c.tree, root: c.root, scope: n, instance: n.Key(),
		out: &junosemu.Intent{Hostname: c.out.Hostname, FRR: map[string]string{}},
	}
	sub.take(all)
	sub.checkProtocols()
	sub.checkOwners()
	sub.routing()
	for _, w := range sub.warnings {
		if !slices.Contains(c.warnings, w) {
			c.warnings = append(c.warnings, w)
		}
	}
	for _, e := range sub.errs {
		if !slices.Contains(c.errs, e) {
			c.errs = append(c.errs, e)
		}
	}
	c.out.Instances = append(c.out.Instances, junosemu.Instance{Name: n.Key(), Type: n.Value("instance-type"), Intent: *sub.out})
}

// checkProtocols warns of protocols that only the master instance has here.
func (c *compiler) checkProtocols() {
	for _, p := range c.scope.Lookup("protocols").All() {
		if p.Acted() && !slices.Contains(ownProtocols, p.Name()) {
			c.unacted(p, "only the master instance has it")
		}
	}
}

// checkOwners warns of the interfaces of a protocol that are in another instance:
// the protocol does not run on them.
func (c *compiler) checkOwners() {
	protocols := c.scope.Lookup("protocols")
	nodes := protocols.Lookup("isis").Children("interface")
	for _, ospf := range []string{"ospf", "ospf3"} {
		for _, area := range protocols.Lookup(ospf).Children("area") {
			nodes = append(nodes[:len(nodes):len(nodes)], area.Children("interface")...)
		}
	}
	for _, i := range nodes {
		name := unitName(i.Key())
		ifd, number, _ := strings.Cut(name, ".")
		owner := c.instanceOf(name)
		if owner == c.instance || owner == nowhere || i.Key() == "all" || !c.root.Has("interfaces", ifd, "unit", number) {
			continue
		}
		c.unacted(i, fmt.Sprintf("the interface is in routing instance %s, not in %s", cmp.Or(owner, "master"), cmp.Or(c.instance, "master")))
	}
}

// autonomousSystem is that of the instance, or else of the router.
func (c *compiler) autonomousSystem() *config.Node {
	if n := c.scope.Lookup("routing-options", "autonomous-system"); n != nil {
		return n
	}
	return c.root.Lookup("routing-options", "autonomous-system")
}

// table is the name of one of the instance's routing tables: inet.0, red.inet.0.
func (c *compiler) table(name string) string {
	if c.instance == "" {
		return name
	}
	return c.instance + "." + name
}
