package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// uptime answers get-system-uptime-information. The router has booted when the
// emulator started, and its clock is that of the machine.
func (r *Router) uptime(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	now := r.Now()
	moment := func(name string, t time.Time) *xmltree.Element {
		return xmltree.New(name).
			Add(xmltree.Leaf("date-time", stamp(t)).Set("junos:seconds", strconv.FormatInt(t.Unix(), 10))).
			Add(spanLeaf("time-length", now.Sub(t), ago))
	}
	reply := information("system-uptime-information", "junos").
		Add(xmltree.New("current-time").Add(
			xmltree.Leaf("date-time", stamp(now)).Set("junos:seconds", strconv.FormatInt(now.Unix(), 10)))).
		Leaf("time-source", "LOCAL CLOCK").
		Add(moment("system-booted-time", r.Started), moment("protocols-started-time", r.routingSince()))
	if r.LastCommit != nil {
		if when, who := r.LastCommit(); !when.IsZero() {
			reply.Add(moment("last-configured-time", when).Leaf("user", who))
		}
	}
	return reply.Add(r.Load()), nil
}

// Load is the element that sums up how long the router has been up, for how
// many users, and how busy the machine is: the last line of "show system
// uptime" and the first of "show system users".
func (r *Router) Load() *xmltree.Element {
	now, users := r.Now(), 0
	if r.Users != nil {
		users = r.Users()
	}
	one, five, fifteen := r.loadAverages()
	return xmltree.New("uptime-information").
		Add(xmltree.Leaf("date-time", now.Format("3:04PM")).Set("junos:seconds", strconv.FormatInt(now.Unix(), 10))).
		Add(spanLeaf("up-time", now.Sub(r.Started), upFor)).
		Add(xmltree.Leaf("active-user-count", strconv.Itoa(users)).Set("junos:format", plural(users, "user"))).
		LeafIf("load-average-1", one).LeafIf("load-average-5", five).LeafIf("load-average-15", fifteen)
}

// LoadText renders what Load made.
func LoadText(load *xmltree.Element) string {
	return fmt.Sprintf("%7s  up %s, %s, load averages: %s, %s, %s\n", load.Value("date-time"), load.Value("up-time"),
		load.Child("active-user-count").Attr("junos:format"),
		load.Value("load-average-1"), load.Value("load-average-5"), load.Value("load-average-15"))
}

// routingSince is when the routing processes were started together.
func (r *Router) routingSince() time.Time {
	if at := r.root().restarted.Load(); at != nil {
		return *at
	}
	return r.Started
}

func uptimeText(_, reply *xmltree.Element) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Current time: %s\nTime Source:  %s\n", reply.Value("current-time", "date-time"), reply.Value("time-source"))
	for _, l := range [][2]string{
		{"System booted", "system-booted-time"}, {"Protocols started", "protocols-started-time"}, {"Last configured", "last-configured-time"},
	} {
		e := reply.Child(l[1])
		if e == nil {
			continue
		}
		fmt.Fprintf(&b, "%s: %s (%s ago)", l[0], e.Value("date-time"), e.Value("time-length"))
		if who := e.Value("user"); who != "" {
			fmt.Fprintf(&b, " by %s", who)
		}
		b.WriteByte('\n')
	}
	return b.String() + LoadText(reply.Child("uptime-information"))
}
