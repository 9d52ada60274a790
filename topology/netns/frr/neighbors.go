package frr

import (
	"slices"
	"strings"
)

// removeNeighbors finds the BGP neighbors and peer groups that go, or that have
// to be made anew because FRR does not let them change what they are. Each costs
// one "no neighbor", which takes all its statements with it; these are dropped
// from the old tree, so that nothing else is sent for them.
func removeNeighbors(old, new *line) []step {
	var steps []step
	for _, router := range old.children {
		if !router.has("router", "bgp") {
			continue
		}
		wanted := new.child(router.text)
		if wanted == nil {
			continue // the whole router goes
		}
		changed := changedNeighbors(router, wanted)
		for _, id := range changed {
			steps = append(steps, step{rank: rankRouter, path: []string{router.text}, text: "no " + id, removes: true})
		}
		dropNeighbors(router, changed)
	}
	return steps
}

// changedNeighbors are the identities that the old router has and the new one
// has not, or has otherwise, with the members of groups that go: FRR removes
// them with the group. Groups come last, as FRR then no longer knows members.
func changedNeighbors(old, new *line) []string {
	before, after := identities(old), identities(new)
	var members, groups []string
	for _, id := range before {
		if isGroup(old, neighborName(id)) && !slices.Contains(after, id) {
			groups = append(groups, id)
		}
	}
	for _, id := range before {
		name := neighborName(id)
		group := "neighbor " + groupOf(old, name) + " peer-group"
		if slices.Contains(groups, id) {
			continue
		}
		if !slices.Contains(after, id) || identityOf(old, name) != identityOf(new, name) || slices.Contains(groups, group) {
			members = append(members, id)
		}
	}
	return append(members, groups...)
}

// neighborName is the second word of an identity.
func neighborName(id string) string { return strings.Fields(id)[1] }

// identities are the statements, without their values, by which "no" removes
// each neighbor and group: "neighbor 10.0.0.1", "neighbor mesh peer-group".
func identities(router *line) []string {
	var ids []string
	for _, c := range router.children {
		words := c.words()
		if words[0] != "neighbor" || len(words) < 3 {
			continue
		}
		id := ""
		switch {
		case words[2] == "peer-group" && len(words) == 3:
			id = c.text
		case isGroup(router, words[1]):
			continue
		case words[2] == "interface":
			id = "neighbor " + words[1] + " interface"
		case words[2] == "remote-as" || words[2] == "peer-group":
			id = "neighbor " + words[1]
		}
		if id != "" && !slices.Contains(ids, id) && !slices.Contains(ids, id+" interface") {
			ids = append(ids, id)
		}
	}
	return ids
}

// identityOf is what cannot change about a neighbor: its AS number, its group,
// its interface. A group can change them all.
func identityOf(router *line, name string) string {
	if isGroup(router, name) {
		return ""
	}
	var parts []string
	for _, c := range router.children {
		for _, what := range []string{"remote-as", "peer-group", "interface"} {
			if c.has("neighbor", name, what) {
				parts = append(parts, c.text)
			}
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, "\n")
}

func isGroup(router *line, name string) bool {
	return router.child("neighbor "+name+" peer-group") != nil
}

// groupOf is the group that a neighbor is a member of, or nothing.
func groupOf(router *line, name string) string {
	for _, c := range router.children {
		if words := c.words(); len(words) == 4 && c.has("neighbor", name, "peer-group") {
			return words[3]
		}
	}
	return ""
}

// dropNeighbors removes all statements of these neighbors from a router and
// its address families.
func dropNeighbors(router *line, ids []string) {
	mine := func(c *line) bool {
		return slices.ContainsFunc(ids, func(id string) bool {
			return c.has("neighbor", neighborName(id))
		})
	}
	router.remove(mine)
	for _, c := range router.children {
		c.remove(mine)
	}
}
