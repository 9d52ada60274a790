// Package check is the judgement of a plan: what a check asks for (Spec), what
// must be looked up to answer it (Query), what was seen (Evidence), and what
// follows from it (Outcome). Judging is pure: the same evidence gives the same
// verdict anywhere, so that a bundle of evidence can be judged again.
package check

// A Verdict is what is known after a check, a step or a case. It is data,
// never a Go error.
type Verdict string

// The verdicts. There is no empty pass: a check that examined nothing is
// Error.
const (
	Pass  Verdict = "pass"  // every check examined something and held
	Fail  Verdict = "fail"  // the device did not do what the plan says
	Error Verdict = "error" // the lab, the tool or the generator let us down
	Skip  Verdict = "skip"  // not run, with a reason
)

// Worst returns the verdict that prevails over the others: error over fail
// over pass over skip. Of nothing it is Skip.
func Worst(verdicts ...Verdict) Verdict {
	rank := map[Verdict]int{Skip: 0, Pass: 1, Fail: 2, Error: 3}
	worst := Skip
	for _, v := range verdicts {
		if rank[v] > rank[worst] {
			worst = v
		}
	}
	return worst
}

// A Finding is one comparison: where it looked, what was expected, what was
// seen.
type Finding struct {
	Verdict  Verdict `json:"verdict"`
	Node     string  `json:"node,omitempty"`
	Subject  string  `json:"subject"`            // "BGP neighbor 10.0.41.1", "stream h1-h2 outage"
	Expected string  `json:"expected"`           // "Established"
	Seen     string  `json:"seen"`               // "Active (last error: Open Message Error: bad peer AS)"
	Evidence string  `json:"evidence,omitempty"` // Query.ID of the evidence it was read from
}

// An Outcome is the verdict of one check with every comparison behind it.
type Outcome struct {
	Verdict  Verdict   `json:"verdict"`
	Reason   string    `json:"reason"` // one sentence: the first finding that decided, or what held
	Findings []Finding `json:"findings,omitempty"`
}

// A Query is something to look up on a node before a check can be judged.
type Query struct {
	ID      string `json:"id"`   // unique within the check, fit for a file name
	Node    string `json:"node"` // lab node
	RPC     string `json:"rpc,omitempty"`
	Command string `json:"command,omitempty"` // CLI command, when RPC is empty
}

// Evidence is the answer to a Query.
type Evidence struct {
	Query
	Reply   string `json:"reply,omitempty"`   // XML for an RPC, text for a command
	Problem string `json:"problem,omitempty"` // why there is no reply: transport error, RPC refused
}
