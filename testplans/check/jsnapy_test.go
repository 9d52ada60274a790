package check

import (
	"strings"
	"testing"
)

// ports is a reply with a row for each word list: "NAME STATE SPEED", of which
// "-" is an element that is not there.
func ports(all ...string) string {
	var b strings.Builder
	b.WriteString("<port-information xmlns=\"http://x/junos\">\n")
	for _, one := range all {
		b.WriteString("<port>")
		for i, name := range []string{"name", "state", "speed"} {
			if f := strings.Split(one, " "); i < len(f) && f[i] != "-" {
				b.WriteString("<" + name + ">\n" + strings.ReplaceAll(f[i], "_", " ") + "\n</" + name + ">")
			}
		}
		b.WriteString("</port>\n")
	}
	return b.String() + "<total>" + "3" + "</total></port-information>"
}

// onPorts is a JSNAPy test of every port.
func onPorts(since string, tests ...RowTest) *JSNAPy {
	return &JSNAPy{File: "ports.yml", Name: "ports", Nodes: r1, RPC: "<command>show ports</command>", Snapshot: since,
		Selections: []Selection{{XPath: "//port", ID: []string{"name"}, Tests: tests}}}
}

func rowTest(op, path string, args ...string) RowTest { return RowTest{Op: op, Path: path, Args: args} }

// A jsnapyCase is a test and what becomes of it.
type jsnapyCase struct {
	name      string
	test      *JSNAPy
	then, now string
	want      Verdict
	reason    string // a part of it
	// jsnapy is what JSNAPy 1.3.8 says where that is something else; none means
	// that it ends with an exception.
	jsnapy string
}

func judgeAll(t *testing.T, cases []jsnapyCase) {
	t.Helper()
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			spec := Spec{JSNAPy: k.test}
			evidence := answered(t, spec, k.now)
			if k.test.Snapshot != "" {
				evidence = append(evidence, snapshotted(t, spec, k.then)...)
			}
			got := Judge(&spec, evidence)
			if got.Verdict != k.want || !strings.Contains(got.Reason, k.reason) {
				t.Errorf("got %s: %s\nwant %s: … %s …", got.Verdict, got.Reason, k.want, k.reason)
			}
		})
	}
}

var twoPorts = ports("ge-0 up 100", "ge-1 up 40_degrees_C_/_104_F")

