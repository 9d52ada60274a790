package intent

import (
	"fmt"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// FRR's limits of a BFD interval, in milliseconds.
const (
	bfdFastest = 50
	bfdSlowest = 60_000
)

// bfdTimers is "bfd MULTIPLIER RECEIVE TRANSMIT" in FRR's words, or "" where
// BFD is not configured. FRR prints its own defaults as a bare "bfd".
func (c *compiler) bfdTimers(n *config.Node) string {
	if n == nil {
		return ""
	}
	c.bfd = true
	interval := c.bfdInterval(n, n.Value("minimum-interval"), 300)
	receive := c.bfdInterval(n, n.Value("minimum-receive-interval"), interval)
	transmit := c.bfdInterval(n, n.Value("transmit-interval", "minimum-interval"), interval)
	multiplier := 3
	if m, err := strconv.Atoi(n.Value("multiplier")); err == nil {
		multiplier = max(m, 2)
	}
	if multiplier == 3 && receive == 300 && transmit == 300 {
		return "bfd"
	}
	return fmt.Sprintf("bfd %d %d %d", multiplier, receive, transmit)
}

func (c *compiler) bfdInterval(n *config.Node, value string, otherwise int) int {
	ms, err := strconv.Atoi(value)
	if err != nil {
		return otherwise
	}
	if ms < bfdFastest || ms > bfdSlowest {
		c.unacted(n, fmt.Sprintf("intervals are kept between %d and %d ms", bfdFastest, bfdSlowest))
	}
	return min(max(ms, bfdFastest), bfdSlowest)
}
