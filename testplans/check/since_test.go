package check

import (
	"strings"
	"testing"
)

// peerRows is a reply with a row for each word: "ADDRESS STATE PREFIXES".
func peerRows(all ...string) string {
	var b strings.Builder
	b.WriteString("<bgp-information>")
	for _, one := range all {
		f := strings.Fields(one)
		b.WriteString("<bgp-peer><peer-address>" + f[0] + "</peer-address><peer-state>" + f[1] + "</peer-state><prefixes>" + f[2] + "</prefixes></bgp-peer>")
	}
	return b.String() + "</bgp-information>"
}

func TestJudgeSince(t *testing.T) {
	const notRunning = "<output>BGP is not running</output>"
	two := peerRows("10.0.0.1 Established 100", "10.0.0.2 Established 200")
	rpc := func(change func(*Since)) Since {
		s := Since{Snapshot: "before", Nodes: r1, RPC: "get-bgp-summary-information", XPath: "//bgp-peer", ID: []string{"peer-address"}}
		change(&s)
		return s
	}
	state := rpc(func(s *Since) { s.NoDiff = []string{"peer-state"} })
	lists := rpc(func(*Since) {})
	delta := func(b Bound) Since { return rpc(func(s *Since) { s.Delta = map[string]Bound{"prefixes": b} }) }
	values := rpc(func(s *Since) { s.XPath, s.ID = "//peer-state", nil })
	text := Since{Snapshot: "before", Nodes: r1, Run: "show x", Ignore: "^Last "}
	for _, j := range []struct {
		name      string
		spec      Since
		then, now string
		want      Verdict
		reason    string
	}{
		{"the same", lists, two, two, Pass, "nothing has gone and nothing has come since snapshot before, in //bgp-peer in get-bgp-summary-information on r1"},
		{"order is nothing", lists, two, peerRows("10.0.0.2 Active 0", "10.0.0.1 Idle 0"), Pass, ""},
		{"gone", lists, two, peerRows("10.0.0.1 Established 100"), Fail, "saw gone: 10.0.0.2"},
		{"new", lists, peerRows("10.0.0.1 Active 0"), two, Fail, "saw new: 10.0.0.2"},
		{"all gone, in words", lists, two, notRunning, Fail, "saw gone: 10.0.0.1, 10.0.0.2"},
		{"new allowed", rpc(func(s *Since) { s.Less = true }), peerRows("10.0.0.1 Active 0"), two, Pass, "nothing has gone"},
		{"gone allowed", rpc(func(s *Since) { s.More = true }), two, peerRows("10.0.0.1 Active 0"), Pass, "nothing has come"},
		{"no-diff", state, two, peerRows("10.0.0.1 Established 1", "10.0.0.2 Established 2", "10.0.0.3 Active 0"), Pass, "peer-state has not changed since snapshot before"},
		{"no-diff changed", state, two, peerRows("10.0.0.1 Established 1", "10.0.0.2 Active 0"), Fail, "saw 10.0.0.2: Active, was Established"},
		{"no-diff of what is gone", state, two, peerRows("10.0.0.1 Established 1"), Fail, "10.0.0.2 is gone"},
		{"no-diff of nothing", rpc(func(s *Since) { s.NoDiff = []string{"peer-stat"} }), two, two, Error, "nothing was selected"},
		{"an expression as id", rpc(func(s *Since) { s.ID = []string{"substring-before(peer-address, '+')"} }),
			peerRows("10.0.0.1+179 Established 1"), peerRows("10.0.0.1+40123 Established 1"), Pass, ""},
		{"delta", delta("<= 10%"), two, peerRows("10.0.0.1 Active 110", "10.0.0.2 Active 180"), Pass, "prefixes has changed by at most 10%"},
		{"delta too large", delta("<= 10%"), two, peerRows("10.0.0.1 Active 111", "10.0.0.2 Active 200"), Fail, "saw 10.0.0.1: 111, was 100"},
		{"delta as a number", delta("<= 50"), two, peerRows("10.0.0.1 Active 60", "10.0.0.2 Active 100"), Fail, "saw 10.0.0.2: 100, was 200"},
		{"delta from nothing", delta("<= 10%"), peerRows("10.0.0.1 Active 0"), peerRows("10.0.0.1 Active 1"), Fail, "1, was 0"},
		{"delta of text", rpc(func(s *Since) { s.Delta = map[string]Bound{"peer-state": "0"} }), two, two, Error, "Established is not a number"},
		{"delta of what is gone", delta("0"), two, peerRows("10.0.0.9 Active 1"), Error, "nothing was selected"},
		{"values without id", values, two, peerRows("10.0.0.9 Established 1", "10.0.0.8 Established 1"), Pass, ""},
		{"one value less", values, two, peerRows("10.0.0.9 Established 1"), Fail, "gone: Established (2)"},
		{"neither then nor now", lists, peerRows(), peerRows(), Error, "neither then nor now"},
		{"not running, both times", lists, notRunning, notRunning, Error, "BGP is not running"},
		{"id that is not one", rpc(func(s *Since) { s.ID = []string{"peer-state"} }), two, two, Error, "two rows have the id Established"},
		{"no id in a row", rpc(func(s *Since) { s.ID = []string{"peer"} }), two, two, Error, "a row has no peer"},
		{"no rows but a number", rpc(func(s *Since) { s.XPath = "count(//bgp-peer)" }), two, two, Error, "does not select elements"},
		{"lines", text, "up ge-0/0/0\nLast flap 1\n", "Last flap 2\nup ge-0/0/0\n", Pass, ""},
		{"lines changed", text, "up ge-0/0/0\n", "down ge-0/0/0\n", Fail, "saw gone: up ge-0/0/0 (and 1 more)"},
		{"only lines to ignore", text, "Last flap 1\n", "Last flap 2\n", Error, "neither then nor now"},
	} {
		t.Run(j.name, func(t *testing.T) {
			spec := Spec{Since: &j.spec}
			got := Judge(&spec, append(answered(t, spec, j.now), snapshotted(t, spec, j.then)...))
			if got.Verdict != j.want || !strings.Contains(got.Reason, j.reason) {
				t.Errorf("got %s: %s\nwant %s: … %s …", got.Verdict, got.Reason, j.want, j.reason)
			}
		})
	}
}

// snapshotted is what a snapshot kept, in which every query got the reply.
func snapshotted(t *testing.T, s Spec, reply string) []Evidence {
	t.Helper()
	kept := answered(t, s, reply)
	for i := range kept {
		kept[i] = Then(kept[i])
	}
	return kept
}

func TestJudgeSnapshot(t *testing.T) {
	queries := SnapshotQueries(Nodes{"r1", "r2"}, "", "show x")
	answer := func(replies ...string) []Evidence {
		var all []Evidence
		for i, r := range replies {
			all = append(all, Evidence{Query: queries[i], Reply: r})
		}
		return all
	}
	if got := JudgeSnapshot("before", answer("a", "b")); got.Verdict != Pass || got.Reason != "2 answers kept as snapshot before" {
		t.Errorf("%+v", got)
	}
	if got := JudgeSnapshot("before", answer("a", "\n")); got.Verdict != Error || !strings.Contains(got.Reason, "r2") {
		t.Errorf("%+v", got)
	}
	refused := Evidence{Query: queries[0], Problem: "r1 refused the rpc: syntax error"}
	if got := JudgeSnapshot("before", []Evidence{refused}); got.Verdict != Error || !strings.Contains(got.Reason, "refused") {
		t.Errorf("%+v", got)
	}
	if got := JudgeSnapshot("before", nil); got.Verdict != Error {
		t.Errorf("%+v", got)
	}
}
