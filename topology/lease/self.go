package lease

import (
	"os"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }

// Self is a lease of a run that this process renews, as of now.
func Self(run string) topology.Lease {
	host, _ := os.Hostname() // without one it is never taken for abandoned
	space, _ := os.Readlink("/proc/self/ns/pid")
	return topology.Lease{Run: run, Host: host, PID: os.Getpid(), PIDs: space, Renewed: now()}
}
