package intent

import (
	"fmt"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// ospfRouter is the router block.
func (c *compiler) ospfRouter(v ospfVersion, n *config.Node, maps *policySet) []string {
	var lines []string
	if id := c.routerID(); id != "" {
		lines = append(lines, v.router+" router-id "+id)
	}
	lines = append(lines, spfTimers(n), "timers lsa min-arrival 0")
	if !v.v6 {
		lines = append(lines, "timers throttle lsa all 0")
		if !n.Has("no-rfc-1583") {
			lines = append(lines, "compatible rfc1583")
		}
	}
	lines = append(lines, c.ospfOverload(v, n)...)
	lines = append(lines, c.ospfRestart(v, n)...)
	lines = append(lines, c.redistribute(n, v, maps)...)
	for _, a := range n.Children("area") {
		lines = append(lines, c.ospfArea(v, n, a)...)
	}
	internal := c.distance(n, "preference", ospfInternal)
	return append(lines, fmt.Sprintf("distance %s intra-area %d inter-area %d external %d",
		v.distance, internal, internal, c.distance(n, "external-preference", ospfExternal)))
}

// Junos's delay before routes are computed, and its longest one, in
// milliseconds, where one of the two is configured.
const (
	spfDelay    = "200"
	spfHolddown = "5000"
)

// spfTimers: where the configuration is silent, routes are computed at once.
func spfTimers(n *config.Node) string {
	o := n.Lookup("spf-options")
	if o == nil {
		return "timers throttle spf 0 50 200"
	}
	delay, hold := spfOptions(o)
	return fmt.Sprintf("timers throttle spf %s %s %s", delay, delay, hold)
}

// spfOptions are the delay of the first runs and that of later ones.
func spfOptions(o *config.Node) (delay, hold string) {
	delay, hold = o.Value("delay"), o.Value("holddown")
	if delay == "" {
		delay = spfDelay
	}
	if hold == "" {
		hold = spfHolddown
	}
	return delay, hold
}

// ospfOverload is for ever, or for a time after the start.
func (c *compiler) ospfOverload(v ospfVersion, n *config.Node) []string {
	o := n.Lookup("overload")
	timeout := o.Value("timeout")
	switch {
	case o == nil:
		return nil
	case v.v6 && timeout != "":
		c.differs(o, "ospf6d's overload does not end")
		return []string{"stub-router administrative"}
	case v.v6:
		return []string{"stub-router administrative"}
	case timeout != "":
		return []string{"max-metric router-lsa on-startup " + timeout}
	}
	return []string{"max-metric router-lsa administrative"}
}

// ospfGracePeriod is the grace period that FRR does not print.
const ospfGracePeriod = "120"

// ospfRestart is graceful restart, of the router and of its neighbors.
func (c *compiler) ospfRestart(v ospfVersion, n *config.Node) []string {
	global := c.scope.Lookup("routing-options", "graceful-restart")
	own := n.Lookup("graceful-restart")
	if !restartEnabled(global, own) {
		return nil
	}
	lines := []string{"graceful-restart"}
	if period := global.Value("restart-duration"); period != "" && period != ospfGracePeriod {
		lines = []string{"graceful-restart grace-period " + period}
	}
	if !own.Has("helper-disable") {
		lines = append(lines, "graceful-restart helper enable")
	}
	if !v.v6 {
		lines = append(lines, "capability opaque")
	}
	return lines
}

// redistribute is what the export policies let into OSPF.
func (c *compiler) redistribute(n *config.Node, v ospfVersion, maps *policySet) []string {
	chain := n.Values("export")
	if len(chain) == 0 {
		return nil
	}
	var lines []string
	for _, o := range c.others(isisRoutes, v.v6) {
		x := mapContext{use: intoOSPF, v6: v.v6, origins: []origin{o}}
		name, accepts := maps.redistribution(chain, x)
		if accepts {
			lines = append(lines, fmt.Sprintf("redistribute %s%s route-map %s", o.frr(v.v6), externalMetric(o), name))
		}
	}
	return lines
}

// externalMetric is the metric of routes that have none of their own: 0 in
// Junos, 20 in FRR. A policy may set another.
func externalMetric(o origin) string {
	switch o {
	case direct, static, aggregateRoutes:
		return " metric 0"
	}
	return ""
}

// ospfArea is what the router block says of an area.
func (c *compiler) ospfArea(v ospfVersion, n, a *config.Node) []string {
	var lines []string
	add := func(format string, args ...any) {
		lines = append(lines, "area "+a.Key()+" "+fmt.Sprintf(format, args...))
	}
	border := len(n.Children("area")) > 1
	if s := a.Lookup("stub"); s != nil {
		if s.Has("no-summaries") {
			add("stub no-summary")
		} else {
			add("stub")
		}
		metric := s.Value("default-metric")
		switch {
		case metric == "" && border:
			c.differs(s, "FRR announces a default route into the area, Junos only with a default-metric")
		case metric != "" && v.v6:
			c.unacted(s.Child("default-metric"), "ospf6d has no metric of the default route")
		case metric != "":
			add("default-cost %s", metric)
		}
	}
	if s := a.Lookup("nssa"); s != nil {
		add("nssa")
		if s.Has("no-summaries") {
			add("nssa no-summary")
		}
		if cost := c.nssaDefault(v, s, border); cost != "" {
			add("default-cost %s", cost)
		}
	}
	for _, r := range a.Children("area-range") {
		if r.Has("exact") {
			c.unacted(r.Child("exact"), "FRR announces a range for any route inside of it")
		}
		switch metric := r.Value("override-metric", "metric"); {
		case r.Has("restrict"):
			add("range %s not-advertise", r.Key())
		case metric != "":
			add("range %s cost %s", r.Key(), metric)
		default:
			add("range %s", r.Key())
		}
	}
	return lines
}

// nssaDefault is the metric of the default route that a border router
// announces into a not-so-stubby area: FRR does it where summaries stay out,
// Junos where there is a default-lsa.
func (c *compiler) nssaDefault(v ospfVersion, nssa *config.Node, border bool) string {
	lsa := nssa.Lookup("default-lsa")
	if !border {
		return ""
	}
	switch {
	case lsa == nil && nssa.Has("no-summaries"):
		c.differs(nssa, "FRR announces a default route into the area, Junos only with a default-lsa")
	case lsa != nil && (!nssa.Has("no-summaries") || lsa.Has("type-7")):
		c.unacted(lsa, "FRR announces a default route only as a summary and where no-summaries keeps the others out")
	case lsa != nil && v.v6 && lsa.Has("default-metric"):
		c.unacted(lsa.Child("default-metric"), "ospf6d has no metric of the default route")
	case lsa != nil && !v.v6:
		return lsa.Value("default-metric")
	}
	return ""
}
