package oper

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A routing instance answers as the router does: its view is a Router with the
// instance's sensor and intent. Requests that Junos answers for all instances
// are answered by each, and the replies put together.

// master is what Junos calls the instance outside of [edit routing-instances].
const master = "master"

// in is the router as a routing instance sees it; not ok if the data plane has
// no such instance.
func (r *Router) in(i *junosemu.Instance) (*Router, bool) {
	sensor, ok := r.Sensor.(junosemu.InstanceSensor)
	if !ok {
		return nil, false
	}
	own, ok := sensor.Instance(i.Name)
	if !ok {
		return nil, false
	}
	view := r.view()
	view.Sensor, view.Intent = own, func() *junosemu.Intent { return &i.Intent }
	view.instance, view.instanceType = i.Name, i.Type
	return view, true
}

// view is the router seen once more.
func (r *Router) view() *Router {
	return &Router{
		Identity: r.Identity, Sensor: r.Sensor, Hostname: r.Hostname, Intent: r.Intent, Started: r.Started,
		LastCommit: r.LastCommit, BGP: r.BGP, Families: r.Families, Bound: r.Bound, Configured: r.Configured, Users: r.Users, Proc: r.Proc, Now: r.Now,
		whole: r.root(), instance: r.instance, instanceType: r.instanceType,
	}
}

// only is a view of this instance alone.
func (r *Router) only() *Router {
	view := r.view()
	view.alone = true
	return view
}

// root is the router that this is a view of.
func (r *Router) root() *Router { return cmp.Or(r.whole, r) }

// all are the master instance's view and the other instances' in order. A view
// of one instance has only itself.
func (r *Router) all() []*Router {
	views := []*Router{r}
	if r.alone {
		return views
	}
	instances := r.Intent().Instances
	for i := range instances {
		if view, ok := r.in(&instances[i]); ok {
			views = append(views, view)
		}
	}
	return views
}

// asked are the views that a request is about: those of the instance it names,
// of all, or if it names none, of the master instance alone or of all as well.
func (r *Router) asked(rpc *xmltree.Element, spread bool) ([]*Router, error) {
	for _, argument := range []string{"instance", "routing-instance", "vpn"} {
		switch name := rpc.Value(argument); name {
		case "":
		case "all":
			return r.all(), nil
		case master, "default":
			return []*Router{r.only()}, nil
		default:
			instances := r.Intent().Instances
			at := slices.IndexFunc(instances, func(i junosemu.Instance) bool { return i.Name == name })
			if at < 0 {
				return nil, &Refusal{Message: "instance " + name + " not found"}
			}
			view, ok := r.in(&instances[at])
			if !ok {
				return nil, &Refusal{Message: "instance " + name + " is not there"}
			}
			return []*Router{view}, nil
		}
	}
	if spread {
		return r.all(), nil
	}
	return []*Router{r}, nil
}

// answerAll puts the replies of several views together. One in which the
// protocol does not run, or which does not know what is asked for, counts only if
// all are like that.
func answerAll(ctx context.Context, op operation, views []*Router, rpc *xmltree.Element) (*xmltree.Element, error) {
	var whole *xmltree.Element
	var first error
	answered := false
	for _, view := range views {
		reply, err := op.answer(view, ctx, rpc)
		var off *inactiveError
		var refused *Refusal
		switch {
		case errors.As(err, &off), errors.As(err, &refused):
			first = cmp.Or(first, err)
		case err != nil:
			return nil, err
		case whole == nil:
			whole, answered = reply, true
		case reply != nil:
			merge(whole, reply)
			answered = true
		default:
			answered = true
		}
	}
	if !answered {
		return nil, first
	}
	return whole, nil
}

// totals are the figures that count over all instances.
var totals = []string{
	"group-count", "peer-count", "down-peer-count", "external-peer-count", "internal-peer-count", "flap-count",
	"sessions", "clients", "cumulative-transmission-rate", "cumulative-reception-rate",
	"arp-entry-count", "ipv6-nd-total",
}

// merge adds the children of one reply to another of the same kind: beside those
// of their name. Totals are summed, other facts that both state are stated once.
func merge(into, from *xmltree.Element) {
	for _, c := range from.Children {
		there := into.Child(c.Name)
		switch {
		case there != nil && slices.Contains(totals, c.Name):
			there.Text = sum(there.Text, c.Text)
		case there != nil && c.Name == "bgp-information": // of the groups: it sums them up
			merge(there, c)
		case there != nil && len(c.Children) == 0 && c.Name != "deleted":
		default:
			insert(into, c)
		}
	}
}

// insert adds a child behind those of its name; a routing table behind those of
// its family, as Junos lists all of inet.0 before those of inet6.0.
func insert(into, c *xmltree.Element) {
	at, family := 0, 0
	for i, k := range into.Children {
		if k.Name != c.Name {
			continue
		}
		if at = i + 1; tableFamily(k) == tableFamily(c) {
			family = i + 1
		}
	}
	if at = cmp.Or(family, at); at == 0 {
		at = len(into.Children)
	}
	into.Children = slices.Insert(into.Children, at, c)
}

// tableFamily is the name of a routing table without its instance: inet6.0.
func tableFamily(e *xmltree.Element) string {
	words := strings.Split(cmp.Or(e.Value("table-name"), e.Value("name")), ".")
	return strings.Join(words[max(0, len(words)-2):], ".")
}

// sum adds two figures, with the decimals they have.
func sum(a, b string) string {
	x, errX := strconv.Atoi(a)
	y, errY := strconv.Atoi(b)
	if errX == nil && errY == nil {
		return strconv.Itoa(x + y)
	}
	u, _ := strconv.ParseFloat(a, 64)
	v, _ := strconv.ParseFloat(b, 64)
	return strconv.FormatFloat(u+v, 'f', 1, 64)
}

// instanceName is the name of the instance that answers.
func (r *Router) instanceName() string { return cmp.Or(r.instance, master) }

// table is the name of a routing table of the instance that answers: inet.0,
// red.inet.0.
func (r *Router) table(name string) string {
	if r.instance == "" {
		return name
	}
	return r.instance + "." + name
}
