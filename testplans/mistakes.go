package testplans

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/agext/levenshtein"

	"github.com/ccl-lab/ccl/topology"
)

// A Mistake is one thing wrong with a plan.
type Mistake struct {
	Pos     topology.Pos `json:"pos"`
	Message string       `json:"message"`        // what is wrong
	Hint    string       `json:"hint,omitempty"` // what would be right
}

func (m Mistake) String() string {
	s := m.Pos.String() + ": " + m.Message
	if m.Hint != "" {
		s += "\n\thint: " + m.Hint
	}
	return s
}

// Mistakes is everything that is wrong with a plan, in the order of the file.
// Load returns it as its error.
type Mistakes []Mistake

// Error lists the mistakes, each on a line of its own with its hint below.
func (m Mistakes) Error() string {
	lines := make([]string, len(m))
	for i, one := range m {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}

// sorted returns the mistakes by position, each once: a matrix makes a case,
// and with it the case's mistakes, many times over.
func (m Mistakes) sorted() Mistakes {
	slices.SortStableFunc(m, func(a, b Mistake) int {
		return cmp.Or(
			cmp.Compare(a.Pos.File, b.Pos.File),
			cmp.Compare(a.Pos.Line, b.Pos.Line),
			cmp.Compare(a.Pos.Column, b.Pos.Column),
			cmp.Compare(a.Message, b.Message))
	})
	return slices.Compact(m)
}

// nearest returns the word that the author probably meant, "" if none is near.
func nearest(word string, words []string) string {
	best, bestDistance := "", len(word)/3+2
	for _, w := range words {
		distance := levenshtein.Distance(strings.ToLower(word), strings.ToLower(w), nil)
		if distance < bestDistance {
			best, bestDistance = w, distance
		}
	}
	return best
}

// suggest makes a hint for a word that does not exist: the nearest one, or
// what there is.
func suggest(word string, words []string) string {
	if near := nearest(word, words); near != "" {
		return fmt.Sprintf("did you mean %s?", near)
	}
	if len(words) == 0 {
		return ""
	}
	return "there is " + listed(words)
}

// listed joins words as a person would, cutting long lists.
func listed(words []string) string {
	const most = 16
	if len(words) > most {
		return fmt.Sprintf("%s, … (%d in all)", strings.Join(words[:most], ", "), len(words))
	}
	return strings.Join(words, ", ")
}
