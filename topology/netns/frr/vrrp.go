package frr

import "slices"

// vrrpGroup is the number of the VRRP group that a statement of an interface is
// about, and whether it is the one that makes the group.
func vrrpGroup(l *line) (number string, makes bool) {
	words := l.words()
	if words[0] == "no" {
		words = words[1:]
	}
	if len(words) < 2 || words[0] != "vrrp" {
		return "", false
	}
	return words[1], len(words) == 2 || words[2] == "version"
}

// removeGroups finds the VRRP groups that go, or that have to be made anew for
// another version. Each costs one "no vrrp"; what it takes with it is dropped
// from the old tree, so that nothing else is sent for it.
func removeGroups(old, new *line) []step {
	var steps []step
	for _, i := range old.children {
		if !i.has("interface") {
			continue
		}
		var kept []string
		if wanted := new.child(i.text); wanted != nil {
			for _, c := range wanted.children {
				if number, makes := vrrpGroup(c); makes && i.child(c.text) != nil {
					kept = append(kept, number)
				}
			}
		}
		i.remove(func(c *line) bool {
			number, makes := vrrpGroup(c)
			if number == "" || slices.Contains(kept, number) {
				return false
			}
			if makes {
				steps = append(steps, step{rank: rankInterfaceRemove, path: []string{i.text}, text: "no vrrp " + number, removes: true})
			}
			return true
		})
	}
	return steps
}
