package activities

import (
	"errors"
	"io/fs"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/workflows/scope"
)

// Edited says how the files of a plan differ from what was signed, "" if what they
// test is the same. Files that nobody has touched are the same, also for a release
// that reads them otherwise than the one with which they were signed.
func Edited(signed *testplans.Copy, topology testplans.TopologyLoader) string {
	if signed.Unchanged() {
		return ""
	}
	now, err := testplans.Load(signed.Plan.File, topology)
	var mistakes testplans.Mistakes
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "the file is gone"
	case errors.As(err, &mistakes):
		return "it has mistakes; the first is " + mistakes[0].Pos.String() + ": " + mistakes[0].Message
	case err != nil:
		return err.Error()
	case now.Hash == signed.Plan.Hash:
		return ""
	}
	diff := scope.Compare(casesOf(signed.Plan), casesOf(now))
	if diff.Empty() {
		return "its name, type, requirements, streams or the order of its cases differ"
	}
	return diff.String()
}
