package clab

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

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`)

// checkName refuses names that would lead out of the state directory, or that
// containerlab does not take.
func checkName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q cannot be a lab's name: expected letters, digits, dot, dash and underscore", name)
	}
	return nil
}

func (b *Backend) recordFile(name string) string { return filepath.Join(b.dir, name+recordSuffix) }

// read returns a lab's record, or ErrNoLab.
func (b *Backend) read(name string) (*record, error) {
	if err := checkName(name); err != nil {
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

// write writes a record so that it is there whole or not at all.
func (b *Backend) write(r *record) error {
	text, err := json.MarshalIndent(r, "", "  ")
	if err != nil {
		return err
	}
	path := b.recordFile(r.Lab.Name)
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
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

// tryLock takes a lab's lock if it is free. Its file stays: a file that is removed
// could be locked twice.
func (b *Backend) tryLock(name string) (unlock func(), err error) {
	path := filepath.Join(b.dir, name+lockSuffix)
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
	return func() { f.Close() }, nil
}
