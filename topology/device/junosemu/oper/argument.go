package oper

import (
	"slices"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// alsoKnown are arguments that clients send in RPCs and the CLI's table does
// not have: other names of an argument, and the routing instance.
var alsoKnown = []string{
	"level", "interface", "interface-name", "neighbor", "neighbor-address", "peer",
	"instance", "routing-instance", "logical-system", "session-address", "advertising-protocol-name", "receive-protocol-name",
}

// checkArguments refuses an argument that would be ignored: an answer to
// another question than was asked is worse than none.
func checkArguments(rpc *xmltree.Element) error {
	known := slices.Clone(alsoKnown)
	for _, c := range Commands {
		if c.RPC == rpc.Name {
			for _, a := range c.Args {
				known = append(known, a.Element)
			}
		}
	}
	for _, l := range levels {
		known = append(known, l.Element)
	}
	for _, a := range rpc.Children {
		if !slices.Contains(known, a.Name) {
			return &Refusal{Message: "syntax error", BadElement: a.Name}
		}
	}
	return nil
}
