package frr

import (
	"slices"
)

// A neighbor is a BGP neighbor or peer group of one router.
type neighbor struct {
	name     string
	isGroup  bool
	group    string // that it is a member of, or empty
	identity string // the statements about what it is, which FRR does not let it change: AS number, group, interface
	removal  string // the statement that removes it with all its others
}

// neighbors reads a router's neighbors and groups, in its order.
func neighbors(router *line) []*neighbor {
	var list []*neighbor
	byName := map[string]*neighbor{}
	for _, c := range router.children {
		words := c.words()
		if words[0] != "neighbor" || len(words) < 3 || !slices.Contains([]string{"remote-as", "peer-group", "interface"}, words[2]) {
			continue
		}
		n := byName[words[1]]
		if n == nil {
			n = &neighbor{name: words[1], removal: "no neighbor " + words[1]}
			byName[n.name] = n
			list = append(list, n)
		}
		n.identity += c.text + "\n"
		switch {
		case words[2] == "interface":
			n.removal = "no neighbor " + n.name + " interface"
		case words[2] == "peer-group" && len(words) == 3:
			n.isGroup, n.removal = true, "no "+c.text
		case words[2] == "peer-group":
			n.group = words[3]
		}
	}
	return list
}

// removeNeighbors finds the neighbors and groups that go, or that have to be
// made anew because FRR does not let them change what they are. Each costs one
// "no neighbor", which takes all its statements with it; these are dropped from
// the old tree, so that nothing else is sent for them.
func removeNeighbors(old, new *line) []step {
	var steps []step
	for _, router := range old.children {
		wanted := new.child(router.text)
		if !router.has("router", "bgp") || wanted == nil {
			continue // where a whole router goes, so do its neighbors
		}
		gone := map[string]bool{}
		for _, n := range changedNeighbors(router, wanted) {
			steps = append(steps, step{rank: rankRouter, path: []string{router.text}, text: n.removal, removes: true})
			gone[n.name] = true
		}
		mine := func(c *line) bool {
			words := c.words()
			return len(words) > 1 && words[0] == "neighbor" && gone[words[1]]
		}
		router.remove(mine)
		for _, family := range router.children {
			family.remove(mine)
		}
	}
	return steps
}

// changedNeighbors are the neighbors that the new router has not or has
// otherwise, with the members of groups that go: FRR removes them with the
// group. Groups come last, as FRR then no longer knows members.
func changedNeighbors(old, new *line) []*neighbor {
	after := map[string]*neighbor{}
	for _, n := range neighbors(new) {
		after[n.name] = n
	}
	before := neighbors(old)
	var members, groups []*neighbor
	gone := map[string]bool{}
	for _, n := range before {
		if a := after[n.name]; n.isGroup && (a == nil || !a.isGroup) {
			groups = append(groups, n)
			gone[n.name] = true
		}
	}
	for _, n := range before {
		a := after[n.name]
		// A group can change its AS number; a neighbor that does starts anew.
		if !n.isGroup && (a == nil || a.identity != n.identity || gone[n.group]) {
			members = append(members, n)
		}
	}
	return append(members, groups...)
}

// isGroup reports whether a router has a peer group of that name.
func isGroup(router *line, name string) bool {
	return router.child("neighbor "+name+" peer-group") != nil
}
