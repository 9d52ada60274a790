// Package starter makes the first files of a user's own: a topology with its
// configurations, a plan for a topology, an engagement about plans. Each is valid
// and works as it is, and says in comments what can be made of it.
package starter

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

//go:embed files/*.tmpl
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{"yaml": yamlText}).ParseFS(files, "files/*.tmpl"))

// A File is a file that is to be written.
type File struct {
	Path string
	Text string
}

// An ExistsError names a file that is there already and would be lost.
type ExistsError struct{ Path string }

func (e *ExistsError) Error() string { return e.Path + " is there already" }

// Write writes files, and makes their folders. If one is there already it writes
// none and returns an *ExistsError, unless it may overwrite.
func Write(all []File, overwrite bool) error {
	for _, f := range all {
		_, err := os.Lstat(f.Path)
		if err == nil && !overwrite {
			return &ExistsError{f.Path}
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	for _, f := range all {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(f.Path, []byte(f.Text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// fill fills a template in.
func fill(name, path string, data any) (File, error) {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name+".tmpl", data); err != nil {
		return File{}, fmt.Errorf("starter %s: %w", name, err)
	}
	return File{Path: path, Text: b.String()}, nil
}

// nameOf is a name made of a file's: pair of labs/pair.clab.yml.
func nameOf(path, otherwise string) string {
	name := filepath.Base(path)
	for _, ext := range []string{".yml", ".yaml", ".clab"} {
		name = strings.TrimSuffix(name, ext)
	}
	name = strings.Trim(unfit.ReplaceAllString(name, "-"), "-.")
	if name == "" || !letter.MatchString(name) {
		return otherwise
	}
	return name
}

var (
	unfit  = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
	letter = regexp.MustCompile(`^[A-Za-z]`)
	plain  = regexp.MustCompile(`^[A-Za-z.][A-Za-z0-9 ._/–-]*$`)
	words  = []string{"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
)

// yamlText is a text as YAML has it, in quotes where it would be something else
// without.
func yamlText(text string) string {
	if plain.MatchString(text) && strings.TrimSpace(text) == text && !slices.Contains(words, strings.ToLower(text)) {
		return text
	}
	return fmt.Sprintf("%q", text)
}

// from is a path as a file at another one names it: relative, if it can be.
func from(file, path string) string {
	dir, err := filepath.Abs(filepath.Dir(file))
	if err != nil {
		return path
	}
	abs, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if relative, err := filepath.Rel(dir, abs); err == nil {
		return filepath.ToSlash(relative)
	}
	return abs
}
