package node

import (
	"context"
	"os"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// orphanGrace is how long a dead child stays a zombie before it is taken for an
// orphan. What os/exec started is waited for by os/exec, within milliseconds;
// only what was inherited from a dead parent stays, and a zombie costs nothing.
const orphanGrace = 10 * time.Second

// reapOrphans does the duty of PID 1 without stealing from os/exec: it waits for
// the zombies that nobody else has waited for.
func reapOrphans(ctx context.Context) {
	var seen map[int]string
	tick := time.NewTicker(orphanGrace)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			seen = reapSeen(seen)
		}
	}
}

// reapSeen reaps the zombies that were there at the last look too, and returns
// those of this look: PID and start time.
func reapSeen(before map[int]string) map[int]string {
	now := zombies()
	for pid, started := range now {
		if before[pid] == started {
			unix.Wait4(pid, nil, unix.WNOHANG, nil)
			delete(now, pid)
		}
	}
	return now
}

// zombies lists this process's dead children with their start time.
func zombies() map[int]string {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil
	}
	found := map[int]string{}
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		stat, err := os.ReadFile("/proc/" + e.Name() + "/stat")
		if err != nil {
			continue // it is gone
		}
		// The name, in parentheses, may hold spaces: fields count from the end of it.
		_, rest, _ := strings.Cut(string(stat), ") ")
		fields := strings.Fields(rest)
		const state, parent, started = 0, 1, 19
		if len(fields) > started && fields[state] == "Z" && fields[parent] == strconv.Itoa(os.Getpid()) {
			found[pid] = fields[started]
		}
	}
	return found
}
