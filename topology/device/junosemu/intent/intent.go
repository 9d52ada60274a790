// Package intent translates a Junos configuration to what the data plane shall
// do: addresses of kernel devices and the text of FRR's daemons. It is a pure
// function; what cannot mean anything is refused in Junos's words.
//
// The texts are what FRR 8.4 prints for "show running-config". Where Junos and
// FRR differ in what they do without being told, the text says so: preferences
// are distances, a policy's default action is spelled out, timers that a
// configuration leaves free are fast.
//
// What FRR 8.4 cannot be told, and no statement stands for, stays FRR's way:
// static, direct and aggregate routes are sent with a MED of 0 where Junos
// sends none (best-path selection treats both alike); BGP announces its best
// path also while another protocol's route is active, as Junos does with
// advertise-inactive; IS-IS routes compete with a distance of 115, which lies
// between the same protocols as Junos's 15 and 18.
package intent

import (
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// Compile translates a configuration. The error is config.ValidationErrors.
// Warnings name statements that are stored and not acted on, each once.
func Compile(tree *config.Tree, id junosemu.Identity) (*junosemu.Intent, []config.Warning, error) {
	c := &compiler{id: id, tree: tree, out: &junosemu.Intent{FRR: map[string]string{}}}
	c.compile()
	if len(c.errs) > 0 {
		return nil, nil, c.errs
	}
	return c.out, c.warnings, nil
}

// A compiler holds one translation.
type compiler struct {
	id   junosemu.Identity
	tree *config.Tree
	root *config.Node // groups inherited, inactive statements gone
	// scope is where protocols and routing options are: the root, or the routing
	// instance whose name this is.
	scope    *config.Node
	instance string
	out      *junosemu.Intent
	units    []unit // logical interfaces of the instance that have a device, in order
	// bfdProfiles are the lines of BFD profiles by name; not nil if some
	// protocol wants BFD.
	bfdProfiles map[string][]string
	warnings    []config.Warning
	errs        config.ValidationErrors
}

func (c *compiler) compile() {
	c.checkGroups()
	effective := c.tree.Effective()
	c.root = effective.Root()
	c.scope = c.root
	c.warnings = effective.Unacted()
	c.checkInstances()
	if effective.Cut() {
		c.errs = append(c.errs, config.ValidationError{Message: "groups and interface ranges stand for too many statements"})
	}
	c.out.Hostname = c.id.Name
	if h := c.root.Value("system", "host-name"); h != "" {
		c.out.Hostname = h
	}
	all := c.interfaces()
	c.checkPolicies()
	c.checkHostBits()
	c.take(all)
	c.lldp()
	c.checkOwners()
	c.routing()
	for _, n := range c.actedInstances() {
		c.compileInstance(n, all)
	}
}

// routing translates what each routing instance has of its own.
func (c *compiler) routing() {
	c.vrrp()
	c.firewall()
	c.out.FRR["zebra"] = ""
	c.static()
	c.aggregates()
	c.ospf(ospfv2)
	c.ospf(ospfv3)
	c.isis()
	c.bgp()
	if c.bfdProfiles != nil {
		c.out.FRR["bfdd"] = c.bfdText()
	}
}

// checkGroups refuses apply-groups of a group that does not exist.
func (c *compiler) checkGroups() {
	defined := map[string]bool{}
	for _, g := range c.tree.Root().Children("groups") {
		defined[g.Key()] = true
	}
	var visit func(*config.Node)
	visit = func(n *config.Node) {
		for _, k := range n.All() {
			if k.Inactive() {
				continue
			}
			if k.Name() == "apply-groups" {
				for _, name := range k.Values() {
					// "${node}" is the name of a cluster's member: a group that is only on one.
					if !defined[name] && !strings.HasPrefix(name, "${") {
						c.fail(n, "apply-groups", fmt.Sprintf("configuration group '%s' is not defined", name))
					}
				}
			}
			visit(k)
		}
	}
	visit(c.tree.Root())
}

// fail notes an error at statement element below n.
func (c *compiler) fail(n *config.Node, element, message string) {
	path := "[edit]"
	if p := n.Path(); p != "" {
		path = "[edit " + p + "]"
	}
	e := config.ValidationError{Path: path, Element: element, Message: message}
	if !slices.Contains(c.errs, e) {
		c.errs = append(c.errs, e)
	}
}

// unacted warns of a statement that cannot be acted on in this place.
func (c *compiler) unacted(n *config.Node, why string) {
	c.warn(n, "statement is stored and not acted on: "+why)
}

// warn tells of a statement that is acted on not quite as Junos does.
func (c *compiler) warn(n *config.Node, message string) {
	w := config.Warning{Path: n.Path(), Message: message}
	if !slices.Contains(c.warnings, w) {
		c.warnings = append(c.warnings, w)
	}
}

// differs warns of a statement that FRR acts on in another way than Junos.
func (c *compiler) differs(n *config.Node, how string) {
	w := config.Warning{Path: n.Path(), Message: "statement is acted on with a difference: " + how}
	if !slices.Contains(c.warnings, w) {
		c.warnings = append(c.warnings, w)
	}
}

// A text is the configuration of a daemon under construction.
type text struct{ b strings.Builder }

// block adds a head with lines below it, as "interface eth1" has; nothing if
// there are no lines.
func (t *text) block(head string, lines []string) {
	if len(lines) == 0 {
		return
	}
	t.b.WriteString(head + "\n")
	for _, l := range lines {
		t.b.WriteString(" " + l + "\n")
	}
	t.b.WriteString("exit\n!\n")
}

// lines adds lines of the top level.
func (t *text) lines(lines []string) {
	if len(lines) > 0 {
		t.b.WriteString(strings.Join(lines, "\n") + "\n!\n")
	}
}

func (t *text) String() string { return t.b.String() }
