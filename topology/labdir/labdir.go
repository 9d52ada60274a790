// Package labdir holds what backends do alike with the labs that they keep in a
// directory: names that stay inside it, files that are there whole or not at all,
// locks between the processes of a host, walks over all labs.
package labdir

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
)

var validName = regexp.MustCompile(`^[a-zA-Z0-9][a-zA-Z0-9._-]*$`)

// CheckName refuses names of labs and nodes that would lead out of the directory
// that they become a file of, or that containerlab does not take.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q cannot be a name: expected letters, digits, dot, dash and underscore", name)
	}
	return nil
}

// WriteJSON writes a value so that the file is there whole or not at all. Only
// its owner may read it. Two writers of one path have to take turns.
func WriteJSON(path string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
