package netconf

import (
	"context"
	"fmt"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// getConfiguration is Junos's own way to read a configuration: in four
// formats, the candidate or the committed one, all or some of it; or what the
// candidate changes (compare).
func (c *conn) getConfiguration(_ context.Context, op *xmltree.Element) (string, error) {
	if op.Attr("compare") != "" {
		return c.compare(op)
	}
	tree, attributes := c.session.Candidate(), c.changeAttributes()
	if op.Attr("database") == "committed" {
		tree = c.session.Store().Running()
		attributes = c.commitAttributes()
	}
	if op.Attr("inherit") != "" {
		tree = tree.Inherited(sources(op))
	}
	tree, err := filterBelow(tree, op.Child("configuration"))
	if err != nil {
		return "", err
	}
	switch op.Attr("format") {
	case "text", "ascii":
		text, err := tree.Text()
		return leaf("configuration-text", c.session.Heading()+text), err
	case "set":
		text, err := tree.Set()
		return leaf("configuration-set", text), err
	case "json":
		text, err := tree.JSON()
		return xmltree.Escape(text), err
	case "", "xml":
		text, err := tree.XML()
		return configurationXML(text, attributes), err
	}
	return "", &rpcError{tag: "invalid-value", message: "syntax error", badElement: op.Attr("format")}
}

// sources are what a request wants to know of where statements came from.
func sources(op *xmltree.Element) config.Sources {
	note := config.NoSources
	if op.Attr("groups") != "" {
		note |= config.GroupSource
	}
	if op.Attr("interface-ranges") != "" {
		note |= config.RangeSource
	}
	return note
}

// changeAttributes say when the candidate was changed; or how it was committed,
// if it is what was committed.
func (c *conn) changeAttributes() string {
	changed := c.session.Changed()
	if changed.IsZero() {
		return c.commitAttributes()
	}
	return fmt.Sprintf(` junos:changed-seconds="%d" junos:changed-localtime="%s"`, changed.Unix(), mgd.Stamp(changed))
}

// leaf is an element with configuration text, which starts on a line of its own.
func leaf(name, text string) string { return xmltree.Leaf(name, "\n"+text).String() }

// commitAttributes say when and by whom the running configuration was made.
func (c *conn) commitAttributes() string {
	history := c.session.Store().History()
	if len(history) == 0 {
		return ""
	}
	return fmt.Sprintf(` junos:commit-seconds="%d" junos:commit-localtime="%s" junos:commit-user="%s"`,
		history[0].Time.Unix(), mgd.Stamp(history[0].Time), attributeValue(history[0].User))
}

// compare answers what the candidate changes, or what the running configuration
// changed, with respect to an earlier one.
func (c *conn) compare(op *xmltree.Element) (string, error) {
	n := 0
	if kind := op.Attr("compare"); kind != "rollback" {
		return "", &rpcError{tag: "invalid-value", message: "syntax error", badElement: kind}
	}
	if text := op.Attr("rollback"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			return "", &rpcError{tag: "invalid-value", message: "invalid rollback number", badElement: text}
		}
	}
	old, _, err := c.session.Store().Archived(n)
	if err != nil {
		return "", err
	}
	now := c.session.Candidate()
	if op.Attr("database") == "committed" {
		now = c.session.Store().Running()
	}
	if old, err = filterBelow(old, op.Child("configuration")); err != nil {
		return "", err
	}
	if now, err = filterBelow(now, op.Child("configuration")); err != nil {
		return "", err
	}
	if op.Attr("format") == "xml" {
		return configurationXML(config.CompareXML(old, now), config.DifferenceNamespaces), nil
	}
	// A line end is there even if nothing else is: Ansible takes an element
	// without text for a change.
	return xmltree.New("configuration-information").Leaf("configuration-output", "\n"+config.Compare(old, now)).String(), nil
}

// getConfig is the RFC's way to read a configuration.
func (c *conn) getConfig(_ context.Context, op *xmltree.Element) (string, error) {
	tree := c.session.Store().Running()
	if op.Child("source").Has("candidate") {
		tree = c.session.Candidate()
	}
	return c.data(tree, op)
}

// get is the RFC's way to read everything; what there is to read this way is
// the running configuration.
func (c *conn) get(_ context.Context, op *xmltree.Element) (string, error) {
	return c.data(c.session.Store().Running(), op)
}

func (c *conn) data(tree *config.Tree, op *xmltree.Element) (string, error) {
	filter := op.Child("filter")
	if kind := filter.Attr("type"); kind != "" && kind != "subtree" {
		return "", &rpcError{tag: "operation-not-supported", message: "only subtree filters are supported", badElement: kind}
	}
	tree, err := filterBelow(tree, filter.Child("configuration"))
	if err != nil {
		return "", err
	}
	text, err := tree.XML()
	if err != nil {
		return "", err
	}
	if c.strict && text == "" {
		return "<data/>\n", nil
	}
	return "<data>\n" + configurationXML(text, c.commitAttributes()) + "</data>\n", nil
}
