package netns

import (
	"os"
	"strings"
)

// Rootless reports whether root in this process is an ordinary user outside,
// that is, whether it runs in a user namespace that does not hold all users.
func Rootless() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	fields := strings.Fields(string(text))
	const all = "4294967295" // the map of the initial namespace: 0 0 all
	return len(fields) != 3 || fields[0] != "0" || fields[1] != "0" || fields[2] != all
}
