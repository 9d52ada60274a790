package check

import (
	"fmt"
	"slices"
)

// ruleSince compares the rows of now with those of the snapshot, by their ids.
func (s *selection) ruleSince(t *RowTest, op JSNAPyOperator, r ruling) ruling {
	if len(s.then)+len(s.now) == 0 {
		return r.nothing(t, s.hearing.now.said, "nothing was selected, neither then nor now")
	}
	then, err := s.keyed(s.then, t.IgnoreNull)
	if err != nil {
		return r.is(Error, "in the snapshot, "+err.Error())
	}
	now, err := s.keyed(s.now, t.IgnoreNull)
	if err != nil {
		return r.is(Error, err.Error())
	}
	x := comparison{test: t, then: then, now: now}
	switch {
	case op.Name == "list-not-less" && len(then.keys) == 0:
		return r.nothing(t, "", "nothing was selected in the snapshot")
	case op.Name == "list-not-more" && len(now.keys) == 0:
		return r.nothing(t, s.hearing.now.said, "nothing was selected")
	}
	switch op.Name {
	case "list-not-less":
		x.lists(then, now, "gone", func(key string) string { return x.failure(key, then.at[key], nil, "is gone") })
	case "list-not-more":
		x.lists(now, then, "new", func(key string) string { return x.failure(key, nil, now.at[key], "is new") })
	case "no-diff":
		x.same()
	case "delta":
		x.delta()
	}
	return x.ruling(r)
}

// A comparison gathers what is wrong with rows since a snapshot.
type comparison struct {
	test      *RowTest
	then, now keyedRows
	examined  int      // rows in which there was something to compare
	wrong     []string // what is not as it should be, row by row
	err       error
	example   string // the author's words for a row that is as it should be
}

func (x *comparison) ruling(r ruling) ruling {
	switch {
	case x.err != nil:
		return r.is(Error, x.err.Error())
	case len(x.wrong) > 0:
		return r.is(Fail, someOf(x.wrong, "; "))
	case x.examined == 0:
		return r.nothing(x.test, "", x.test.none()+" in any row, neither then nor now")
	}
	seen := "so in " + howMany(x.examined, "row")
	if x.example != "" {
		seen += ": " + x.example
	}
	return r.is(Pass, seen)
}

// failure is what is wrong with a row, in our words and in the author's.
func (x *comparison) failure(key string, then, now *selectedRow, seen string) string {
	name := ""
	for _, r := range []*selectedRow{now, then} {
		if r != nil {
			name = r.label
		}
	}
	if name != "" {
		seen = name + ": " + seen
	}
	return said(seen, x.test.Err, then, now)
}

// holds notes a row that is as it should be.
func (x *comparison) holds(then, now *selectedRow) {
	if x.examined++; x.example == "" && x.test.Info != "" {
		x.example = shown(render(x.test.Info, then, now))
	}
}

// lists has every row of one side be on the other, with every value that its
// path selects.
func (x *comparison) lists(of, in keyedRows, what string, missing func(key string) string) {
	for _, key := range of.keys {
		row, there := in.at[key]
		if !there {
			x.wrong = append(x.wrong, missing(key))
			continue
		}
		then, now := x.then.at[key], x.now.at[key]
		if x.test.Path == "" {
			x.holds(then, now)
			continue
		}
		must, has, err := bothValues(of.at[key], row, x.test.Path)
		if err != nil {
			x.err = err
			return
		}
		if len(must) == 0 {
			continue
		}
		lacking := slices.DeleteFunc(must, func(v string) bool { return slices.Contains(has, v) })
		if len(lacking) > 0 {
			x.wrong = append(x.wrong, x.failure(key, then, now, fmt.Sprintf("%s: %s", what, some(lacking))))
			continue
		}
		x.holds(then, now)
	}
}

func bothValues(a, b *selectedRow, path string) (ofA, ofB []string, err error) {
	if ofA, err = a.values(path); err != nil {
		return nil, nil, err
	}
	ofB, err = b.values(path)
	return ofA, ofB, err
}

// same has every row be there then and now, with the same values.
func (x *comparison) same() {
	x.each(func(old, now []string) (string, error) {
		if slices.Equal(old, now) {
			return "", nil
		}
		return fmt.Sprintf("%s, was %s", some(now), some(old)), nil
	})
}

// delta has every row be there then and now, with numbers that changed by no
// more than allowed.
func (x *comparison) delta() {
	allowed, err := parseDelta(x.test.Args[0])
	if err != nil {
		x.err = err
		return
	}
	x.each(func(old, now []string) (string, error) {
		if len(old) != len(now) {
			return fmt.Sprintf("%s, was %s", some(now), some(old)), nil
		}
		for i := range old {
			before, err := firstNumber(old[i])
			if err != nil {
				return "", err
			}
			after, err := firstNumber(now[i])
			if err != nil {
				return "", err
			}
			if !allowed.holds(before, after) {
				return fmt.Sprintf("%g, was %g", after, before), nil
			}
		}
		return "", nil
	})
}

// each judges the values of the path in every row, then and now. A row that is
// not there both times is wrong.
func (x *comparison) each(judge func(old, now []string) (wrong string, err error)) {
	for _, key := range union(x.then.keys, x.now.keys) {
		then, now := x.then.at[key], x.now.at[key]
		switch {
		case now == nil:
			x.wrong = append(x.wrong, x.failure(key, then, nil, "is gone"))
			continue
		case then == nil:
			x.wrong = append(x.wrong, x.failure(key, nil, now, "is new"))
			continue
		}
		was, is, err := bothValues(then, now, x.test.Path)
		if err != nil {
			x.err = err
			return
		}
		if len(was)+len(is) == 0 {
			continue
		}
		wrong, err := judge(was, is)
		switch {
		case err != nil:
			x.err = fmt.Errorf("%s", now.says(err.Error()))
			return
		case wrong != "":
			x.wrong = append(x.wrong, x.failure(key, then, now, wrong))
		default:
			x.holds(then, now)
		}
	}
}

// union is the keys of both, in the order of the first, then of the second.
func union(a, b []string) []string {
	return unique(slices.Concat(a, b))
}
