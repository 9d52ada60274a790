package check

import "github.com/antchfx/xmlquery"

func (b *BFD) adjacencies() *adjacencies {
	with := ""
	if b.Neighbor != "" {
		with = " with " + b.Neighbor
	}
	return &adjacencies{
		noun: "BFD session", on: with + onInterface(b.Interface), container: "bfd-session-information", element: "bfd-session",
		state: stateOr(b.State, "up"), count: b.Sessions,
		read: func(n *xmlquery.Node) (where, state string, meant bool) {
			peer, ifname := child(n, "session-neighbor"), child(n, "session-interface")
			meant = isMeant(b.Interface, ifname) && (b.Neighbor == "" || sameAddress(b.Neighbor, peer))
			return peer + onInterface(ifname), child(n, "session-state"), meant
		},
	}
}

func (b *BFD) sentence() string { return b.adjacencies().sentence(b.Nodes) }

func (b *BFD) judge(c *court) { c.adjacencies(b.queries(), b.adjacencies()) }
