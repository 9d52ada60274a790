package oper

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// uptime answers get-system-uptime-information. The router has booted when the
// emulator started.
func (r *Router) uptime(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	now := r.Now()
	up := now.Sub(r.Started)
	moment := func(name string, t time.Time) *xmltree.Element {
		return xmltree.New(name).
			Add(xmltree.Leaf("date-time", stamp(t)).Set("junos:seconds", strconv.FormatInt(t.Unix(), 10))).
			Add(spanLeaf("time-length", now.Sub(t), age))
	}
	reply := information("system-uptime-information", "junos").
		Add(xmltree.New("current-time").Add(
			xmltree.Leaf("date-time", stamp(now)).Set("junos:seconds", strconv.FormatInt(now.Unix(), 10)))).
		Add(moment("system-booted-time", r.Started), moment("protocols-started-time", r.routingSince()))
	if r.LastCommit != nil {
		if when, who := r.LastCommit(); !when.IsZero() {
			reply.Add(moment("last-configured-time", when).Leaf("user", who))
		}
	}
	return reply.Add(xmltree.New("uptime-information").
		Add(xmltree.Leaf("date-time", now.Format("3:04PM")).Set("junos:seconds", strconv.FormatInt(now.Unix(), 10))).
		Add(spanLeaf("up-time", up, age))), nil
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
	fmt.Fprintf(&b, "Current time: %s\n", reply.Value("current-time", "date-time"))
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
	fmt.Fprintf(&b, "%s  up %s\n", reply.Value("uptime-information", "date-time"), reply.Value("uptime-information", "up-time"))
	return b.String()
}

// alarms answers get-alarm-information and get-system-alarm-information. There
// is no hardware that could raise one.
func (r *Router) alarms(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	return information("alarm-information", "junos-alarm").
		Add(xmltree.New("alarm-summary").Add(xmltree.New("no-active-alarms"))), nil
}

func alarmsText(_, reply *xmltree.Element) string { return "No alarms currently active\n" }

// routeEngine answers get-route-engine-information: the machine that the
// emulator runs on, as far as the kernel tells.
func (r *Router) routeEngine(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	up := r.Now().Sub(r.Started)
	e := xmltree.New("route-engine").
		Leaf("slot", "0").
		Leaf("mastership-state", "master").
		Leaf("status", "OK")
	if total, free := memory(); total > 0 {
		e.Leaf("memory-system-total", strconv.Itoa(total)).
			Leaf("memory-buffer-utilization", strconv.Itoa(100*(total-free)/total))
	}
	one, five, fifteen := loadAverages()
	return information("route-engine-information", "junos-chassis").Add(e.
		Leaf("model", fmt.Sprintf("ccl Junos emulator on %d CPUs", runtime.NumCPU())).
		Add(xmltree.Leaf("start-time", stamp(r.Started)).Set("junos:seconds", strconv.FormatInt(r.Started.Unix(), 10))).
		Add(spanLeaf("up-time", up, spoken)).
		Leaf("last-reboot-reason", "Router rebooted after a normal shutdown.").
		LeafIf("load-average-one", one).LeafIf("load-average-five", five).LeafIf("load-average-fifteen", fifteen)), nil
}

// memory is the machine's total and available memory in MB; zeros if unknown.
func memory() (total, available int) {
	text, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		kB, _ := strconv.Atoi(fields[1])
		switch fields[0] {
		case "MemTotal:":
			total = kB / 1024
		case "MemAvailable:":
			available = kB / 1024
		}
	}
	return total, available
}

func loadAverages() (one, five, fifteen string) {
	text, _ := os.ReadFile("/proc/loadavg")
	if fields := strings.Fields(string(text)); len(fields) >= 3 {
		return fields[0], fields[1], fields[2]
	}
	return "", "", ""
}

func routeEngineText(_, reply *xmltree.Element) string {
	e := reply.Child("route-engine")
	var b strings.Builder
	b.WriteString("Routing Engine status:\n  Slot 0:\n")
	for _, l := range [][2]string{
		{"Current state", map[string]string{"master": "Master"}[e.Value("mastership-state")]},
		{"DRAM", e.Value("memory-system-total") + " MB"},
		{"Memory utilization", e.Value("memory-buffer-utilization") + " percent"},
		{"Model", e.Value("model")}, {"Start time", e.Value("start-time")}, {"Uptime", e.Value("up-time")},
	} {
		fmt.Fprintf(&b, "    %-30s %s\n", l[0], l[1])
	}
	fmt.Fprintf(&b, "    Load averages:                 1 minute   5 minute  15 minute\n%43s %10s %10s\n",
		e.Value("load-average-one"), e.Value("load-average-five"), e.Value("load-average-fifteen"))
	return b.String()
}

// chassis answers get-chassis-inventory: a chassis without parts.
func (r *Router) chassis(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	model := strings.ToUpper(Model(r.Identity.Kind))
	return information("chassis-inventory", "junos-chassis").Add(
		xmltree.New("chassis").Set("junos:style", "inventory").
			Leaf("name", "Chassis").
			Leaf("serial-number", "EMU-"+strings.ToUpper(r.Identity.Name)).
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
