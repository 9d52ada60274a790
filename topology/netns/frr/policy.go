package frr

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// reevaluate has a daemon act on what it would act on later or never. It makes
// bgpd run changed policies over the routes it has at once,
// for the neighbors they concern. Without it that happens policyDelay later, as
// it still does for policies elsewhere (redistribute, network). A neighbor
// whose own statements changed needs nothing: bgpd sees to it.
func (s *Suite) reevaluate(ctx context.Context, d *daemon, old, new *line) error {
	var commands []string
	switch d.name {
	case bgpd:
		for _, target := range reopened(old, new) {
			commands = append(commands, "clear bgp "+target)
		}
		for _, target := range concerned(new, changedPolicies(old, new)) {
			commands = append(commands, "clear bgp "+target+" soft")
		}
	case ospf6d:
		if changesDistance(old, new) {
			commands = append(commands, "clear ipv6 ospf6 process")
		}
	}
	if len(commands) == 0 {
		return nil
	}
	v, err := d.session(ctx, &d.config)
	if err != nil {
		return s.orDead(d, err)
	}
	for _, c := range commands {
		var refused *CommandError
		if _, err := v.command(ctx, c); err != nil && !errors.As(err, &refused) {
			return s.orDead(d, err)
		}
	}
	return nil
}

// changesDistance reports a running OSPFv3 whose routes get another distance:
// ospf6d gives it to new routes only.
func changesDistance(old, new *line) bool {
	return slices.ContainsFunc(compare(old, new, nil), func(d difference) bool {
		return len(d.path) == 1 && strings.HasPrefix(d.text, "distance ") && old.child(d.path[0]) != nil && new.child(d.path[0]) != nil
	})
}

// reopened are the neighbors, as "clear bgp" takes them, whose sessions have to
// start anew for a change to take effect: what their OPEN says of graceful
// restart and the hold time, and the segment size. bgpd leaves that to its user.
func reopened(old, new *line) []string {
	var targets []string
	for _, d := range compare(old, new, nil) {
		if len(d.path) != 1 || old.child(d.path[0]) == nil {
			continue // of a router that is new
		}
		words := strings.Fields(d.text)
		switch {
		case len(words) > 1 && words[0] == "bgp" && words[1] == "graceful-restart":
			return []string{"*"}
		case len(words) < 3 || words[0] != "neighbor" || !negotiated(words[2:]):
		case old.child(d.path[0]).knows(words[1]) && !slices.Contains(targets, words[1]):
			targets = append(targets, words[1])
		}
	}
	return targets
}

// negotiated reports whether a statement about a neighbor counts when its
// session starts.
func negotiated(words []string) bool {
	switch words[0] {
	case "timers":
		return len(words) == 3 && words[1] != "connect"
	case "tcp-mss":
		return true
	}
	return strings.HasPrefix(words[0], "graceful-restart")
}

// knows reports whether a router has a neighbor.
func (l *line) knows(neighbor string) bool {
	return slices.ContainsFunc(l.children, func(c *line) bool { return c.has("neighbor", neighbor) })
}

// changedPolicies are the names of lists and route-maps that differ, with the
// route-maps that refer to them.
func changedPolicies(old, new *line) []string {
	var changed []string
	note := func(name string) {
		if name != "" && !slices.Contains(changed, name) {
			changed = append(changed, name)
		}
	}
	for _, d := range compare(old, new, nil) {
		top := d.text
		if len(d.path) > 0 {
			top = d.path[0]
		}
		note(bareName(top))
	}
	for before := -1; before != len(changed); { // route-maps call route-maps
		before = len(changed)
		for _, c := range new.children {
			if mapName(c.text) != "" && slices.ContainsFunc(c.children, func(l *line) bool { return names(l, changed) }) {
				note(bareName(c.text))
			}
		}
	}
	return changed
}

// bareName is the name of the list or route-map that a statement belongs to.
func bareName(top string) string {
	words := strings.Fields(policyName(&line{text: top}))
	if len(words) == 0 {
		return ""
	}
	return words[len(words)-1]
}

// names reports whether a statement mentions one of the names.
func names(l *line, changed []string) bool {
	return slices.ContainsFunc(l.words(), func(w string) bool { return slices.Contains(changed, w) })
}

// concerned are the neighbors and peer groups, as "clear bgp" takes them, that
// a policy of these names is bound to.
func concerned(config *line, changed []string) []string {
	var targets []string
	for _, router := range config.children {
		if !router.has("router", "bgp") || len(router.words()) > 3 {
			continue
		}
		for _, family := range append([]*line{router}, router.children...) {
			for _, c := range family.children {
				words := c.words()
				if len(words) < 5 || words[0] != "neighbor" || !slices.Contains(changed, words[3]) {
					continue
				}
				target := words[1]
				if isGroup(router, target) {
					target = "peer-group " + target
				}
				if !slices.Contains(targets, target) {
					targets = append(targets, target)
				}
			}
		}
	}
	return targets
}