var onValues = []jsnapyCase{
	{name: "is-equal", test: onPorts("", rowTest("is-equal", "state", "up")), now: twoPorts, want: Pass, reason: "ports in ports.yml holds on r1"},
	{name: "is-equal fails", test: onPorts("", rowTest("is-equal", "state", "up")), now: ports("ge-0 up", "ge-1 down"), want: Fail,
		reason: "state of //port in show ports on r1: expected up, saw ge-1: down"},
	{name: "is-equal as text", test: onPorts("", rowTest("is-equal", "speed", "100.0")), now: ports("ge-0 up 100"), want: Fail},
	{name: "is-equal where some rows have none", test: onPorts("", rowTest("is-equal", "state", "up")), now: ports("ge-0 up", "ge-1 -"), want: Fail, reason: "ge-1: no state"},
	{name: "is-equal where no row has any", test: onPorts("", rowTest("is-equal", "stat", "up")), now: twoPorts, want: Error, reason: "no stat in 2 rows", jsnapy: "fail"},
	{name: "is-equal without rows", test: onPorts("", rowTest("is-equal", "state", "up")), now: ports(), want: Error, reason: "nothing was selected", jsnapy: "fail"},
	{name: "is-equal without rows, in words", test: onPorts("", rowTest("is-equal", "state", "up")), now: "<output>no such process</output>", want: Fail, reason: "no such process"},
	{name: "not-equal", test: onPorts("", rowTest("not-equal", "state", "down")), now: twoPorts, want: Pass},
	{name: "not-equal fails", test: onPorts("", rowTest("not-equal", "state", "down")), now: ports("ge-0 up", "ge-1 down"), want: Fail, reason: "not down"},
	{name: "exists", test: onPorts("", rowTest("exists", "state")), now: twoPorts, want: Pass},
	{name: "exists fails", test: onPorts("", rowTest("exists", "speed")), now: ports("ge-0 up 1", "ge-1 up"), want: Fail, reason: "ge-1: no speed"},
	{name: "not-exists", test: onPorts("", rowTest("not-exists", "fault")), now: twoPorts, want: Pass},
	{name: "not-exists fails", test: onPorts("", rowTest("not-exists", "speed")), now: ports("ge-0 up 1", "ge-1 up"), want: Fail, reason: "saw ge-0: 1"},
	{name: "not-exists without rows", test: onPorts("", rowTest("not-exists", "speed")), now: ports(), want: Error, reason: "nothing was selected", jsnapy: "fail"},
	{name: "contains", test: onPorts("", rowTest("contains", "name", "ge-")), now: twoPorts, want: Pass},
	{name: "contains fails", test: onPorts("", rowTest("contains", "name", "ge-1")), now: twoPorts, want: Fail, reason: "ge-0: ge-0"},
	{name: "not-contains", test: onPorts("", rowTest("not-contains", "name", "xe-")), now: twoPorts, want: Pass},
	{name: "not-contains fails", test: onPorts("", rowTest("not-contains", "name", "ge-1")), now: twoPorts, want: Fail, reason: "ge-1: ge-1"},
	{name: "is-in", test: onPorts("", rowTest("is-in", "state", "up", "testing")), now: twoPorts, want: Pass},
	{name: "is-in fails", test: onPorts("", rowTest("is-in", "state", "up", "testing")), now: ports("ge-0 down"), want: Fail, reason: "one of up, testing"},
	{name: "not-in", test: onPorts("", rowTest("not-in", "state", "down", "testing")), now: twoPorts, want: Pass},
	{name: "not-in fails", test: onPorts("", rowTest("not-in", "state", "down", "up")), now: twoPorts, want: Fail, reason: "none of down, up"},
	{name: "is-gt", test: onPorts("", rowTest("is-gt", "speed", "39")), now: twoPorts, want: Pass},
	{name: "is-gt fails at the number", test: onPorts("", rowTest("is-gt", "speed", "40")), now: twoPorts, want: Fail, reason: "more than 40"},
	{name: "is-gt of what only has a number in it", test: onPorts("", rowTest("is-gt", "speed", "1")), now: ports("ge-0 up 2w3d"), want: Error, reason: "2w3d is not a number", jsnapy: "pass"},
	{name: "is-gt of what has no number", test: onPorts("", rowTest("is-gt", "state", "1")), now: twoPorts, want: Error, reason: "up is not a number", jsnapy: "none"},
	{name: "is-lt", test: onPorts("", rowTest("is-lt", "speed", "101")), now: twoPorts, want: Pass},
	{name: "is-lt fails at the number", test: onPorts("", rowTest("is-lt", "speed", "100")), now: twoPorts, want: Fail, reason: "less than 100"},
	{name: "in-range", test: onPorts("", rowTest("in-range", "speed", "40", "100")), now: twoPorts, want: Pass},
	{name: "in-range fails", test: onPorts("", rowTest("in-range", "speed", "41", "100")), now: twoPorts, want: Fail, reason: "within 41 to 100"},
	{name: "not-range", test: onPorts("", rowTest("not-range", "speed", "41", "99")), now: twoPorts, want: Pass},
	{name: "not-range takes its ends", test: onPorts("", rowTest("not-range", "speed", "40", "100")), now: twoPorts, want: Pass},
	{name: "not-range fails", test: onPorts("", rowTest("not-range", "speed", "41", "100.5")), now: twoPorts, want: Fail, reason: "outside 41 to 100.5"},
	{name: "regex", test: onPorts("", rowTest("regex", "name", "-[01]$")), now: twoPorts, want: Pass},
	{name: "regex fails in the first row", test: onPorts("", rowTest("regex", "name", "-1$")), now: twoPorts, want: Fail, reason: "ge-0: ge-0", jsnapy: "pass"},
	{name: "all-same", test: onPorts("", rowTest("all-same", "state")), now: twoPorts, want: Pass},
	{name: "all-same fails", test: onPorts("", rowTest("all-same", "state")), now: ports("ge-0 up", "ge-1 down", "ge-2 up"), want: Fail, reason: "ge-1: down"},
	{name: "all-same as one row", test: onPorts("", rowTest("all-same", "state", `[normalize-space(name)="ge-1"]`)), now: ports("ge-0 up", "ge-1 down"), want: Fail, reason: "ge-0: up"},
	{name: "all-same as a row that is not there", test: onPorts("", rowTest("all-same", "state", `[normalize-space(name)="ge-9"]`)), now: twoPorts, want: Error, reason: "nothing to be the same as", jsnapy: "fail"},
	{name: "an absolute path is of the whole reply", test: onPorts("", rowTest("is-equal", "//total", "3")), now: twoPorts, want: Pass},
	{name: "an absolute path that begins at the root", test: onPorts("", rowTest("is-equal", "/total", "3")), now: twoPorts, want: Error,
		reason: "no /total, which begins at the reply's root and not at the row, in 2 rows", jsnapy: "fail"},
	{name: "a way out of the row", test: onPorts("", rowTest("is-equal", "../total", "3")), now: twoPorts, want: Pass},
}

func TestJSNAPyOnValues(t *testing.T) { judgeAll(t, onValues) }

func ignoring(t RowTest) RowTest {
	t.IgnoreNull = true
	return t
}

