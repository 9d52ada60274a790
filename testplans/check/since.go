package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Since compares what nodes say now with what they said in a snapshot. The
// words are JSNAPy's. What is compared are the rows that XPath selects in an
// RPC's reply, or the lines of a command's output. Unless anything is asked of
// them, no row must have gone and none have come.
type Since struct {
	Snapshot string `json:"since"`
	// Nodes, RPC and Run are those of the snapshot; one of the latter is set.
	Nodes Nodes  `json:"nodes"`
	RPC   string `json:"rpc,omitempty"`
	Run   string `json:"run,omitempty"`

	XPath  string           `json:"xpath,omitempty"`         // of RPC: the rows
	ID     []string         `json:"id,omitempty"`            // paths within a row that tell it from others; its text when empty
	NoDiff []string         `json:"no-diff,omitempty"`       // paths within a row whose values must be as they were
	Delta  map[string]Bound `json:"delta,omitempty"`         // paths within a row, and by how much the number there may have changed
	Less   bool             `json:"list-not-less,omitempty"` // no row must have gone
	More   bool             `json:"list-not-more,omitempty"` // no row must have come
	Ignore string           `json:"ignore,omitempty"`        // of Run: a regular expression of lines that do not count
}

func (*Since) kind() string { return "since" }

func (s *Since) queries() []Query { return SnapshotQueries(s.Nodes, s.RPC, s.Run) }

// SnapshotQueries are the look-ups of a snapshot.
func SnapshotQueries(nodes Nodes, rpc, command string) []Query {
	if rpc != "" {
		return (&RPC{Nodes: nodes, Name: rpc}).queries()
	}
	return (&Command{Nodes: nodes, Run: command}).queries()
}

// then is the prefix of the IDs of evidence that is a snapshot's.
const then = "then-"

// Then marks evidence as what a snapshot kept, to be judged beside what the
// same query brings now.
func Then(e Evidence) Evidence {
	e.ID = then + e.ID
	return e
}

// JudgeSnapshot judges whether a snapshot keeps an answer to every query:
// something that can be compared with.
func JudgeSnapshot(name string, evidence []Evidence) Outcome {
	c := &court{evidence: evidence}
	for _, e := range evidence {
		subject := "snapshot " + name
		text, ok := c.answer(e.Query, subject, "an answer")
		switch {
		case !ok:
		case strings.TrimSpace(text) == "":
			c.add(e.Query, Error, subject, "an answer", "an empty output")
		default:
			c.add(e.Query, Pass, subject, "an answer", "an answer")
		}
	}
	return conclude(fmt.Sprintf("%s kept as snapshot %s", howMany(len(evidence), "answer"), name), c.findings)
}

// tests are what is asked of the rows, with what nobody asked for written out.
func (s *Since) tests() (less, more bool) {
	if len(s.NoDiff) == 0 && len(s.Delta) == 0 && !s.Less && !s.More {
		return true, true
	}
	return s.Less, s.More
}

// source is what is compared, in a sentence.
func (s *Since) source() string {
	if s.RPC == "" {
		return fmt.Sprintf("the output of %q", s.Run)
	}
	return (&RPC{Name: s.RPC, XPath: s.XPath}).subject()
}

func (s *Since) sentence() string {
	var parts []string
	less, more := s.tests()
	switch {
	case less && more:
		parts = append(parts, "nothing has gone and nothing has come")
	case less:
		parts = append(parts, "nothing has gone")
	case more:
		parts = append(parts, "nothing has come")
	}
	if len(s.NoDiff) > 0 {
		verb := "has"
		if len(s.NoDiff) > 1 {
			verb = "have"
		}
		parts = append(parts, conjoined(s.NoDiff)+" "+verb+" not changed")
	}
	for _, path := range slices.Sorted(maps.Keys(s.Delta)) {
		parts = append(parts, fmt.Sprintf("%s has changed by %s", path, s.Delta[path].Words()))
	}
	return fmt.Sprintf("%s since snapshot %s, in %s on %s", conjoined(parts), s.Snapshot, s.source(), s.Nodes)
}

// howMany is a number with its noun: "1 row", "3 rows".
func howMany(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
