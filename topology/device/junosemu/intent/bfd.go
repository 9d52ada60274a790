package intent

import (
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// FRR's limits of a BFD interval, in milliseconds.
const (
	bfdFastest = 50
	bfdSlowest = 60_000
)

// bfdTimers is "bfd" and the profile that holds the timers, or nothing where
// BFD is not configured. Without a profile the timers are FRR's: 300 ms, 3 times.
func (c *compiler) bfdTimers(n *config.Node) []string {
	if n == nil {
		return nil
	}
	interval := c.bfdInterval(n, n.Value("minimum-interval"), 300)
	receive := c.bfdInterval(n, n.Value("minimum-receive-interval"), interval)
	transmit := c.bfdInterval(n, n.Value("transmit-interval", "minimum-interval"), interval)
	multiplier := 3
	if m, err := strconv.Atoi(n.Value("multiplier")); err == nil {
		multiplier = max(m, 2)
	}
	if c.bfdProfiles == nil {
		c.bfdProfiles = map[string][]string{}
	}
	if multiplier == 3 && receive == 300 && transmit == 300 {
		return []string{"bfd"}
	}
	name := fmt.Sprintf("junos-%d-%d-%d", receive, transmit, multiplier)
	c.bfdProfiles[name] = bfdProfile(name, multiplier, receive, transmit)
	return []string{"bfd", "bfd profile " + name}
}

// bfdProfile leaves out what FRR does not print because it is the default.
func bfdProfile(name string, multiplier, receive, transmit int) []string {
	lines := []string{"profile " + name}
	add := func(statement string, value, normal int) {
		if value != normal {
			lines = append(lines, fmt.Sprintf(" %s %d", statement, value))
		}
	}
	add("detect-multiplier", multiplier, 3)
	add("transmit-interval", transmit, 300)
	add("receive-interval", receive, 300)
	return append(lines, "exit")
}

// bfdText is bfdd's text: the profiles.
func (c *compiler) bfdText() string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(c.bfdProfiles)) {
		lines = append(lines, c.bfdProfiles[name]...)
	}
	var t text
	t.block("bfd", lines)
	return t.String()
}

func (c *compiler) bfdInterval(n *config.Node, value string, otherwise int) int {
	ms, err := strconv.Atoi(value)
	if err != nil {
		return otherwise
	}
	if ms < bfdFastest || ms > bfdSlowest {
		c.differs(n, fmt.Sprintf("intervals are kept between %d and %d ms", bfdFastest, bfdSlowest))
	}
	return min(max(ms, bfdFastest), bfdSlowest)
}
