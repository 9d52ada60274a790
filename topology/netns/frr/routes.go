package frr

import (
	"slices"
	"strconv"
	"strings"
)

// isRoute reports a static route.
func isRoute(l *line) bool { return l.has("ip", "route") || l.has("ipv6", "route") }

// routeKey is a static route's prefix and next hop. staticd holds one tag and
// one distance for each of these.
func routeKey(words []string) string {
	var key []string
	for i, w := range words {
		_, number := strconv.Atoi(w)
		switch {
		case w == "tag" || (i > 0 && words[i-1] == "tag"):
		case number == nil && i > 3 && !slices.Contains([]string{"label", "table"}, words[i-1]): // the distance
		default:
			key = append(key, w)
		}
	}
	return strings.Join(key, " ")
}

// discards reports whether a route that goes stands in the way of the new ones:
// a prefix cannot have a next hop and be discarded at the same time, so that
// the old route has to go first. All others go after the new ones came.
func discards(old, root *line) bool {
	return isDiscard(old) || slices.ContainsFunc(root.children, func(n *line) bool {
		return isRoute(n) && isDiscard(n) && slices.Equal(n.words()[:3], old.words()[:3])
	})
}

// isDiscard reports a static route to nowhere.
func isDiscard(l *line) bool {
	words := l.words()
	return len(words) > 3 && slices.Contains([]string{"blackhole", "reject", "Null0"}, words[3])
}
