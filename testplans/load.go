package testplans

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/ccl-lab/ccl/topology"
)

// A TopologyLoader reads a topology file, given its absolute path.
type TopologyLoader func(path string) (*topology.Topology, error)

// Load reads a plan file strictly, expands its matrices and resolves what it
// refers to. If anything is wrong with the plan the error is Mistakes and
// holds all of it (in a TooManyError, if it is only the number of cases); any
// other error is about reaching the file.
func Load(path string, lookup TopologyLoader) (*Plan, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the plan: %w", err)
	}
	return Parse(path, data, lookup)
}

// Parse is Load for a plan that has been read already; path is where from.
func Parse(path string, data []byte, lookup TopologyLoader) (*Plan, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, err
	}
	d := &decoder{file: path, lookup: lookup, caseIDs: map[string]topology.Pos{}, read: map[string]readStream{}}
	root := d.parse(data)
	var read any
	if root != nil && d.isPlan(root) {
		read = planShape.read(d, root)
	}
	if len(d.mistakes) > 0 {
		return nil, d.refusal()
	}
	p := &Plan{}
	if err := remarshal(read, p); err != nil {
		return nil, fmt.Errorf("%s: the plan was read but not understood: %w", path, err)
	}
	d.bothWays(p)
	p.File = abs
	p.Hash = p.hash(d.topology.Name)
	p.titleSteps(d.topology)
	return p, nil
}

// plainPathError leaves out the operation of an error about a path.
func plainPathError(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return fmt.Errorf("%s: %w", filepath.Base(pathErr.Path), pathErr.Err)
	}
	return err
}
