package testplans

import (
	"os"
	"path/filepath"
)

// A File is a file that a plan was read from.
type File struct {
	Name    string `json:"name"` // as the plan names it; of the plan itself, its base name
	Path    string `json:"path"` // absolute
	Content []byte `json:"content"`
}

// readFile reads a file that the plan names, relative to the plan. One that is
// named twice is read once: what is hashed, copied and used is the same.
func (d *decoder) readFile(name string) (File, error) {
	path := name
	if !filepath.IsAbs(path) {
		path = filepath.Join(filepath.Dir(d.file), path)
	}
	path, err := filepath.Abs(path)
	if err != nil {
		return File{}, err
	}
	for i := range d.files {
		if d.files[i].Path == path {
			return d.files[i], nil
		}
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return File{}, err
	}
	d.files = append(d.files, File{Name: name, Path: path, Content: content})
	return d.files[len(d.files)-1], nil
}
