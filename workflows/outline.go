package workflows

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/testplans"
)

// outlineSteps lists steps as Markdown. Of a repeat it lists the steps of one
// round, and those of a parallel under the names of their branches.
func outlineSteps(b *strings.Builder, steps []testplans.Step) {
	var open []string // the headings above the step, the outermost first
	number := 0
	for i := range steps {
		if r := steps[i].Round; r != nil && r.Number > 1 {
			continue
		}
		above := headings(&steps[i])
		same := 0
		for same < len(open) && same < len(above) && open[same] == above[same] {
			same++
		}
		for depth := same; depth < len(above); depth++ {
			_, heading, _ := strings.Cut(above[depth], " ")
			number = outlineLine(b, depth, number, heading+":")
		}
		number = outlineLine(b, len(above), number, markdown(steps[i].Title))
		open = above
	}
}

// outlineLine writes a line of the list and returns the number of the last that
// has one.
func outlineLine(b *strings.Builder, depth, number int, text string) int {
	if depth > 0 {
		add(b, "%s- %s\n", strings.Repeat("    ", depth), text)
		return number
	}
	add(b, "%d. %s\n", number+1, text)
	return number + 1
}

// headings are what stands above a step: the repeat and the parallel that it is
// in, and its branch. Each begins with a key that tells it from its like.
func headings(s *testplans.Step) []string {
	var repeat, parallel []string
	if r := s.Round; r != nil {
		repeat = []string{fmt.Sprintf("r%d %s", r.Repeat, markdown(r.Heading()))}
	}
	if p := s.Branch; p != nil {
		parallel = []string{fmt.Sprintf("p%d %s", p.Parallel, markdown(p.Heading())), fmt.Sprintf("b%d branch %s", p.Parallel, markdown(p.Name))}
		if p.InRound {
			return append(repeat, parallel...)
		}
	}
	return append(parallel, repeat...)
}
