package frr

import (
	"context"
	"errors"
	"slices"
	"strings"
)

// reevaluate makes bgpd run changed policies over the routes it has at once,
// for the neighbors they concern. Without it that happens policyDelay later, as
// it still does for policies elsewhere (redistribute, network). A neighbor
// whose own statements changed needs nothing: bgpd sees to it.
func (s *Suite) reevaluate(ctx context.Context, d *daemon, old, new *line) error {
	if d.name != bgpd {
		return nil
	}
	changed := changedPolicies(old, new)
	if len(changed) == 0 {
		return nil
	}
	v, err := d.session(ctx, &d.config)
	if err != nil {
		return s.orDead(d, err)
	}
	for _, target := range concerned(new, changed) {
		var refused *CommandError
		if _, err := v.command(ctx, "clear bgp "+target+" soft"); err != nil && !errors.As(err, &refused) {
			return s.orDead(d, err)
		}
	}
	return nil
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
