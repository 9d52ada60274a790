package oper

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// without makes the answer of a chassis that has none of what is asked for:
// sensors, power supplies, optics, probes. Tools that list them find none.
func without(element, module string) operation {
	return operation{answer: func(*Router, context.Context, *xmltree.Element) (*xmltree.Element, error) {
		return information(element, module), nil
	}}
}
