package backendtest

import (
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// host is what a lab could leave behind on its host.
type host struct {
	links  []string // network devices
	named  []string // namespaces that "ip netns" lists
	mounts []string
}

func snapshot(t *testing.T) host {
	t.Helper()
	var h host
	links, err := net.Interfaces()
	if err != nil {
		t.Fatal(err)
	}
	for _, l := range links {
		h.links = append(h.links, l.Name)
	}
	named, err := os.ReadDir("/run/netns")
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	for _, n := range named {
		h.named = append(h.named, n.Name())
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		t.Fatal(err)
	}
	h.mounts = strings.Split(string(mounts), "\n")
	return h
}

// remember notes a node's network namespace, if it has one on this host.
func (s *suite) remember(n topology.LabNode) {
	if n.NetNS == "" {
		return
	}
	id, err := os.Readlink(n.NetNS)
	if err != nil {
		s.Errorf("namespace of node %s: %v", n.Name, err)
		return
	}
	s.seen[id] = true
}

// nothingLeft checks that the host is as it was, and that no process lives in a
// namespace of a lab.
func (s *suite) nothingLeft(before host) {
	s.Helper()
	after := snapshot(s.T)
	for what, pair := range map[string][2][]string{
		"network devices":  {before.links, after.links},
		"named namespaces": {before.named, after.named},
		"mounts":           {before.mounts, after.mounts},
	} {
		if !slices.Equal(pair[0], pair[1]) {
			s.Errorf("%s changed from %q to %q", what, pair[0], pair[1])
		}
	}
	s.eventually("every process of the lab has ended", func() bool { return len(s.survivors()) == 0 })
}

// survivors are the processes in namespaces of labs that were destroyed.
func (s *suite) survivors() []string {
	spaces, err := filepath.Glob("/proc/[0-9]*/ns/net")
	if err != nil {
		s.Fatal(err)
	}
	var alive []string
	for _, path := range spaces {
		if id, err := os.Readlink(path); err == nil && s.seen[id] {
			alive = append(alive, path)
		}
	}
	return alive
}

// eventually waits for a condition.
func (s *suite) eventually(what string, condition func() bool) {
	s.Helper()
	poll := time.NewTicker(5 * time.Millisecond)
	defer poll.Stop()
	deadline := time.After(patience)
	for !condition() {
		select {
		case <-poll.C:
		case <-deadline:
			s.Fatalf("waited %v in vain until %s", patience, what)
		}
	}
}