func joined(op string, tests ...RowTest) RowTest { return RowTest{Op: op, Tests: tests} }

var onNothing = []jsnapyCase{
	{name: "nothing selected", test: onPorts("", ignoring(rowTest("is-equal", "state", "up"))), now: ports(), want: Skip, reason: "nothing was selected, which ignore-null allows"},
	{name: "nothing in any row", test: onPorts("", ignoring(rowTest("is-equal", "stat", "up"))), now: twoPorts, want: Skip, reason: "no stat in 2 rows, which ignore-null allows"},
	{name: "nothing in one row", test: onPorts("", ignoring(rowTest("is-equal", "state", "up"))), now: ports("ge-0 up", "ge-1 -"), want: Pass},
	{name: "beside something", test: onPorts("", ignoring(rowTest("is-equal", "stat", "up")), rowTest("is-equal", "state", "up")), now: twoPorts, want: Pass},
	{name: "beside a failure", test: onPorts("", ignoring(rowTest("is-equal", "stat", "up")), rowTest("is-equal", "state", "down")), now: twoPorts, want: Fail},
}

func TestJSNAPyIgnoreNull(t *testing.T) { judgeAll(t, onNothing) }

var (
	up, down   = rowTest("is-equal", "state", "up"), rowTest("is-equal", "state", "down")
	misspelt   = rowTest("is-equal", "stat", "up")
	leftOut    = ignoring(misspelt)
	onJunction = []jsnapyCase{
		{name: "and", test: onPorts("", joined("and", up, rowTest("exists", "name"))), now: twoPorts, want: Pass},
		{name: "and fails", test: onPorts("", joined("and", up, down)), now: twoPorts, want: Fail, reason: "expected state up, and state down, saw state up in 2 rows; state ge-0: up; ge-1: up"},
		{name: "or", test: onPorts("", joined("or", down, up)), now: twoPorts, want: Pass},
		{name: "or fails", test: onPorts("", joined("or", down, rowTest("is-equal", "state", "testing"))), now: twoPorts, want: Fail, reason: "expected state down, or state testing"},
		{name: "not", test: onPorts("", joined("not", down)), now: twoPorts, want: Pass, reason: ""},
		{name: "not fails", test: onPorts("", joined("not", up)), now: twoPorts, want: Fail, reason: "expected not: state up"},
		{name: "not of nothing", test: onPorts("", joined("not", misspelt)), now: twoPorts, want: Error, reason: "no stat", jsnapy: "pass"},
		{name: "nested", test: onPorts("", joined("or", down, joined("and", up, joined("not", down)))), now: twoPorts, want: Pass},
		{name: "what was left out does not count", test: onPorts("", joined("and", leftOut, up)), now: twoPorts, want: Pass},
		{name: "all was left out", test: onPorts("", joined("not", leftOut)), now: twoPorts, want: Skip},
		{name: "an error beside what holds", test: onPorts("", joined("or", misspelt, up)), now: twoPorts, want: Pass},
		{name: "an error beside what fails", test: onPorts("", joined("or", misspelt, down)), now: twoPorts, want: Error, jsnapy: "fail"},
	}
)

func TestJSNAPyJunctions(t *testing.T) { judgeAll(t, onJunction) }

func TestJSNAPyItem(t *testing.T) {
	first := onPorts("", rowTest("is-equal", "state", "up"))
	first.Selections[0].Item = true
	judgeAll(t, []jsnapyCase{
		{name: "only the first row counts", test: first, now: ports("ge-0 up", "ge-1 down"), want: Pass},
		{name: "the first row fails", test: first, now: ports("ge-0 down", "ge-1 up"), want: Fail},
	})
}

func TestJSNAPyMessages(t *testing.T) {
	test := rowTest("is-equal", "state", "up")
	test.Err = `{{id_0}} was {{ pre["state"] }}, is {{post['state']}} at {{post['speed']}}, {{post["x"] }}, {{unknown}}, {{id_7}}`
	test.Info = "{{ id_0 }} and others are {{post['state']}}"
	judgeAll(t, []jsnapyCase{
		{name: "err", test: onPorts("", test), now: ports("ge-0 up", "ge-1 down 5"), want: Fail,
			reason: "saw ge-1: down: ge-1 was down, is down at 5, nothing, {{unknown}}, {{id_7}}"},
		{name: "err since", test: onPorts("before", test), then: ports("ge-1 up"), now: ports("ge-0 up", "ge-1 down 5"), want: Fail,
			reason: "saw ge-1: down: ge-1 was up, is down"},
	})
	spec := Spec{JSNAPy: onPorts("", test)}
	got := Judge(&spec, answered(t, spec, ports("ge-0 up")))
	if want := "up in 1 row: ge-0 and others are up"; got.Findings[0].Seen != want {
		t.Errorf("info: got %q, want %q", got.Findings[0].Seen, want)
	}
}
