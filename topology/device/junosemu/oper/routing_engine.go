package oper

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// routeEngine answers get-route-engine-information: the machine that the
// emulator runs on, as far as the kernel tells.
func (r *Router) routeEngine(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	up := r.Now().Sub(r.Started)
	e := xmltree.New("route-engine").
		Leaf("slot", "0").
		Leaf("mastership-state", "master").
		Leaf("mastership-priority", "master (default)").
		Leaf("status", "OK")
	if total, free := r.memory(); total > 0 {
		e.Leaf("memory-dram-size", strconv.Itoa(total)+" MB").
			Leaf("memory-installed-size", fmt.Sprintf("(%d MB installed)", total)).
			Leaf("memory-buffer-utilization", strconv.Itoa(100*(total-free)/total))
	}
	if c, ok := r.processor(); ok {
		e.Leaf("cpu-user", strconv.Itoa(c.user)).Leaf("cpu-background", strconv.Itoa(c.nice)).
			Leaf("cpu-system", strconv.Itoa(c.system)).Leaf("cpu-interrupt", strconv.Itoa(c.interrupt)).
			Leaf("cpu-idle", strconv.Itoa(c.idle))
	}
	one, five, fifteen := r.loadAverages()
	return information("route-engine-information", "junos-chassis").Add(e.
		Leaf("model", fmt.Sprintf("ccl Junos emulator on %s", plural(r.processors(), "CPU"))).
		Add(xmltree.Leaf("start-time", stamp(r.Started)).Set("junos:seconds", strconv.FormatInt(r.Started.Unix(), 10))).
		Add(spanLeaf("up-time", up, spoken)).
		Leaf("last-reboot-reason", "Router rebooted after a normal shutdown.").
		LeafIf("load-average-one", one).LeafIf("load-average-five", five).LeafIf("load-average-fifteen", fifteen)), nil
}

func routeEngineText(_, reply *xmltree.Element) string {
	e := reply.Child("route-engine")
	var b strings.Builder
	b.WriteString("Routing Engine status:\n  Slot 0:\n")
	row := func(label, value string) {
		if value != "" {
			fmt.Fprintf(&b, "    %-30s %s\n", label, value)
		}
	}
	row("Current state", map[string]string{"master": "Master"}[e.Value("mastership-state")])
	row("Election priority", map[string]string{"master (default)": "Master (default)"}[e.Value("mastership-priority")])
	row("DRAM", strings.TrimSpace(e.Value("memory-dram-size")+" "+e.Value("memory-installed-size")))
	row("Memory utilization", percent(e.Value("memory-buffer-utilization"), 3))
	if e.Has("cpu-idle") {
		b.WriteString("    CPU utilization:\n")
		for _, c := range [][2]string{
			{"User", "cpu-user"}, {"Background", "cpu-background"}, {"Kernel", "cpu-system"}, {"Interrupt", "cpu-interrupt"}, {"Idle", "cpu-idle"},
		} {
			fmt.Fprintf(&b, "      %-28s %s\n", c[0], percent(e.Value(c[1]), 3))
		}
	}
	row("Model", e.Value("model"))
	row("Start time", e.Value("start-time"))
	row("Uptime", e.Value("up-time"))
	row("Last reboot reason", e.Value("last-reboot-reason"))
	fmt.Fprintf(&b, "    Load averages:                 1 minute   5 minute  15 minute\n%43s %10s %10s\n",
		e.Value("load-average-one"), e.Value("load-average-five"), e.Value("load-average-fifteen"))
	return b.String()
}

// percent is a share as Junos prints it, or empty if there is none.
func percent(value string, width int) string {
	if value == "" {
		return ""
	}
	return fmt.Sprintf("%*s percent", width, value)
}
