package testplans

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/topology"
)

// A TopologyLoader reads a topology file, given its absolute path.
type TopologyLoader func(path string) (*topology.Topology, error)

// Load reads a plan file strictly, expands its matrices and resolves what it
// refers to. If anything is wrong with the plan the error is Mistakes and
// holds all of it (in a TooManyError, if it is only the number of cases); any
// other error is about reaching the file.
func Load(path string, lookup TopologyLoader) (*Plan, error) {
	c, err := CopyOf(path, lookup)
	if err != nil {
		return nil, err
	}
	return c.Plan, nil
}

// Parse is Load for a plan that has been read already; path is where from.
func Parse(path string, data []byte, lookup TopologyLoader) (*Plan, error) {
	p, _, err := parse(path, data, lookup)
	return p, err
}

// parse is Parse, and returns the files that the plan names too.
func parse(path string, data []byte, lookup TopologyLoader) (*Plan, []File, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return nil, nil, err
	}
	d := &decoder{file: path, lookup: lookup, caseIDs: map[string]topology.Pos{}, read: map[string]readStream{}, places: map[*yaml.Node]stepPlace{}}
	root := d.parse(data)
	var read any
	if root != nil && d.isPlan(root) {
		read = planShape.read(d, root)
	}
	if len(d.mistakes) > 0 {
		return nil, nil, d.refusal()
	}
	p := &Plan{}
	if err := remarshal(read, p); err != nil {
		return nil, nil, fmt.Errorf("%s: the plan was read but not understood: %w", path, err)
	}
	d.bothWays(p)
	p.File = abs
	p.Hash = p.hash(d.topology.Name, d.files)
	p.titleSteps(d.topology)
	return p, d.files, nil
}

// plainPathError leaves out the operation of an error about a path.
func plainPathError(err error) error {
	var pathErr *fs.PathError
	if errors.As(err, &pathErr) {
		return fmt.Errorf("%s: %w", filepath.Base(pathErr.Path), pathErr.Err)
	}
	return err
}
