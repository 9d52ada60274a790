package config

// An origin says where a statement came from that was not written where it
// acts. Only trees that Inherited makes have any.
type origin struct {
	group string   // configuration group, or
	span  string   // interface range
	value string   // of a leaf-list: the last value that was inherited
	paths []string // of an apply-path: the prefixes that it stands for
}

// lines are the remarks that "display inheritance" prints above n.
func (o *origin) lines(n *Node) []string {
	switch {
	case o == nil:
		return nil
	case o.paths != nil:
		out := []string{"##", "## apply-path was expanded to:"}
		for _, p := range o.paths {
			out = append(out, "##     "+p+";")
		}
		return append(out, "##")
	case o.span != "":
		return []string{"##", "## '" + o.subject(n) + "' was expanded from interface-range '" + o.span + "'", "##"}
	}
	return []string{"##", "## '" + o.subject(n) + "' was inherited from group '" + o.group + "'", "##"}
}

// subject is the word by which a remark names a statement: the value of a
// leaf, the key of a list entry, else the statement's name.
func (o *origin) subject(n *Node) string {
	switch {
	case o.value != "":
		return o.value
	case len(n.values) > 0:
		return n.values[len(n.values)-1]
	case len(n.keys) > 0:
		return n.keys[len(n.keys)-1]
	}
	return n.def.written()
}

// A Sources says what Inherited notes of where statements came from.
type Sources int

// What Inherited may note; they are added together.
const (
	NoSources   Sources = 0
	GroupSource Sources = 1 << iota // junos:group="…", and a remark in curly form
	RangeSource                     // junos:interface-range="…", and a remark
)

// Inherited returns the configuration as "display inheritance" shows it: what
// groups and interface ranges give is where it acts, and the groups, what
// applies them, and the ranges themselves are left out.
func (t *Tree) Inherited(note Sources) *Tree {
	root := t.root.copyTo(nil)
	active := t.root.copyTo(nil)
	dropInactive(active)
	var b budget
	b.inheritAll(root, active.Children("groups"))
	if note&GroupSource != 0 {
		noteApplyPaths(root)
	}
	dropApplied(root)
	forget(root, note)
	return &Tree{root: root}
}

// forget drops the origins that were not asked for.
func forget(n *Node, note Sources) {
	if o := n.origin; o != nil {
		if o.span != "" && note&RangeSource == 0 || o.span == "" && note&GroupSource == 0 {
			n.origin = nil
		}
	}
	for _, c := range n.kids {
		forget(c, note)
	}
}

// dropApplied removes what has done its work: groups, what applies them, and
// interface ranges.
func dropApplied(root *Node) {
	root.removeFunc(func(c *Node) bool { return c.def.name == "groups" })
	if interfaces := root.Child("interfaces"); interfaces != nil {
		interfaces.removeFunc(func(c *Node) bool { return c.def.name == "interface-range" })
	}
	dropApply(root)
}

// dropApply removes the statements that apply groups, everywhere.
func dropApply(n *Node) {
	n.removeFunc(func(c *Node) bool {
		return c.def.name == "apply-groups" || c.def.name == "apply-groups-except"
	})
	for _, c := range n.kids {
		dropApply(c)
	}
}
