package check

import (
	"fmt"
	"strings"
)

// ruleRows judges the rows of now, each for itself.
func (s *selection) ruleRows(t *RowTest, op JSNAPyOperator, r ruling) ruling {
	if len(s.now) == 0 {
		return r.nothing(t, s.hearing.now.said, "nothing was selected")
	}
	switch t.Op {
	case "exists", "not-exists":
		return s.rulePresence(t, r)
	case "all-same":
		return s.ruleSame(t, r)
	}
	return s.ruleEach(t, r, func(v string) (bool, error) { return op.each(v, t.Args) })
}

// rulePresence judges whether every row has an element, or none has it.
func (s *selection) rulePresence(t *RowTest, r ruling) ruling {
	var wrong []string
	for i := range s.now {
		row := &s.now[i]
		values, err := row.values(t.Path)
		if err != nil {
			return r.is(Error, err.Error())
		}
		switch there := len(values) > 0; {
		case there == (t.Op == "exists"):
		case there:
			wrong = append(wrong, s.failure(t, i, some(values)))
		default:
			wrong = append(wrong, s.failure(t, i, "no "+t.Path))
		}
	}
	return s.conclude(t, r, wrong, "so in "+howMany(len(s.now), "row"))
}

// ruleEach judges the values of a path in every row.
func (s *selection) ruleEach(t *RowTest, r ruling, holds func(string) (bool, error)) ruling {
	var all, wrong, lacking []string
	for i := range s.now {
		values, err := s.now[i].values(t.Path)
		if err != nil {
			return r.is(Error, err.Error())
		}
		if len(values) == 0 && !t.IgnoreNull {
			lacking = append(lacking, s.failure(t, i, "no "+t.Path))
		}
		for _, v := range values {
			ok, err := holds(v)
			if err != nil {
				return r.is(Error, s.now[i].says(err.Error()))
			}
			if !ok {
				wrong = append(wrong, s.failure(t, i, shown(v)))
			}
		}
		all = append(all, values...)
	}
	if len(all) == 0 {
		return r.nothing(t, "", t.none()+" in "+howMany(len(s.now), "row"))
	}
	return s.conclude(t, r, append(wrong, lacking...), fmt.Sprintf("%s in %s", some(unique(all)), howMany(len(s.now), "row")))
}

// none says that a path selects nothing, and why it may not.
func (t *RowTest) none() string {
	if strings.HasPrefix(t.Path, "/") && !strings.HasPrefix(t.Path, "//") {
		return "no " + t.Path + ", which begins at the reply's root and not at the row,"
	}
	return "no " + t.Path
}

// ruleSame judges whether a path has one value in all rows: that of the first
// row which has one, or of the row that an argument says: [name = "ge-0/0/0"].
func (s *selection) ruleSame(t *RowTest, r ruling) ruling {
	wanted, err := s.reference(t)
	if err != nil {
		return r.is(Error, err.Error())
	}
	if wanted == nil {
		return r.nothing(t, "", "nothing to be the same as")
	}
	return s.ruleEach(t, r, func(v string) (bool, error) { return v == wanted[0], nil })
}

func (s *selection) reference(t *RowTest) ([]string, error) {
	rows := s.now
	if len(t.Args) > 0 {
		those := Selection{XPath: s.XPath + t.Args[0]}
		var err error
		if rows, err = those.rows(s.hearing.now); err != nil {
			return nil, err
		}
	}
	for i := range rows {
		if values, err := rows[i].values(t.Path); err != nil || len(values) > 0 {
			return values, err
		}
	}
	return nil, nil
}

// failure is what is wrong with a row, in our words and in the author's.
func (s *selection) failure(t *RowTest, row int, seen string) string {
	return said(s.now[row].says(seen), t.Err, s.before(row), &s.now[row])
}

// conclude makes a ruling of what is wrong with rows.
func (s *selection) conclude(t *RowTest, r ruling, wrong []string, seen string) ruling {
	if len(wrong) > 0 {
		return r.is(Fail, someOf(wrong, "; "))
	}
	return r.is(Pass, said(seen, t.Info, s.before(0), &s.now[0]))
}
