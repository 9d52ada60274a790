package workflows

import (
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
)

func TestOutlineSteps(t *testing.T) {
	round := func(repeat, number int) *check.Round {
		return &check.Round{Repeat: repeat, Number: number, Times: 2, Title: "Flap"}
	}
	branch := func(parallel int, name string, inRound bool) *check.Branch {
		return &check.Branch{Parallel: parallel, Name: name, InRound: inRound}
	}
	steps := []testplans.Step{
		{Title: "begin"},
		{Title: "cut", Round: round(1, 1)}, {Title: "mend", Round: round(1, 1)},
		{Title: "cut", Round: round(1, 2)}, {Title: "mend", Round: round(1, 2)},
		{Title: "upgrade", Branch: branch(1, "left", false)},
		{Title: "ping", Branch: branch(1, "right", false), Round: round(2, 1)}, {Title: "ping", Branch: branch(1, "right", false), Round: round(2, 2)},
		{Title: "look", Branch: branch(1, "right", false)},
		{Title: "a", Branch: branch(2, "left", true), Round: round(3, 1)}, {Title: "b", Branch: branch(2, "right", true), Round: round(3, 1)},
		{Title: "c", Round: round(3, 1)},
		{Title: "a", Branch: branch(3, "left", true), Round: round(3, 2)}, {Title: "b", Branch: branch(3, "right", true), Round: round(3, 2)},
		{Title: "c", Round: round(3, 2)},
		{Title: "end"},
	}
	want := `1. begin
2. Flap, 2 times:
    - cut
    - mend
3. In parallel:
    - branch left:
        - upgrade
    - branch right:
        - Flap, 2 times:
            - ping
        - look
4. Flap, 2 times:
    - In parallel:
        - branch left:
            - a
        - branch right:
            - b
    - c
5. end
`
	var b strings.Builder
	outlineSteps(&b, steps)
	if got := b.String(); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
