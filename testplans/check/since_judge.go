package check

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

func (s *Since) judge(c *court) {
	for _, q := range s.queries() {
		before := q
		before.ID = then + q.ID
		expected := "as in snapshot " + s.Snapshot
		old, ok := c.answer(before, s.source(), "what snapshot "+s.Snapshot+" kept")
		if !ok {
			continue
		}
		now, ok := c.answer(q, s.source(), expected)
		if !ok {
			continue
		}
		p, err := s.pair(old, now)
		if err != nil {
			c.add(q, Error, s.source(), expected, err.Error())
			continue
		}
		s.compare(c, q, p)
	}
}

// A pair is the rows of then and now.
type pair struct{ then, now rows }

// pair reads both answers. Where neither has a row there is nothing to compare.
func (s *Since) pair(old, now string) (pair, error) {
	read := s.rows
	if s.RPC == "" {
		read = s.lines
	}
	var p pair
	var err error
	if p.then, err = read(old); err != nil {
		return p, fmt.Errorf("in the snapshot, %w", err)
	}
	if p.now, err = read(now); err != nil {
		return p, err
	}
	if len(p.then.keys) == 0 && len(p.now.keys) == 0 {
		said := ""
		if p.now.said != "" {
			said = ": " + p.now.said
		}
		return p, fmt.Errorf("nothing was selected, neither then nor now%s", said)
	}
	return p, nil
}

func (s *Since) compare(c *court, q Query, p pair) {
	less, more := s.tests()
	if less {
		gone := missing(p.then, p.now)
		c.find(q, len(gone) == 0, s.source(), "all that snapshot "+s.Snapshot+" has", seenOf(gone, "gone", p.now))
	}
	if more {
		come := missing(p.now, p.then)
		c.find(q, len(come) == 0, s.source(), "nothing that snapshot "+s.Snapshot+" lacks", seenOf(come, "new", p.now))
	}
	for _, path := range s.NoDiff {
		s.noDiff(c, q, p, path)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Delta)) {
		s.delta(c, q, p, path)
	}
}

// missing are the rows that the other answer lacks.
func missing(of, from rows) []string {
	var keys []string
	for _, key := range of.keys {
		if _, there := from.at[key]; !there {
			keys = append(keys, key)
		}
	}
	return keys
}

func seenOf(keys []string, what string, now rows) string {
	switch {
	case len(keys) > 0:
		return fmt.Sprintf("%s: %s", what, some(keys))
	case now.said != "":
		return now.said
	}
	return fmt.Sprintf("%s, none %s", howMany(len(now.keys), "row"), what)
}

// noDiff compares the values of one path in the rows of the snapshot with what
// they are now. A row that is gone has not kept its value.
func (s *Since) noDiff(c *court, q Query, p pair, path string) {
	x := s.eachRow(p, path, func(old, now []string) (string, error) {
		if slices.Equal(old, now) {
			return "", nil
		}
		return fmt.Sprintf("%s, was %s", some(now), some(old)), nil
	})
	for _, key := range missing(p.then, p.now) {
		x.examined++
		x.wrong = append(x.wrong, key+" is gone")
	}
	c.findRows(q, path+" of "+s.source(), "as in snapshot "+s.Snapshot, x)
}

// delta compares the numbers of one path. Rows that have come or gone are for
// the lists to judge.
func (s *Since) delta(c *court, q Query, p pair, path string) {
	bound := s.Delta[path]
	x := s.eachRow(p, path, func(before, after []string) (string, error) {
		old, err := one(before)
		if err != nil {
			return "", err
		}
		now, err := one(after)
		if err != nil || bound.Holds(changed(bound, old, now)) {
			return "", err
		}
		return fmt.Sprintf("%g, was %g", now, old), nil
	})
	c.findRows(q, path+" of "+s.source(), "a change by "+bound.Words(), x)
}

// examination is what was found at one path of the rows that both have.
type examination struct {
	examined int      // rows that have something there
	wrong    []string // what is not as it should be, row by row
	err      error
}

// eachRow has the values of a path judged in each row that is there then and
// now. What judge says is wrong with them.
func (s *Since) eachRow(p pair, path string, judge func(old, now []string) (wrong string, err error)) (x examination) {
	for _, key := range p.then.keys {
		row, there := p.now.at[key]
		if !there {
			continue
		}
		old, err := evaluate(p.then.at[key], path)
		if err != nil {
			return examination{err: err}
		}
		now, err := evaluate(row, path)
		if err != nil {
			return examination{err: err}
		}
		if len(old)+len(now) == 0 {
			continue
		}
		x.examined++
		wrong, err := judge(old, now)
		if err != nil {
			return examination{err: fmt.Errorf("%s: %w", key, err)}
		}
		if wrong != "" {
			x.wrong = append(x.wrong, key+": "+wrong)
		}
	}
	return x
}

// findRows makes a finding of an examination.
func (c *court) findRows(q Query, subject, expected string, x examination) {
	switch {
	case x.err != nil:
		c.add(q, Error, subject, expected, x.err.Error())
	case x.examined == 0:
		c.add(q, Error, subject, expected, "nothing was selected in any row that is there then and now")
	case len(x.wrong) > 0:
		c.find(q, false, subject, expected, someOf(x.wrong, "; "))
	default:
		c.find(q, true, subject, expected, "so in "+howMany(x.examined, "row"))
	}
}

// changed is the size of a change, in the bound's dimension: as a number, or as
// a share of what was.
func changed(bound Bound, old, now float64) float64 {
	change := max(now-old, old-now)
	if bound.Dimension() == Share && change != 0 {
		return change / max(old, -old)
	}
	return change
}

// one is the one number that a path selects in a row.
func one(values []string) (float64, error) {
	if len(values) != 1 {
		return 0, fmt.Errorf("%s is not one number", some(values))
	}
	v, ok := number(values[0])
	if !ok {
		return 0, fmt.Errorf("%s is not a number", shown(values[0]))
	}
	return v, nil
}

// lines are the rows of a command's output.
func (s *Since) lines(output string) (rows, error) {
	ignore, err := regexp.Compile(s.Ignore)
	if err != nil {
		return rows{}, err
	}
	var r rows
	for line := range strings.Lines(output) {
		if line = strings.TrimSpace(line); line != "" && (s.Ignore == "" || !ignore.MatchString(line)) {
			r.addEqual(line, nil)
		}
	}
	return r, nil
}
