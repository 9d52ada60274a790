package check

import (
	"strings"

	"github.com/antchfx/xmlquery"
)

// whole compares all that a node says with all that it said.
func (h *hearing) whole(then, now string) []ruling {
	r := ruling{subject: h.test.source(), expected: "what snapshot " + h.test.Snapshot + " has"}
	if h.test.Snapshot == "" {
		return []ruling{r.is(Error, "no snapshot to compare with, and nothing else is asked")}
	}
	read := leaves
	if h.test.RPC == "" {
		read = (&Since{}).lines
	}
	before, err := read(then)
	if err != nil {
		return []ruling{r.is(Error, "in the snapshot, "+err.Error())}
	}
	after, err := read(now)
	if err != nil {
		return []ruling{r.is(Error, err.Error())}
	}
	if len(before.keys)+len(after.keys) == 0 {
		return []ruling{r.is(Error, "nothing to compare, neither then nor now")}
	}
	return []ruling{
		listed(r, "all that snapshot "+h.test.snapshot()+" has", missing(before, after), "gone", after),
		listed(r, "nothing that snapshot "+h.test.snapshot()+" lacks", missing(after, before), "new", after),
	}
}

func listed(r ruling, expected string, wrong []string, what string, now rows) ruling {
	r.expected = expected
	verdict := Pass
	if len(wrong) > 0 {
		verdict = Fail
	}
	return r.is(verdict, seenOf(wrong, what, now))
}

// leaves are the elements of a reply without elements in them, each with the
// names of those around it: "bgp-information/peer-count: 2".
func leaves(reply string) (rows, error) {
	var r rows
	doc, err := parseReply(reply)
	if err != nil {
		return r, err
	}
	r.said = child(doc, "/output")
	addLeaves(&r, doc, nil)
	return r, nil
}

func addLeaves(r *rows, n *xmlquery.Node, names []string) {
	inner := false
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.Type == xmlquery.ElementNode {
			inner = true
			addLeaves(r, c, append(names[:len(names):len(names)], c.Data))
		}
	}
	if inner || len(names) == 0 {
		return
	}
	leaf := strings.Join(names, "/")
	if text := strings.TrimSpace(n.InnerText()); text != "" {
		leaf += ": " + text
	}
	r.addEqual(leaf, n)
}
