package clab

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
//	clab/NAME.json  the lab's record; written before containerlab is started
//	clab/labs/      containerlab's own directories of the labs
//	clab/leases/    which runs have the labs
//	clab/NAME.lock  held by whoever deploys, destroys or reaps the lab

const (
	recordSuffix = ".json"
	lockSuffix   = ".lock"
)

// record is what the backend keeps of a lab. While Ready is false the lab is on
// its way up, or whoever brought it up was killed.
type record struct {
	Lab   topology.Lab `json:"lab"`
	File  string       `json:"file"` // the derived topology file
	Ready bool         `json:"ready"`
	// Stopped are the nodes that were stopped on purpose.
	Stopped []string `json:"stopped,omitempty"`
}

func (b *Backend) recordFile(name string) string { return filepath.Join(b.dir, name+recordSuffix) }

// read returns a lab's record, or ErrNoLab.
func (b *Backend) read(name string) (*record, error) {
	if err := labdir.CheckName(name); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(b.recordFile(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noLab(name)
	}
	if err != nil {
		return nil, err
	}
	var r record
	if err := json.Unmarshal(text, &r); err != nil {
		return nil, fmt.Errorf("%s: %w", b.recordFile(name), err)
	}
	if r.Lab.Topology == nil || r.Lab.Name != name {
		return nil, fmt.Errorf("%s: this is not the record of lab %s", b.recordFile(name), name)
	}
	return &r, nil
}

func (b *Backend) write(r *record) error {
	return labdir.WriteJSON(b.recordFile(r.Lab.Name), r)
}

// names returns the labs that have a record, sorted.
func (b *Backend) names() ([]string, error) {
	entries, err := os.ReadDir(b.dir)
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if name, ok := strings.CutSuffix(e.Name(), recordSuffix); ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// lock waits for a lab's lock.
func (b *Backend) lock(ctx context.Context, name string) (unlock func(), err error) {
	unlock, err = labdir.Lock(ctx, b.lockFile(name))
	if err != nil {
		return nil, fmt.Errorf("lab %s: %w", name, err)
	}
	return unlock, nil
}

func (b *Backend) lockFile(name string) string { return filepath.Join(b.dir, name+lockSuffix) }
