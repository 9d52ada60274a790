package oper

import "strings"

// textColumns are where the columns of a table that FRR prints start, by their
// names. Such tables are read where FRR has no JSON of them, or JSON with less.
type textColumns map[string]int

// newTextColumns finds the columns in the heading.
func newTextColumns(heading string, names ...string) textColumns {
	columns := textColumns{}
	for _, name := range names {
		if at := strings.Index(heading, name); at >= 0 {
			columns[name] = at
		}
	}
	return columns
}

// cell is the text of a row in a column: up to the next one.
func (c textColumns) cell(row, name string) string {
	from, to := c[name], len(row)
	for _, at := range c {
		if at > from {
			to = min(to, at)
		}
	}
	if from >= to {
		return ""
	}
	return strings.TrimSpace(row[from:to])
}
