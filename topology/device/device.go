// Package device is the contract of a management session with a network
// device: what can be asked of it, and what its refusals look like.
// The junos package speaks it to real and emulated Junos.
package device

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// A Session is an open management session. Methods honour the context's
// deadline and cancellation; after either, the session is closed and further
// calls fail. A refusal by the device is a *RejectedError; any other error is
// a matter of transport, worth a retry on a new session.
type Session interface {
	// Run executes an operational CLI command and returns its text.
	Run(ctx context.Context, command string) (string, error)
	// Get executes an operational RPC, given as XML (<get-bgp-summary-information/>)
	// or as a bare element name, and returns the content of rpc-reply as XML
	// without namespaces.
	Get(ctx context.Context, rpc string) ([]byte, error)
	// Apply locks, loads, compares, validates and commits a change, then
	// unlocks. On any refusal the device is as before.
	Apply(ctx context.Context, c Change) (Commit, error)
	// Rollback loads an earlier configuration (1 is the one before the
	// running one) and commits it. log is the commit comment.
	Rollback(ctx context.Context, n int, log string) (Commit, error)
	Close() error
}

// Dial opens a session with a node of a lab.
type Dial func(ctx context.Context, node topology.LabNode) (Session, error)

// A Change is configuration to be loaded and committed.
type Change struct {
	Text      string        `json:"text"`
	Format    Format        `json:"format"`
	Load      Load          `json:"load,omitempty"`      // ignored for FormatSet
	Log       string        `json:"log,omitempty"`       // commit comment
	Confirmed time.Duration `json:"confirmed,omitempty"` // rolled back after this unless confirmed; whole minutes
	DryRun    bool          `json:"dryRun,omitempty"`    // compare and validate only
}

// Format is the language of a Change.
type Format string

// The formats of configuration text.
const (
	FormatText Format = "text" // curly braces
	FormatSet  Format = "set"
	FormatXML  Format = "xml"
	FormatJSON Format = "json"
)

// Load is how a Change meets the candidate configuration.
type Load string

// The ways to load, in Junos's words.
const (
	LoadMerge    Load = "merge"
	LoadReplace  Load = "replace"
	LoadOverride Load = "override"
	LoadUpdate   Load = "update"
)

// A Commit is what a committed (or, for a dry run, checked) change did.
type Commit struct {
	Diff     string        `json:"diff,omitempty"` // Junos's own "show | compare"; empty: nothing to change, nothing committed
	Warnings []string      `json:"warnings,omitempty"`
	Took     time.Duration `json:"took"` // lock to unlock
}

// A RejectedError is the device's refusal, in its own words.
type RejectedError struct {
	Node    string // node name
	Op      string // "load", "commit check", "commit", "lock", "rpc", "command"
	Message string // first message of the device
	Path    string // configuration path or bad element, if the device named one
	Details []string
}

func (e *RejectedError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s refused the %s: %s", e.Node, e.Op, e.Message)
	if e.Path != "" {
		fmt.Fprintf(&b, " (%s)", e.Path)
	}
	return b.String()
}
