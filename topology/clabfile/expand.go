package clabfile

import (
	"regexp"
	"strings"

	envsubst "github.com/a8m/envsubst/parse"

	"github.com/ccl-lab/ccl/topology"
)

// variable matches one use of the environment: $$, $NAME, ${NAME} or ${NAME:=default}.
// A digit starts no name, so that the $5$… of an encrypted password stays.
var variable = regexp.MustCompile(`\$\$|\$[A-Za-z_][A-Za-z0-9_]*|\$\{[A-Za-z_][^}\n]*\}`)

// plain matches the uses that name no default.
var plain = regexp.MustCompile(`^\$\{?([A-Za-z_][A-Za-z0-9_]*)\}?$`)

// expand substitutes the environment as containerlab does: a variable that is
// not set and has no default stays as it is written.
func expand(text string, lookup func(string) (string, bool), r *report) string {
	var b strings.Builder
	end := 0
	for _, at := range variable.FindAllStringIndex(text, -1) {
		b.WriteString(text[end:at[0]])
		end = at[1]
		value, err := expandOne(text[at[0]:at[1]], lookup)
		if err != nil {
			r.add(Problem{
				Pos:     position(r.file, text, at[0]),
				Message: text[at[0]:at[1]] + ": " + err.Error(),
				Hint:    "write ${NAME} or ${NAME:=default}",
			})
		}
		b.WriteString(value)
	}
	return b.String() + text[end:]
}

func expandOne(use string, lookup func(string) (string, bool)) (string, error) {
	if use == "$$" {
		return use, nil
	}
	if m := plain.FindStringSubmatch(use); m != nil {
		if value, set := lookup(m[1]); set {
			return value, nil
		}
		return use, nil
	}
	var env []string
	for _, name := range names.FindAllString(use, -1) {
		if value, set := lookup(name); set {
			env = append(env, name+"="+value)
		}
	}
	return envsubst.New("", env, envsubst.Relaxed).Parse(use)
}

// names matches what could be a variable's name inside braces.
var names = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)

// position converts an offset in text to a line and column.
func position(file, text string, offset int) topology.Pos {
	before := text[:offset]
	return topology.Pos{
		File:   file,
		Line:   strings.Count(before, "\n") + 1,
		Column: offset - strings.LastIndexByte(before, '\n'),
	}
}
