package netns

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
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

func (b *Backend) labDir(name string) string { return filepath.Join(b.dir, "labs", name) }

func (b *Backend) nodeDir(lab, node string) string {
	return filepath.Join(b.labDir(lab), "nodes", node)
}

// readLab reads what was deployed, as it was when it was deployed.
func (b *Backend) readLab(name string) (*topology.Lab, error) {
	if err := labdir.CheckName(name); err != nil {
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

func (b *Backend) writeLab(lab *topology.Lab) error {
	return labdir.WriteJSON(filepath.Join(b.labDir(lab.Name), labFile), lab)
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

// lock waits for a lab's lock.
func (b *Backend) lock(ctx context.Context, name string) (unlock func(), err error) {
	unlock, err = labdir.Lock(ctx, b.lockFile(name))
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return unlock, nil
}

func (b *Backend) lockFile(name string) string { return b.labDir(name) + lockSuffix }

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
