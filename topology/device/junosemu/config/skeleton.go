package config

// New returns an empty configuration.
func New() *Tree { panic("soon") }

// Clone returns a copy that later loads of either do not affect.
func (t *Tree) Clone() *Tree { panic("soon") }

// Root is the top of the hierarchy. It is never nil.
func (t *Tree) Root() *Node { panic("soon") }

// Empty reports whether there is no statement at all.
func (t *Tree) Empty() bool { panic("soon") }

// Equal reports whether both print the same.
func (t *Tree) Equal(o *Tree) bool { panic("soon") }

// Effective returns the configuration as it acts: groups inherited, inactive
// statements and the groups themselves left out.
func (t *Tree) Effective() *Tree { panic("soon") }

// Inherited is Effective with groups kept: get-configuration inherit="inherit".
func (t *Tree) Inherited() *Tree { panic("soon") }

// Load brings text into the tree. On an error, a *LoadError, the tree is
// unchanged. Deleting what is not there is a Warning, "statement not found".
func (t *Tree) Load(f Format, a Action, text string) ([]Warning, error) { panic("soon") }

// LoadAt is Load relative to a hierarchy level, given as the words of a set
// command: what "load merge relative" and a set command below "edit" do.
func (t *Tree) LoadAt(at []string, f Format, a Action, text string) ([]Warning, error) {
	panic("soon")
}

// Text prints in curly braces, four spaces a level. With a path, the words of
// a set command, only what is below it: "show configuration protocols bgp".
// A path that no configuration could have is a *LoadError; one that this
// configuration does not have prints nothing.
func (t *Tree) Text(path ...string) (string, error) { panic("soon") }

// Set prints set commands from the top (deactivate and protect commands after
// the statements they mark), restricted to path.
func (t *Tree) Set(path ...string) (string, error) { panic("soon") }

// XML prints the children of <configuration>, indented, with the parents of
// path; no namespace and no <configuration> element around it.
func (t *Tree) XML(path ...string) (string, error) { panic("soon") }

// JSON prints {"configuration": …}, with the parents of path.
func (t *Tree) JSON(path ...string) (string, error) { panic("soon") }

// Subtree returns only what is at path and below, with its parents.
func (t *Tree) Subtree(path ...string) (*Tree, error) { panic("soon") }

// Filter returns what an XML subtree filter (<configuration><protocols/>…)
// selects: a named element selects all below it, a key or leaf with text
// restricts its parent to entries that match.
func (t *Tree) Filter(xml string) (*Tree, error) { panic("soon") }

// Compare prints what turns old into new in Junos's diff text ("show |
// compare"); it is empty when they are equal.
func Compare(old, new *Tree) string { panic("soon") }

// Unacted lists the statements that are stored and not acted on, each once.
func (t *Tree) Unacted() []Warning { panic("soon") }

// A Node is a statement: a container, a list entry, a leaf or a leaf-list.
type Node struct{}

// Name is the statement's element name: "interface", "unit", "description".
func (n *Node) Name() string { panic("soon") }

// Key is the first key of a list entry ("ge-0/0/0"), else "".
func (n *Node) Key() string { panic("soon") }

// Keys are all the keys of a list entry.
func (n *Node) Keys() []string { panic("soon") }

// Inactive reports whether the statement is deactivated.
func (n *Node) Inactive() bool { panic("soon") }

// Lookup finds a statement by the words of a set command relative to n, or
// returns nil. Methods of a nil Node answer as if it were empty.
func (n *Node) Lookup(path ...string) *Node { panic("soon") }

// Children returns the statements of a name in order: the entries of a list.
func (n *Node) Children(name string) []*Node { panic("soon") }

// All returns every child in the order of printing.
func (n *Node) All() []*Node { panic("soon") }

// Has reports whether Lookup finds something.
func (n *Node) Has(path ...string) bool { panic("soon") }

// Value returns the value of the leaf at path, or "".
func (n *Node) Value(path ...string) string { panic("soon") }

// Values returns the values of the leaf-list at path.
func (n *Node) Values(path ...string) []string { panic("soon") }

// Path is the place in the hierarchy in set words: "protocols bgp group mesh".
func (n *Node) Path() string { panic("soon") }

// Candidate is a word that may come next.
type Candidate struct {
	Word string // "bgp", or "<name>" for a free value
	Help string
	Done bool // the statement may also end before this word
}

// Complete lists what may follow the words of a set command.
func (t *Tree) Complete(words ...string) []Candidate { panic("soon") }
