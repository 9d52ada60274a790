package store

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
)

// A state is what a store knows beside the texts of its configurations. It is
// one small file: replacing it is the moment at which a commit has happened.
type state struct {
	Version int      `json:"version"`
	Next    int      `json:"next"`    // number of the next commit
	Entries []saved  `json:"entries"` // newest first; never empty on disk
	Pending *pending `json:"pending,omitempty"`
	// Scheduled is a commit that waits for its time.
	Scheduled *Schedule `json:"scheduled,omitempty"`
}

// saved is a commit and the number that its file carries.
type saved struct {
	Number int `json:"number"`
	Entry
}

// pending is a confirmed commit that waits for confirmation.
type pending struct {
	Deadline time.Time `json:"deadline"`
	Previous int       `json:"previous"` // number of the commit to return to
}

func (st state) entry(n int) Entry {
	e := st.Entries[n].Entry
	e.Sequence = n
	return e
}

// A disk is the directory of a store: state.json, one N.conf a commit, and
// rescue.conf. Every file is written beside its place, synced and renamed.
type disk struct{ dir string }

const stateFile = "state.json"

// load reads the state and removes files that no commit owns: leftovers of a crash.
func (d disk) load() (st state, found bool, err error) {
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return st, false, err
	}
	text, err := os.ReadFile(filepath.Join(d.dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return st, false, d.sweep(state{})
	}
	if err != nil {
		return st, false, err
	}
	if err := json.Unmarshal(text, &st); err != nil {
		return st, false, fmt.Errorf("%s: %w", stateFile, err)
	}
	if st.Version != 1 || len(st.Entries) == 0 {
		return st, false, fmt.Errorf("%s: version %d with %d commits is not understood", stateFile, st.Version, len(st.Entries))
	}
	return st, true, d.sweep(st)
}

// sweep removes temporary files and configurations that st does not name.
func (d disk) sweep(st state) error {
	owned := map[string]bool{}
	for _, e := range st.Entries {
		owned[confName(e.Number)] = true
	}
	if st.Pending != nil {
		owned[confName(st.Pending.Previous)] = true
	}
	files, err := os.ReadDir(d.dir)
	if err != nil {
		return err
	}
	for _, f := range files {
		name := f.Name()
		number := strings.TrimSuffix(name, ".conf")
		_, err := strconv.Atoi(number)
		orphan := number != name && err == nil && !owned[name]
		if orphan || strings.HasSuffix(name, ".tmp") {
			if err := os.Remove(filepath.Join(d.dir, name)); err != nil {
				return err
			}
		}
	}
	return nil
}

func confName(number int) string { return strconv.Itoa(number) + ".conf" }

// tree reads the configuration of a commit.
func (d disk) tree(number int) (*config.Tree, error) {
	return d.read(confName(number))
}

func (d disk) read(name string) (*config.Tree, error) {
	text, err := os.ReadFile(filepath.Join(d.dir, name))
	if err != nil {
		return nil, err
	}
	tree := config.New()
	if _, err := tree.Load(config.FormatText, config.Override, string(text)); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(d.dir, name), err)
	}
	return tree, nil
}

// save writes a configuration and then the state that names it.
func (d disk) save(st state, tree *config.Tree) error {
	text, err := tree.Text()
	if err != nil {
		return err
	}
	if err := d.write(confName(st.Entries[0].Number), []byte(text)); err != nil {
		return err
	}
	if err := d.saveState(st); err != nil {
		return err
	}
	return d.sweep(st)
}

func (d disk) saveState(st state) error {
	text, err := json.MarshalIndent(st, "", "  ")
	if err != nil {
		return err
	}
	return d.write(stateFile, append(text, '\n'))
}

// write replaces a file so that a crash leaves the old content or the new.
func (d disk) write(name string, content []byte) error {
	path := filepath.Join(d.dir, name)
	f, err := os.OpenFile(path+".tmp", os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(content)
	if err == nil {
		err = f.Sync()
	}
	if closeErr := f.Close(); err == nil {
		err = closeErr
	}
	if err == nil {
		err = os.Rename(path+".tmp", path)
	}
	if err != nil {
		return err
	}
	dir, err := os.Open(d.dir)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}

const rescueFile = "rescue.conf"

func (d disk) saveRescue(tree *config.Tree) error {
	text, err := tree.Text()
	if err != nil {
		return err
	}
	return d.write(rescueFile, []byte(text))
}

func (d disk) deleteRescue() error {
	err := os.Remove(filepath.Join(d.dir, rescueFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

func (d disk) rescue() (*config.Tree, error) {
	tree, err := d.read(rescueFile)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrNoRescue
	}
	return tree, err
}
