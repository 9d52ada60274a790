// Package config is the Junos configuration language: a tree of statements that
// knows which statements exist, and how they are written in curly braces, as
// set commands, in XML and in JSON.
//
// What exists is described by schema.txt, which is readable and embedded.
// A Tree is loaded (Load), read (Root, Lookup), printed (Text, Set, XML, JSON)
// and compared (Compare). The nodes of a tree are never changed once they can be
// seen from outside: Load builds a new tree and swaps it in, so Clone costs
// nothing and a failed load leaves the tree as it was.
package config

// Format is a way to write a configuration down.
type Format string

// The formats of Junos.
const (
	FormatText Format = "text" // curly braces
	FormatSet  Format = "set"  // set, delete, deactivate, … commands
	FormatXML  Format = "xml"
	FormatJSON Format = "json"
)

// Action is how loaded text meets the configuration that is there.
type Action string

// The actions of Junos. FormatSet ignores them: its commands say what they do.
const (
	Merge    Action = "merge"    // add to what is there
	Replace  Action = "replace"  // as merge; what carries a replace tag replaces
	Override Action = "override" // the text becomes the whole configuration
	Update   Action = "update"   // as override: the text becomes the whole configuration
	SetMode  Action = "set"      // set commands
	Patch    Action = "patch"    // text is what Compare prints; it is done
)

// A Warning is something to tell the user that does not stop the operation.
type Warning struct {
	Path    string // "protocols mpls", or the command line; may be empty
	Message string // in Junos's words, "statement not found"
}

func (w Warning) String() string {
	if w.Path == "" {
		return w.Message
	}
	return w.Path + ": " + w.Message
}

// A Tree is a configuration. The zero value is not usable; see New.
type Tree struct {
	root *Node
	cut  bool // see Cut
}
