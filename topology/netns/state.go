package netns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
)

// The state directory:
//
//	labs/NAME/lab.json       the deployed lab; written when it is up
//	labs/NAME/nodes/NODE/    the node's log and committed configurations
//	leases/NAME.json         which run has the lab
//	labs/NAME.lock           held by whoever deploys, destroys or reaps the lab

const (
	labFile    = "lab.json"
	lockSuffix = ".lock"
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`)

// checkName refuses names of labs and nodes that would lead out of the state
// directory.
func checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q cannot be a name: expected letters, digits, dot, dash and underscore", name)
	}
	return nil
}

func (b *Backend) labDir(name string) string { return filepath.Join(b.dir, "labs", name) }

func (b *Backend) nodeDir(lab, node string) string {
	return filepath.Join(b.labDir(lab), "nodes", node)
}

// readLab reads what was deployed, as it was when it was deployed.
func (b *Backend) readLab(name string) (*topology.Lab, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(b.labDir(name), labFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noLab(name)
	}
	if err != nil {
		return nil, err
	}
	var lab topology.Lab
	if err := json.Unmarshal(text, &lab); err != nil {
		return nil, fmt.Errorf("lab %s: %s: %w", name, labFile, err)
	}
	return &lab, nil
}

// writeLab writes the lab's file so that it is there whole or not at all.
func (b *Backend) writeLab(lab *topology.Lab) error {
	text, err := json.MarshalIndent(lab, "", "  ")
	if err != nil {
		return err
	}
	path := filepath.Join(b.labDir(lab.Name), labFile)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}

// labNames returns the labs that have a directory, a lock or an init, sorted.
func (b *Backend) labNames() ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(b.dir, "labs"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), lockSuffix))
	}
	inits, err := b.inits("")
	if err != nil {
		return nil, err
	}
	for _, i := range inits {
		names = append(names, i.lab)
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}

// errLocked means that another process works on the lab.
var errLocked = errors.New("another process is working on the lab")

// lock waits for a lab's lock. It holds against goroutines of this process too.
func (b *Backend) lock(ctx context.Context, name string) (unlock func(), err error) {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		unlock, err := b.tryLock(name)
		if !errors.Is(err, errLocked) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("lab %s: %w: %w", name, errLocked, context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// tryLock takes a lab's lock if it is free. The lock's file is removed with the
// lock, so whoever got hold of a removed file has to try again.
func (b *Backend) tryLock(name string) (unlock func(), err error) {
	path := b.labDir(name) + lockSuffix
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, errLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !isSameFile(f, path) {
		f.Close()
		return nil, errLocked
	}
	return func() {
		os.Remove(path)
		f.Close()
	}, nil
}

func isSameFile(f *os.File, path string) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(held, there)
}

// sameTopology reports whether two topologies make the same lab. Where they
// stand in their files is no matter, nor are startup configurations: those are
// only the first configuration of a node.
func sameTopology(a, b *topology.Topology) bool {
	return shape(a) == shape(b)
}

func shape(t *topology.Topology) string {
	var s strings.Builder
	for _, n := range t.Nodes {
		fmt.Fprintf(&s, "%s %s %q %v %v %v\n", n.Name, n.Kind, n.Exec, n.Env, n.Sysctls, n.Labels)
	}
	for _, l := range t.Links {
		fmt.Fprintf(&s, "%v %v %d\n", l.A, l.B, l.MTU)
	}
	return s.String()
}
