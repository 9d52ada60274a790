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

// routePrefix is a static route without its next hop.
func routePrefix(l *line) string {
	words := l.words()
	return strings.Join(words[:min(3, len(words))], " ")
}

// isDiscard reports a static route to nowhere. It cannot stand beside a next hop
// for the same prefix, so that whichever is old has to go first; all other
// routes go after the new ones came.
func isDiscard(l *line) bool {
	words := l.words()
	return isRoute(l) && len(words) > 3 && slices.Contains([]string{"blackhole", "reject", "Null0"}, words[3])
}
