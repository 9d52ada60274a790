package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/ccl-lab/ccl/testplans/results"
)

// Format names the shape of run.json. It changes only if an older reader would
// misunderstand a newer file.
const Format = "ccl-run/1"

// document is run.json: the run with its format in front.
type document struct {
	Format string `json:"format"`
	*results.Run
}

// JSON writes the run as run.json, which ReadJSON reads back.
func JSON(w io.Writer, run *results.Run) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(document{Format: Format, Run: run})
}

// ReadJSON reads what JSON wrote. A file of another format is refused.
func ReadJSON(r io.Reader) (*results.Run, error) {
	doc := document{Run: new(results.Run)}
	if err := json.NewDecoder(r).Decode(&doc); err != nil {
		return nil, fmt.Errorf("not the record of a run: %w", err)
	}
	if doc.Format != Format {
		return nil, fmt.Errorf("not the record of a run: format %q, expected %q", doc.Format, Format)
	}
	if t := doc.Topology; t != nil && (slices.Contains(t.Nodes, nil) || slices.Contains(t.Links, nil)) {
		return nil, errors.New("the topology has a node or a link that is null")
	}
	return doc.Run, nil
}
