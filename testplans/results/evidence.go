package results

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path"
	"strings"
)

// EvidenceDir is the directory of a run's evidence, beside its report and its
// run.json, so that the three can be packed and moved together.
const EvidenceDir = "evidence"

// EvidencePath is where a piece of evidence belongs below the run's evidence
// directory: case, attempt, step, and the evidence's own name, as in
// POL-001@pref=50/1/03/r4-route.xml. Attempts and steps count from 1. The same
// piece always gets the same path, so that writing it again replaces it. Every
// element is fit for a file name, a URL and a shell without quoting.
func EvidencePath(caseID string, attempt, step int, id, ext string) string {
	name := fileName(id)
	if ext != "" {
		name += "." + fileName(strings.TrimPrefix(ext, "."))
	}
	return path.Join(fileName(caseID), fmt.Sprint(attempt), fmt.Sprintf("%02d", step), name)
}

// fileName makes a path element of an ID. The brackets of a matrix case become
// one @. If anything else had to be replaced, a short hash of the ID keeps two
// IDs from meeting in one file.
func fileName(id string) string {
	plain := true
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', strings.ContainsRune("-=.,_", r):
			return r
		case r == '[':
			return '@'
		case r == ']':
			return -1
		}
		plain = false
		return '_'
	}, id)
	if plain && strings.Trim(name, ".") != "" && name[0] != '-' && len(name) <= 100 {
		return name
	}
	sum := sha256.Sum256([]byte(id))
	return strings.TrimLeft(name[:min(len(name), 100)], ".-") + "_" + hex.EncodeToString(sum[:4])
}
