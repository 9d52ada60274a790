package check

import (
	"testing"
)

var (
	noDiff  = rowTest("no-diff", "state")
	notLess = RowTest{Op: "list-not-less"}
	notMore = RowTest{Op: "list-not-more"}
)

func sincePorts(tests ...RowTest) *JSNAPy { return onPorts("before", tests...) }

// byID is since with another id.
func byID(id []string, tests ...RowTest) *JSNAPy {
	j := sincePorts(tests...)
	j.Selections[0].ID = id
	return j
}

var onSnapshots = []jsnapyCase{
	{name: "no-diff", test: sincePorts(noDiff), then: ports("a up", "b down"), now: ports("b down", "a up"), want: Pass, reason: "holds on r1 since snapshot before"},
	{name: "no-diff fails", test: sincePorts(noDiff), then: ports("a up", "b down"), now: ports("a up", "b up"), want: Fail, reason: "expected what it was, saw b: up, was down"},
	{name: "no-diff of what is gone", test: sincePorts(noDiff), then: ports("a up", "b up"), now: ports("a up"), want: Fail, reason: "b: is gone"},
	{name: "no-diff of what is new", test: sincePorts(noDiff), then: ports("a up"), now: ports("a up", "b up"), want: Fail, reason: "b: is new"},
	{name: "no-diff where there is nothing", test: sincePorts(rowTest("no-diff", "stat")), then: twoPorts, now: twoPorts, want: Error, reason: "no stat in any row, neither then nor now", jsnapy: "pass"},
	{name: "no-diff where one row has nothing", test: sincePorts(rowTest("no-diff", "speed")), then: ports("a up", "b up 1"), now: ports("a up", "b up 1"), want: Pass, reason: ""},
	{name: "no-diff of what the row has no more", test: sincePorts(rowTest("no-diff", "speed")), then: ports("a up 1"), now: ports("a up"), want: Fail, reason: "nothing, was 1"},
	{name: "no-diff, all gone", test: sincePorts(ignoring(noDiff)), then: twoPorts, now: ports(), want: Fail, reason: "is gone", jsnapy: "skip"},
	{name: "no-diff, all gone, not ignored", test: sincePorts(noDiff), then: twoPorts, now: ports(), want: Fail, reason: "is gone"},
	{name: "no-diff, neither then nor now", test: sincePorts(noDiff), then: ports(), now: ports(), want: Error, reason: "neither then nor now", jsnapy: "fail"},
	{name: "no-diff, neither then nor now, in words", test: sincePorts(noDiff), then: "<output>no</output>", now: "<output>not running</output>", want: Fail, reason: "not running"},
	{name: "no-diff, neither then nor now, ignored", test: sincePorts(ignoring(noDiff)), then: ports(), now: ports(), want: Skip},
	{name: "no-diff by two ids", test: byID([]string{"name", "state"}, rowTest("no-diff", "speed")), then: ports("a up 1", "a down 2"), now: ports("a down 2", "a up 1"), want: Pass},
	{name: "no-diff without id", test: byID(nil, rowTest("no-diff", "state")), then: twoPorts, now: twoPorts, want: Error, reason: "2 rows, and no id to tell them apart", jsnapy: "skip"},
	{name: "no-diff without id in one row", test: byID(nil, rowTest("no-diff", "state")), then: ports("a up"), now: ports("a down"), want: Fail, reason: "saw down, was up", jsnapy: "skip"},
	{name: "an id twice", test: byID([]string{"state"}, noDiff), then: ports("a up", "b up"), now: ports("a up", "b up"), want: Error, reason: "two rows have the id up", jsnapy: "pass"},
	{name: "no id in a row", test: sincePorts(noDiff), then: ports("a up", "- up"), now: ports("a up", "- up"), want: Error, reason: "a row has no name", jsnapy: "none"},
	{name: "no id in a row, ignored", test: sincePorts(ignoring(noDiff)), then: ports("a up", "- up"), now: ports("a up", "- down"), want: Pass},

	{name: "list-not-less", test: sincePorts(notLess), then: ports("a up"), now: ports("b up", "a down"), want: Pass},
	{name: "list-not-less fails", test: sincePorts(notLess), then: ports("a up", "b up"), now: ports("b up"), want: Fail, reason: "expected all that was there, saw a: is gone", jsnapy: "none"},
	{name: "list-not-less of nothing", test: sincePorts(notLess), then: ports(), now: ports("b up"), want: Error, reason: "nothing was selected in the snapshot", jsnapy: "fail"},
	{name: "list-not-less of nothing, ignored", test: sincePorts(ignoring(notLess)), then: ports(), now: ports("b up"), want: Skip},
	{name: "list-not-less, all gone", test: sincePorts(ignoring(notLess)), then: ports("b up"), now: ports(), want: Fail, reason: "b: is gone", jsnapy: "none"},
	{name: "list-not-less of values", test: sincePorts(rowTest("list-not-less", "state")), then: ports("a up"), now: ports("a up"), want: Pass},
	{name: "list-not-less of values fails", test: sincePorts(rowTest("list-not-less", "state")), then: ports("a up"), now: ports("a down"), want: Fail, reason: "a: gone: up"},
	{name: "list-not-less of values in no row", test: sincePorts(rowTest("list-not-less", "stat")), then: twoPorts, now: twoPorts, want: Error, reason: "no stat in any row", jsnapy: "pass"},
	{name: "list-not-less of values that have come", test: sincePorts(rowTest("list-not-less", "state")), then: ports("a", "b up"), now: ports("a up", "b up"), want: Pass},

	{name: "list-not-more", test: sincePorts(notMore), then: ports("a up", "b up"), now: ports("b up"), want: Pass},
	{name: "list-not-more fails", test: sincePorts(notMore), then: ports("a up"), now: ports("a up", "b up"), want: Fail, reason: "expected nothing that was not there, saw b: is new", jsnapy: "none"},
	{name: "list-not-more of nothing", test: sincePorts(notMore), then: ports("b up"), now: ports(), want: Error, reason: "nothing was selected", jsnapy: "fail"},
	{name: "list-not-more of nothing, ignored", test: sincePorts(ignoring(notMore)), then: ports("b up"), now: ports(), want: Skip},
	{name: "list-not-more of values fails", test: sincePorts(rowTest("list-not-more", "state")), then: ports("a up"), now: ports("a down"), want: Fail, reason: "a: new: down"},

	{name: "without a snapshot", test: onPorts("", noDiff), now: twoPorts, want: Error, reason: "no snapshot to compare with", jsnapy: "skip"},
	{name: "is-equal beside a snapshot is of now", test: sincePorts(up), then: ports("a down"), now: ports("a up"), want: Pass},
}

