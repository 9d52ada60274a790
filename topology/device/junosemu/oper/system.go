package oper

import (
	"context"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// alarms answers get-alarm-information and get-system-alarm-information. There
// is no hardware that could raise one.
func (r *Router) alarms(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	return information("alarm-information", "junos-alarm").
		Add(xmltree.New("alarm-summary").Add(xmltree.New("no-active-alarms"))), nil
}

func alarmsText(_, reply *xmltree.Element) string { return "No alarms currently active\n" }

// chassis answers get-chassis-inventory: a chassis without parts.
func (r *Router) chassis(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	model := strings.ToUpper(Model(r.Identity.Kind))
	return information("chassis-inventory", "junos-chassis").Add(
		xmltree.New("chassis").Set("junos:style", "inventory").
			Leaf("name", "Chassis").
			Leaf("serial-number", r.serialNumber()).
			Leaf("description", model).
			Add(xmltree.New("chassis-module").Leaf("name", "Routing Engine 0").Leaf("description", "ccl Junos emulator"))), nil
}

func chassisText(_, reply *xmltree.Element) string {
	var b strings.Builder
	b.WriteString("Hardware inventory:\nItem             Version  Part number  Serial number     Description\n")
	row := func(e *xmltree.Element) {
		fmt.Fprintf(&b, "%-16s %-8s %-12s %-17s %s\n", e.Value("name"), "", "", e.Value("serial-number"), e.Value("description"))
	}
	c := reply.Child("chassis")
	row(c)
	for _, m := range c.All("chassis-module") {
		row(m)
	}
	return b.String()
}

// processes answers get-system-process-information with the programs of the
// router: FRR's daemons, and the emulator, which is the first.
func (r *Router) processes(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	columns := "pid,tname,stat,time,args"
	if rpc.Has("extensive") {
		columns = "pid,user,pri,ni,vsz,rss,stat,time,pcpu,args"
	}
	out, err := r.Sensor.Exec(ctx, "ps", "-ww", "-eo", columns)
	if err != nil {
		return nil, fmt.Errorf("ps: %w", err)
	}
	return xmltree.Leaf("output", strings.TrimRight(string(out), "\n")), nil
}
