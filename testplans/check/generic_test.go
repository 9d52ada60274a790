package check

import "testing"

func TestJudgeRPC(t *testing.T) {
	spec := func(xpath, op string, args ...string) Spec {
		return Spec{RPC: &RPC{Nodes: r1, Name: "get-route-information", XPath: xpath, Test: Test{Op: op, Args: args}}}
	}
	const pref = "//rt[rt-destination='203.0.113.0/24']/rt-entry/local-preference"
	const protocols = "//protocol-name"
	for _, j := range []judgement{
		{"equal", spec(pref, "is-equal", "200"), "", Pass, "local-preference in get-route-information on r1 is 200"},
		{"equal as numbers", spec(pref, "is-equal", "200.0"), "", Pass, ""},
		{"not equal", spec(pref, "is-equal", "50"), "", Fail, "expected 50, saw 200"},
		{"equal for one of several", spec(protocols, "is-equal", "OSPF"), "", Fail, "saw BGP, Static (3 of 4 values)"},
		{"not-equal", spec(protocols, "not-equal", "RIP"), "", Pass, ""},
		{"is-gt", spec(pref, "is-gt", "199"), "", Pass, ""},
		{"is-gt of text", spec(protocols, "is-gt", "1"), "", Fail, ""},
		{"is-lt", spec(pref, "is-lt", "200"), "", Fail, "expected less than 200, saw 200"},
		{"in-range", spec(pref, "in-range", "100..200"), "", Pass, "within 100 to 200"},
		{"in-range of two", spec(pref, "in-range", "100", "150"), "", Fail, ""},
		{"not-range", spec(pref, "not-range", "1..10"), "", Pass, ""},
		{"not-range of text", spec(protocols, "not-range", "1..10"), "", Fail, ""},
		{"contains", spec("//as-path", "contains", "65004"), "", Pass, ""},
		{"is-in", spec(protocols, "is-in", "OSPF", "BGP", "Static"), "", Pass, ""},
		{"is-in not", spec(protocols, "is-in", "OSPF", "BGP"), "", Fail, "saw Static"},
		{"not-in", spec(protocols, "not-in", "RIP", "IS-IS"), "", Pass, ""},
		{"exists", spec(pref, "exists"), "", Pass, ""},
		{"exists not", spec("//nothing", "exists"), "", Fail, "saw nothing"},
		{"not-exists", spec("//nothing", "not-exists"), "", Pass, ""},
		{"not-exists not", spec(pref, "not-exists"), "", Fail, "saw 200"},
		{"all-same", spec("//table-name", "all-same"), "", Pass, ""},
		{"all-same not", spec(protocols, "all-same"), "", Fail, "saw OSPF, BGP, Static"},
		{"count", spec(protocols, "count", "4"), "", Pass, ""},
		{"count none", spec("//nothing", "count", "0"), "", Pass, ""},
		{"count short", spec(protocols, "count", ">= 5"), "", Fail, "expected at least 5 of them"},
		{"no operator", spec(pref, ""), "", Pass, ""},
		{"nothing selected", spec("//nothing", ""), "", Error, "nothing was selected"},
		{"a misspelt element", spec("//rt/rt-entries/preference", "is-equal", "1"), "", Error, "nothing was selected: there is no rt-entries in the reply, but rt-entry"},
		{"another misspelt element", spec("//rt[rt-destinaton='10.0.0.0/8' and count(rt-entry) > 0]/@junos:style", ""), "", Error, "there is no rt-destinaton in the reply, but rt-destination"},
		{"a value that is not there", spec("//rt[rt-destination='10.9.9.0/24']/rt-entry/protocol-name", ""), "", Error, "saw nothing was selected"},
		{"nothing to compare", spec("//nothing", "not-equal", "1"), "", Error, "nothing was selected: there is no nothing in the reply"},
		{"nothing is all the same", spec("//nothing", "all-same"), "", Error, "nothing was selected"},
		{"function", spec("count(//rt)", "is-equal", "3"), "", Pass, ""},
		{"condition", spec("//med > 5", ""), "", Pass, ""},
		{"condition not", spec("//med > 9", ""), "", Fail, "saw false"},
		{"text of nothing", spec("string(//nothing)", "not-equal", "x"), "", Error, "nothing was selected"},
		{"sum", spec("sum(//metric)", "is-equal", "3"), "", Pass, ""},
		{"sum of nothing", spec("sum(//input-errors) < 1", ""), "", Error, "nothing was selected"},
		{"not a number", spec("number(//nothing)", "not-equal", "5"), "", Error, "nothing was selected"},
		{"not-contains", spec("//as-path", "not-contains", "65005"), "", Pass, ""},
		{"regex", spec("//as-path", "regex", "^6500[0-9]"), "", Pass, ""},
		{"regex fails", spec("//as-path", "regex", "^6501"), "", Fail, "text that matches /^6501/"},
		{"absolute", spec("/route-information/route-table/table-name", "is-equal", "inet.0"), "", Pass, ""},
		{"unknown operator", spec(pref, "is-about", "1"), "", Error, "no operator"},
		{"operator without its value", spec(pref, "is-equal"), "", Error, "lacks its value"},
		{"wrong XPath", spec("//[", "exists"), "", Error, ""},
		{"refused", spec("//nothing", "not-exists"), "refused.xml", Error, "syntax error"},
		{"not running", spec("//bgp-peer", "not-exists"), "not-running.xml", Fail, "BGP is not running"},
		{"words instead of XML", spec("//bgp-peer", "not-exists"), "error: timeout", Error, "not XML"},
	} {
		if j.replies == "" {
			j.replies = "route-brief.xml"
		}
		t.Run(j.name, j.run)
	}
}

func TestJudgeCommand(t *testing.T) {
	spec := func(matches, op string, args ...string) Spec {
		return Spec{Command: &Command{Nodes: r1, Run: "show system uptime", Matches: matches, Test: Test{Op: op, Args: args}}}
	}
	const output = "Current time: 2026-11-23\nSystem booted: 3 days ago, load 12\n"
	for _, j := range []judgement{
		{"match", spec(`booted: \d+ days`, ""), output, Pass, ""},
		{"no match", spec(`weeks`, ""), output, Fail, "no match in: Current time"},
		{"group", spec(`booted: (\d+) days`, "is-gt", "2"), output, Pass, ""},
		{"group wrong", spec(`booted: (\d+) days`, "is-gt", "3"), output, Fail, "expected more than 3, saw 3"},
		{"several lines", spec(`(?m)^\w+`, "count", "2"), output, Pass, ""},
		{"nothing to compare", spec(`weeks (\d+)`, "is-gt", "3"), output, Error, "nothing was selected"},
		{"absent", spec(`weeks`, "not-exists"), output, Pass, ""},
		{"empty output", spec(`weeks`, "not-exists"), "\n", Error, "empty output"},
		{"wrong expression", spec(`(`, ""), output, Error, ""},
		{"whole output contains", spec("", "contains", "3 days"), output, Pass, ""},
		{"whole output does not contain", spec("", "contains", "3 weeks"), output, Fail, `the output of "show system uptime"`},
		{"whole output contains not", spec("", "not-contains", "3 days"), output, Fail, "3 days"},
		{"whole output is empty", spec("", "not-contains", "3 days"), "\n", Error, "empty output"},
	} {
		t.Run(j.name, j.run)
	}
}