func TestJSNAPySince(t *testing.T) { judgeAll(t, onSnapshots) }

var onDeltas = []jsnapyCase{
	{name: "a number, both ways", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 100", "b up 100"), now: ports("a up 105", "b up 95"), want: Pass},
	{name: "a number, up", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 100"), now: ports("a up 106"), want: Fail, reason: "expected a change within 5, saw a: 106, was 100"},
	{name: "a number, down", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 100"), now: ports("a up 94"), want: Fail},
	{name: "+ a number", test: sincePorts(rowTest("delta", "speed", "+5")), then: ports("a up 100"), now: ports("a up 105"), want: Pass},
	{name: "+ a number, up", test: sincePorts(rowTest("delta", "speed", "+5")), then: ports("a up 100"), now: ports("a up 106"), want: Fail},
	{name: "+ a number, down", test: sincePorts(rowTest("delta", "speed", "+5")), then: ports("a up 100"), now: ports("a up 99"), want: Fail},
	{name: "- a number", test: sincePorts(rowTest("delta", "speed", "-5")), then: ports("a up 100"), now: ports("a up 95"), want: Pass},
	{name: "- a number, up", test: sincePorts(rowTest("delta", "speed", "-5")), then: ports("a up 100"), now: ports("a up 101"), want: Fail},
	{name: "- a number, down", test: sincePorts(rowTest("delta", "speed", "-5")), then: ports("a up 100"), now: ports("a up 94"), want: Fail},
	{name: "a share, both ways", test: sincePorts(rowTest("delta", "speed", "10%")), then: ports("a up 50", "b up 50"), now: ports("a up 55", "b up 45"), want: Pass},
	{name: "a share, up", test: sincePorts(rowTest("delta", "speed", "10%")), then: ports("a up 50"), now: ports("a up 55.1"), want: Fail},
	{name: "a share, down", test: sincePorts(rowTest("delta", "speed", "10%")), then: ports("a up 50"), now: ports("a up 44.9"), want: Fail},
	{name: "+ a share, up", test: sincePorts(rowTest("delta", "speed", "+10%")), then: ports("a up 50"), now: ports("a up 56"), want: Fail},
	{name: "+ a share, down is free", test: sincePorts(rowTest("delta", "speed", "+10%")), then: ports("a up 50"), now: ports("a up 1"), want: Pass},
	{name: "- a share, down", test: sincePorts(rowTest("delta", "speed", "-10%")), then: ports("a up 50"), now: ports("a up 44"), want: Fail},
	{name: "- a share, up is free", test: sincePorts(rowTest("delta", "speed", "-10%")), then: ports("a up 50"), now: ports("a up 500"), want: Pass},
	{name: "a share of a negative number", test: sincePorts(rowTest("delta", "speed", "10%")), then: ports("a up -50"), now: ports("a up -54"), want: Pass, jsnapy: "fail"},
	{name: "a number with its unit", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 100_Mbit/s"), now: ports("a up 102_Mbit/s"), want: Pass},
	{name: "no number", test: sincePorts(rowTest("delta", "state", "5")), then: ports("a up"), now: ports("a up"), want: Error, reason: "a: up is not a number", jsnapy: "none"},
	{name: "gone", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 1", "b up 1"), now: ports("a up 1"), want: Fail, reason: "b: is gone"},
	{name: "new", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 1"), now: ports("a up 1", "b up 1"), want: Fail, reason: "b: is new"},
	{name: "the row has it no more", test: sincePorts(rowTest("delta", "speed", "5")), then: ports("a up 1"), now: ports("a up"), want: Fail, reason: "nothing, was 1"},
	{name: "in no row", test: sincePorts(rowTest("delta", "spee", "5")), then: ports("a up 1"), now: ports("a up 1"), want: Error, reason: "no spee in any row", jsnapy: "fail"},
	{name: "in no row, ignored", test: sincePorts(ignoring(rowTest("delta", "spee", "5"))), then: ports("a up 1"), now: ports("a up 1"), want: Skip},
}

func TestJSNAPyDelta(t *testing.T) { judgeAll(t, onDeltas) }

func TestJSNAPyWholeReplies(t *testing.T) {
	whole := &JSNAPy{File: "all.yml", Name: "all", Nodes: r1, RPC: "<command>show ports</command>", Snapshot: "before"}
	text := &JSNAPy{File: "all.yml", Name: "all", Nodes: r1, Run: "show ports", Snapshot: "before"}
	judgeAll(t, []jsnapyCase{
		{name: "the same", test: whole, then: twoPorts, now: twoPorts, want: Pass},
		{name: "attributes do not count", test: whole, then: `<a x="1"><b>1</b></a>`, now: `<a x="2"><b y="3"> 1 </b></a>`, want: Pass},
		{name: "changed", test: whole, then: ports("a up"), now: ports("a down"), want: Fail, reason: "saw gone: port-information/port/state: up (and 1 more)"},
		{name: "new", test: whole, then: ports("a up"), now: ports("a up", "a up"), want: Fail, reason: "new: port-information/port/name: a (2)"},
		{name: "an empty element", test: whole, then: "<a><b/></a>", now: "<a/>", want: Fail, reason: "gone: a/b"},
		{name: "text", test: text, then: "a up\n", now: "\na up\n", want: Pass},
		{name: "text changed", test: text, then: "a up\n", now: "a down\n", want: Fail, reason: `the output of "show ports" on r1`},
		{name: "no text", test: text, then: "\n", now: "\n", want: Error},
	})
}

func TestCheckDelta(t *testing.T) {
	for _, right := range []string{"5", "+5", "-5", "10%", "+10 %", "-0.5%"} {
		if err := CheckDelta(right); err != nil {
			t.Errorf("%q: %v", right, err)
		}
	}
	for _, wrong := range []string{"", "five", "5%%", "+-5", "10 Mbps", "5-"} {
		if CheckDelta(wrong) == nil {
			t.Errorf("%q: no error", wrong)
		}
	}
}
