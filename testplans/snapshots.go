package testplans

import (
	"fmt"
	"maps"
	"slices"

	"go.yaml.in/yaml/v3"

	"github.com/ccl-lab/ccl/testplans/check"
)

// Snapshot keeps what nodes answer, as evidence and for later checks of the
// case that compare with it (check.Since).
type Snapshot struct {
	Name  string      `json:"name"`
	Nodes check.Nodes `json:"nodes"`
	RPC   string      `json:"rpc,omitempty"` // element name or whole XML
	Run   string      `json:"run,omitempty"` // a command, when RPC is empty
}

// Queries are what the snapshot looks up.
func (s *Snapshot) Queries() []check.Query { return check.SnapshotQueries(s.Nodes, s.RPC, s.Run) }

// sentence describes the step for people.
func (s *Snapshot) sentence() string {
	what := s.Run
	if s.RPC != "" {
		what = check.RPCElement(s.RPC)
	}
	return fmt.Sprintf("Keep the answers of %s to %q as snapshot %s", s.Nodes, check.Shorten(what, 80), s.Name)
}

var snapshotShape = onNodes("snapshot", "What nodes say at one moment.",
	field{key: "name", is: givenName, required: true, doc: "What to call it; checks compare with it by since: NAME."},
	field{key: "rpc", is: rpcName, doc: "Any operational RPC, by name or as XML."},
	field{key: "command", as: "run", is: sentence, doc: "Any operational command: show interfaces terse."},
)

func init() {
	snapshotShape.choose = append(snapshotShape.choose, choice{keys: []string{"rpc", "command"}})
}

// sinceFields are the keys of a check beside since, named as JSNAPy's operators.
var sinceFields = besideSince([]field{
	{key: "id", is: list{of: xpathExpr, min: 1, single: true}, doc: "What tells one selected row from others, within the row: peer-address. Its whole text unless said."},
	{key: "no-diff", is: list{of: xpathExpr, min: 1, single: true}, doc: "What must be in each row as it was, within the row: peer-state. A row that is gone has not kept it."},
	{key: "list-not-less", is: yes, doc: "No row of the snapshot must have gone."},
	{key: "list-not-more", is: yes, doc: "No row must have come that the snapshot lacks."},
	{key: "delta", is: deltaTable{}, doc: "By how much numbers within each row may have changed: {active-prefix-count: <= 10%}."},
	{key: "ignore", is: regularExpression, doc: "Lines of a command's output that do not count: ^Last flapped."},
})

func besideSince(fields []field) []field {
	for i := range fields {
		fields[i].with = []string{"since"}
	}
	return fields
}

// deltaTable is paths within a row, and bounds on the change of their numbers.
type deltaTable struct{}

var deltaBound = bound(check.Number, check.Share)

func (deltaTable) read(d *decoder, n *yaml.Node) any {
	if n.Kind != yaml.MappingNode || len(n.Content) == 0 {
		d.mistake(n, "write {active-prefix-count: <= 10%}", "expected paths and how much they may change by, not %s", describe(n))
		return nil
	}
	out := map[string]any{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		path, limit := xpathExpr.read(d, n.Content[i]), deltaBound.read(d, n.Content[i+1])
		if path, ok := path.(string); ok && limit != nil {
			out[path] = limit
		}
	}
	return out
}

func (deltaTable) schema(w *schemaWriter) map[string]any {
	return map[string]any{"type": "object", "minProperties": 1, "additionalProperties": deltaBound.schema(w)}
}

// sinceSpec makes a check.Since without what the snapshot knows.
func sinceSpec(o *object) map[string]any {
	spec := map[string]any{}
	for _, f := range append(sinceFields, field{key: "since"}, field{key: "xpath"}) {
		if v, ok := o.values[f.key]; ok {
			spec[f.key] = v
		}
	}
	return spec
}

// taken is a snapshot that a step has taken.
type taken struct {
	begun
	step map[string]any
}

// enter goes on to a step's round. What snapshots the round before has taken
// was its own.
func (f *follower) enter(round *check.Round) {
	if round == f.round {
		return
	}
	for name, was := range f.snapshots {
		if was.round != nil {
			f.passed[name] = was.line
			delete(f.snapshots, name)
		}
	}
	f.round = round
}

// snapshot applies a step to the set of snapshots. A check that compares with
// one learns from it what to ask, and of whom.
func (f *follower) snapshot(step map[string]any) {
	if snapshot, ok := step["snapshot"].(map[string]any); ok {
		name, _ := snapshot["name"].(string)
		if was := f.snapshots[name]; was.line != 0 {
			f.mistake("give it another name", "snapshot %s is taken already; it was on line %d", name, was.line)
		} else {
			f.snapshots[name] = taken{f.here(), snapshot}
		}
	}
	spec, _ := step["check"].(map[string]any)
	wait, ok := step["wait-until"].(map[string]any)
	if ok {
		spec, _ = wait["check"].(map[string]any)
	}
	for _, in := range []any{step["check"], wait["check"]} {
		if spec, ok := in.(check.Spec); ok {
			f.jsnapy(spec.JSNAPy)
		}
	}
	since, ok := spec["since"].(map[string]any)
	if !ok {
		return
	}
	name, _ := since["since"].(string)
	if branch := f.otherBranch(name); branch != "" {
		f.takenBeside(branch, name)
		return
	}
	if was, known := f.snapshots[name]; known {
		f.compared(since, was)
		return
	}
	f.noSnapshot(name)
}

// noSnapshot is the mistake of comparing with a snapshot that is not there.
func (f *follower) noSnapshot(name string) {
	if line := f.passed[name]; line != 0 {
		f.mistake("take it before the repeat, or compare in the same round", "snapshot %s belongs to a round that is over; it was taken on line %d", name, line)
		return
	}
	hint := "take it in an earlier step: snapshot: {name: " + name + ", …}"
	if near := nearest(name, slices.Sorted(maps.Keys(f.snapshots))); near != "" {
		hint = "did you mean " + near + "?"
	}
	f.mistake(hint, "there is no snapshot %s here", name)
}

// compared completes a comparison from its snapshot, and checks that it asks
// what can be asked of it.
func (f *follower) compared(since map[string]any, was taken) {
	_, lines := was.step["run"]
	_, xpath := since["xpath"]
	switch {
	case !lines && !xpath:
		f.mistake("say xpath: what to compare in the answers", "snapshot %s keeps an RPC's answers, and this lacks %q", since["since"], "xpath")
		return
	case !lines && since["ignore"] != nil:
		f.mistake("select less with xpath", "snapshot %s keeps an RPC's answers, which have no lines to ignore", since["since"])
		return
	}
	for _, key := range []string{"xpath", "id", "no-diff", "delta"} {
		if lines && since[key] != nil {
			f.mistake("take the snapshot with rpc:, or leave it out", "snapshot %s keeps a command's output, in which %s has no meaning", since["since"], key)
			return
		}
	}
	for _, key := range []string{"nodes", "rpc", "run"} {
		if v, ok := was.step[key]; ok {
			since[key] = v
		}
	}
}
