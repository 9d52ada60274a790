package check

import (
	"fmt"
	"strings"
)

// JSNAPy is one test of a JSNAPy test file: a command or an RPC, and what is
// asked of the rows that XPaths select in its reply.
//
// Every operator means what it means in JSNAPy, with these exceptions, each of
// which makes a test say more than it did:
//
//   - What selects nothing is an error, or a failure if the device says in
//     words why there is nothing. With ignore-null it is left out; a test of
//     which all was left out is skipped.
//   - An element that no row has is an error: its name may be misspelt. JSNAPy
//     lets no-diff pass where the element is missing both times.
//   - Two rows of the same id are an error; JSNAPy compares the last of them.
//     So are several rows without an id, which JSNAPy does not compare at all.
//   - Rows that are all gone fail no-diff and delta in spite of ignore-null.
//   - The number in a text is the one that the text begins with, alone or
//     before a space or percent sign: "45 degrees C". JSNAPy finds a number
//     anywhere: 2 in "2w3d", 1 in "1,234".
//   - regex must match every value; in JSNAPy the last one decides.
//   - not turns a failure into a pass, but no error: JSNAPy's not passes where
//     nothing was selected.
//   - An element's value is all text in it, and not only that before its first
//     child.
//   - A delta in percent of a negative number is one of its size.
//
// A test that asks nothing of rows compares the whole replies, leaf by leaf; the
// order and the attributes of elements do not count.
type JSNAPy struct {
	File  string `json:"file"` // as the plan names it
	Name  string `json:"name"` // of the test in the file
	Nodes Nodes  `json:"nodes"`
	RPC   string `json:"rpc,omitempty"` // whole XML
	Run   string `json:"run,omitempty"` // the command of a test in format text, when RPC is empty
	// Snapshot is what the reply is compared with, "" for none: then there are
	// only operators that need none.
	Snapshot   string      `json:"since,omitempty"`
	Selections []Selection `json:"selections,omitempty"` // none: whole replies are compared
}

// A Selection is the rows that an XPath selects in a reply, and what is asked
// of them: iterate or item of a JSNAPy test.
type Selection struct {
	XPath string    `json:"xpath"`          // relative to the reply's root element, or absolute
	Item  bool      `json:"item,omitempty"` // only the first row counts
	ID    []string  `json:"id,omitempty"`   // paths within a row that tell it from others
	Tests []RowTest `json:"tests"`
}

// A RowTest is an operator with its arguments, or and, or, not with the tests
// that they join.
type RowTest struct {
	Op    string    `json:"op"`
	Tests []RowTest `json:"tests,omitempty"` // of and, or, not

	Path       string   `json:"path,omitempty"` // within a row; list-not-less and list-not-more may have none
	Args       []string `json:"args,omitempty"`
	Err        string   `json:"err,omitempty"`  // the author's words for a failure, with {{post['path']}} in them
	Info       string   `json:"info,omitempty"` // and for a pass
	IgnoreNull bool     `json:"ignore-null,omitempty"`
}

func (*JSNAPy) kind() string { return "jsnapy" }

func (j *JSNAPy) queries() []Query { return SnapshotQueries(j.Nodes, j.RPC, j.Run) }

func (j *JSNAPy) sentence() string {
	s := fmt.Sprintf("%s in %s holds on %s", j.Name, j.File, j.Nodes)
	if j.Snapshot != "" {
		s += " since snapshot " + j.snapshot()
	}
	return s
}

// snapshot is the snapshot's name as the plan has it: what is behind it says for
// which test it was taken.
func (j *JSNAPy) snapshot() string {
	name, _, _ := strings.Cut(j.Snapshot, " (")
	return name
}

// source is what rows are selected from, in a sentence.
func (j *JSNAPy) source() string {
	if j.RPC == "" {
		return fmt.Sprintf("the output of %q", j.Run)
	}
	return RPCElement(j.RPC)
}

func (j *JSNAPy) judge(c *court) {
	for _, q := range j.queries() {
		h := hearing{test: j}
		now, ok := c.answer(q, j.source(), "an answer")
		if !ok {
			continue
		}
		then, ok := now, true
		if j.Snapshot != "" {
			before := Then(Evidence{Query: q})
			then, ok = c.answer(before.Query, j.source(), "what snapshot "+j.snapshot()+" kept")
		}
		if !ok {
			continue
		}
		for _, r := range h.rulings(then, now) {
			c.add(q, r.verdict, r.subject, r.expected, r.seen)
		}
	}
}

// A ruling is a finding before it is known on which node.
type ruling struct {
	verdict                 Verdict
	subject, expected, seen string
}

// rulings judges the replies of one node.
func (h *hearing) rulings(then, now string) []ruling {
	if len(h.test.Selections) == 0 {
		return h.whole(then, now)
	}
	if err := h.read(then, now); err != nil {
		return []ruling{{Error, h.test.source(), "an answer", err.Error()}}
	}
	var all []ruling
	for i := range h.test.Selections {
		s, err := h.selected(&h.test.Selections[i])
		if err != nil {
			all = append(all, ruling{Error, s.source(), "rows", err.Error()})
			continue
		}
		for k := range s.Tests {
			all = append(all, s.rule(&s.Tests[k]))
		}
	}
	return all
}
