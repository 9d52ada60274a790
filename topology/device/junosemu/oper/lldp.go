package oper

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// lldpOff is the answer about LLDP, which neither FRR nor the kernel speaks.
const lldpOff = "LLDP is not running"

// lldp answers get-lldp-neighbors-information, always that there is no LLDP: an
// empty table would say that nobody is there.
func (r *Router) lldp(context.Context, *xmltree.Element) (*xmltree.Element, error) {
	return nil, &inactiveError{lldpOff}
}
