package activities

import (
	"errors"
	"io/fs"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// Edited says how a plan file differs from the plan that was signed, "" if what
// it tests is the same.
func Edited(signed *testplans.Plan, file string, topology testplans.TopologyLoader) string {
	now, err := testplans.Load(file, topology)
	var mistakes testplans.Mistakes
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file is gone"
	case errors.As(err, &mistakes):
		return "it has mistakes; the first is " + mistakes[0].Pos.String() + ": " + mistakes[0].Message
	case err != nil:
		return err.Error()
	case now.Hash == signed.Hash:
		return ""
	}
	diff := scope.Compare(casesOf(signed), casesOf(now))
	if diff.Empty() {
		return "its name, type, requirements, streams or the order of its cases differ"
	}
	return diff.String()
}
