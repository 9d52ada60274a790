package testplans

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
)

// A Copy is a plan together with every file that it was read from, so that it
// can be kept and run later, whatever becomes of the files. It holds what the
// plan's hash covers. The lab is not a part of it: of the topology the hash
// covers the name, and the file is read when the lab is deployed.
type Copy struct {
	Format int    `json:"format"` // copyFormat
	Plan   *Plan  `json:"plan"`   // expanded
	Files  []File `json:"files"`  // the plan's own, then those that it names
	// Hashes are those of the cases, in their order. A release that reads a step
	// of an older one differently notices by them.
	Hashes []string `json:"hashes"`
}

const (
	// copyFormat is the form of an encoded Copy.
	copyFormat = 1
	// MaxCopy is how many bytes of files can be kept of one plan.
	MaxCopy = 32 << 20
)

// CopyOf is Load, with the files that were read.
func CopyOf(path string, lookup TopologyLoader) (*Copy, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("cannot read the plan: %w", err)
	}
	plan, named, err := parse(path, content, lookup)
	if err != nil {
		return nil, err
	}
	own := File{Name: filepath.Base(plan.File), Path: plan.File, Content: content}
	c := &Copy{Format: copyFormat, Plan: plan, Files: append([]File{own}, named...)}
	for i := range plan.Cases {
		c.Hashes = append(c.Hashes, plan.Cases[i].Hash())
	}
	return c, nil
}

// Encode returns the copy as bytes to keep, the same for the same copy. More
// than MaxCopy of files are an error that names the largest.
func (c *Copy) Encode() ([]byte, error) {
	total, largest := 0, &c.Files[0]
	for i := range c.Files {
		f := &c.Files[i]
		if total += len(f.Content); len(f.Content) > len(largest.Content) {
			largest = f
		}
	}
	if total > MaxCopy {
		return nil, fmt.Errorf("plan %s and the files that it names are %s; at most %s can be kept of one plan, and %s alone is %s",
			c.Plan.Name, megabytes(total), megabytes(MaxCopy), largest.Name, megabytes(len(largest.Content)))
	}
	return json.Marshal(c)
}

func megabytes(n int) string { return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20)) }

// DecodeCopy reads what Encode returned. A copy that this release would not run
// as it was made is an error.
func DecodeCopy(data []byte) (*Copy, error) {
	c := &Copy{}
	d := json.NewDecoder(bytes.NewReader(data))
	d.DisallowUnknownFields()
	if err := d.Decode(c); err != nil {
		return nil, fmt.Errorf("the copy of a plan cannot be read: %w", err)
	}
	if c.Format != copyFormat || c.Plan == nil || len(c.Files) == 0 || len(c.Hashes) != len(c.Plan.Cases) {
		return nil, fmt.Errorf("the copy of a plan is of form %d; this release knows %d", c.Format, copyFormat)
	}
	for i := range c.Plan.Cases {
		if k := &c.Plan.Cases[i]; k.Hash() != c.Hashes[i] {
			return nil, fmt.Errorf("case %s of plan %s was signed with another release, and this one reads it differently: go on with that one, or have an amendment signed", k.ID, c.Plan.Name)
		}
	}
	return c, nil
}

// Unchanged reports whether every file is still what it was.
func (c *Copy) Unchanged() bool {
	for _, f := range c.Files {
		if now, err := os.ReadFile(f.Path); err != nil || !bytes.Equal(now, f.Content) {
			return false
		}
	}
	return true
}

// Unpack writes the files into a folder, which is made, and returns the plan with
// its streams reading their captures there. Files keep the names by which the
// plan calls them; those that would lie outside the folder go into files/.
func (c *Copy) Unpack(dir string) (*Plan, error) {
	moved := map[string]string{}
	for i := range c.Files {
		path := filepath.Join(dir, c.place(i))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return nil, err
		}
		if err := os.WriteFile(path, c.Files[i].Content, 0o644); err != nil {
			return nil, err
		}
		moved[c.Files[i].Path] = path
	}
	plan := *c.Plan
	plan.Streams = maps.Clone(plan.Streams)
	for name, s := range plan.Streams {
		if s.Capture != "" {
			s.Capture = moved[s.Capture]
			plan.Streams[name] = s
		}
	}
	return &plan, nil
}

// place is where a file goes below the folder of Unpack.
func (c *Copy) place(i int) string {
	name := filepath.Clean(c.Files[i].Name)
	if filepath.IsLocal(name) && (i == 0 || name != c.Files[0].Name) {
		return name
	}
	return filepath.Join("files", fmt.Sprintf("%d-%s", i, filepath.Base(name)))
}
