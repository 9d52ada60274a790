package check

import (
	"errors"
	"fmt"
	"strings"

	"github.com/antchfx/xmlquery"
	"github.com/antchfx/xpath"
)

// A hearing is a JSNAPy test on one node.
type hearing struct {
	test      *JSNAPy
	then, now *replyRows // the same without a snapshot, as JSNAPy has it
}

// replyRows are what rows are selected from.
type replyRows struct {
	root *xmlquery.NodeNavigator // at the reply's first element
	said string                  // what the device answered in place of rows: "BGP is not running"
}

func (h *hearing) read(then, now string) (err error) {
	if h.now, err = readReplyRows(now); err != nil {
		return err
	}
	if h.then = h.now; h.test.Snapshot == "" {
		return nil
	}
	if h.then, err = readReplyRows(then); err != nil {
		return fmt.Errorf("in the snapshot, %w", err)
	}
	return nil
}

func readReplyRows(text string) (*replyRows, error) {
	doc, err := parseReply(text)
	if err != nil {
		return nil, err
	}
	if refused := child(doc, "//rpc-error/error-message"); refused != "" {
		return nil, fmt.Errorf("the device refused to answer: %s", refused)
	}
	root := xmlquery.CreateXPathNavigator(doc)
	for ok := root.MoveToChild(); ok && root.Current().Type != xmlquery.ElementNode; {
		ok = root.MoveToNext()
	}
	return &replyRows{root: root, said: child(doc, "/output")}, nil
}

// A selectedRow is one that was selected, from where paths within it and
// absolute ones can be followed.
type selectedRow struct {
	at    *xmlquery.NodeNavigator
	ids   []string // the values of the id's paths, "" where there is none
	label string   // what to call it among others, "" for the only one
}

// values are what a path selects, as evaluate has it.
func (r *selectedRow) values(path string) ([]string, error) { return evaluateAt(r.at, path) }

// A selection is the rows of a Selection then and now.
type selection struct {
	*Selection
	hearing   *hearing
	then, now []selectedRow
	thenBy    map[string]*selectedRow // by label
}

func (h *hearing) selected(s *Selection) (*selection, error) {
	out := &selection{Selection: s, hearing: h}
	var err error
	if out.now, err = s.rows(h.now); err != nil {
		return out, err
	}
	if out.then = out.now; h.test.Snapshot != "" {
		if out.then, err = s.rows(h.then); err != nil {
			return out, fmt.Errorf("in the snapshot, %w", err)
		}
	}
	out.thenBy = make(map[string]*selectedRow, len(out.then))
	for i := range out.then {
		out.thenBy[out.then[i].label] = &out.then[i]
	}
	return out, nil
}

// source is where the rows are, in a sentence.
func (s *selection) source() string {
	return fmt.Sprintf("%s in %s", Shorten(s.XPath, 100), s.hearing.test.source())
}

// rows selects rows in a reply: all of them, or the first.
func (s *Selection) rows(from *replyRows) (rows []selectedRow, err error) {
	expr, err := compileXPath(s.XPath)
	if err != nil {
		return nil, err
	}
	defer func() { // the library panics on some functions applied to nothing
		if p := recover(); p != nil {
			rows, err = nil, fmt.Errorf("the XPath cannot be applied to the reply: %v", p)
		}
	}()
	found, ok := expr.Evaluate(from.root.Copy()).(*xpath.NodeIterator)
	if !ok {
		return nil, errors.New("the XPath does not select elements")
	}
	for found.MoveNext() {
		r := selectedRow{at: found.Current().Copy().(*xmlquery.NodeNavigator)}
		if err := s.name(&r, len(rows)+1); err != nil {
			return nil, err
		}
		if rows = append(rows, r); s.Item {
			break
		}
	}
	if len(rows) == 1 && len(s.ID) == 0 {
		rows[0].label = ""
	}
	return rows, nil
}

// name finds out what a row is called.
func (s *Selection) name(r *selectedRow, number int) error {
	var parts []string
	for _, path := range s.ID {
		values, err := r.values(path)
		if err != nil {
			return err
		}
		id := strings.Join(values, ", ")
		if r.ids = append(r.ids, id); id != "" {
			parts = append(parts, id)
		}
	}
	r.label = strings.Join(parts, " ")
	if r.label == "" {
		r.label = fmt.Sprintf("row %d", number)
	}
	return nil
}

// says puts a row's name before what is said of it.
func (r *selectedRow) says(what string) string {
	if r.label == "" {
		return what
	}
	return r.label + ": " + what
}

// keyedRows are rows by what tells them from others.
type keyedRows struct {
	keys []string
	at   map[string]*selectedRow
}

// keyed arranges rows by their ids. Without ids there can be but one row. A row
// that lacks an id is an error, or left out with ignoreNull if it has none.
func (s *selection) keyed(rows []selectedRow, ignoreNull bool) (keyedRows, error) {
	k := keyedRows{at: map[string]*selectedRow{}}
	if len(s.ID) == 0 && len(rows) > 1 {
		return k, fmt.Errorf("%d rows, and no id to tell them apart", len(rows))
	}
	for i := range rows {
		r := &rows[i]
		key := strings.Join(r.ids, "\x00")
		missing := -1
		for n, id := range r.ids {
			if id == "" {
				missing = n
			}
		}
		switch _, there := k.at[key]; {
		case missing >= 0 && ignoreNull && strings.Trim(key, "\x00") == "":
			continue
		case missing >= 0 && !ignoreNull:
			return k, fmt.Errorf("a row has no %s to know it by: %s", s.ID[missing], excerpt(r.at.Value()))
		case there:
			return k, fmt.Errorf("two rows have the id %s; id lacks what tells them apart", r.label)
		}
		k.keys = append(k.keys, key)
		k.at[key] = r
	}
	return k, nil
}

// before finds the row of the snapshot that a row of now is to be told beside:
// the one of the same id or, without ids, at the same place.
func (s *selection) before(i int) *selectedRow {
	if len(s.ID) == 0 {
		if i < len(s.then) {
			return &s.then[i]
		}
		return nil
	}
	return s.thenBy[s.now[i].label]
}
