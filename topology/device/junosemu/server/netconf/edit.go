package netconf

import (
	"context"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// editConfig is the RFC's way to load (RFC 6241, 7.2). Whatever error-option
// asks for, an error leaves the candidate as it was: that is what
// rollback-on-error wants, and more than the others promise.
func (c *conn) editConfig(_ context.Context, op *xmltree.Element) (string, error) {
	if err := candidateOnly(op, "target"); err != nil {
		return "", err
	}
	for option, words := range map[string][]string{
		"default-operation": {"", "merge", "replace", "none"},
		"test-option":       {"", "test-then-set", "set", "test-only"},
		"error-option":      {"", "stop-on-error", "continue-on-error", "rollback-on-error"},
	} {
		if err := oneOf(op, option, words); err != nil {
			return "", err
		}
	}
	before := c.session.Candidate()
	warnings, err := c.edit(op)
	if err != nil {
		return "", err
	}
	if test := op.Value("test-option"); test == "test-then-set" || test == "test-only" {
		found, err := c.session.Check()
		if err != nil || test == "test-only" {
			if back := c.session.Restore(before); back != nil {
				return "", back
			}
		}
		if err != nil {
			return "", err
		}
		warnings = append(warnings, found...)
	}
	return c.okWith(warnings), nil
}

func oneOf(op *xmltree.Element, option string, words []string) error {
	value := op.Value(option)
	for _, w := range words {
		if w == value {
			return nil
		}
	}
	return &rpcError{tag: "invalid-value", message: "syntax error", badElement: value}
}

// edit loads what the request carries: XML, or Junos's curly text.
func (c *conn) edit(op *xmltree.Element) ([]config.Warning, error) {
	inner := op.Child("config").Child("configuration")
	text := op.Child("config-text").Child("configuration-text")
	switch {
	case inner != nil:
		warnings, err := c.session.Edit(config.Edit{Default: op.Value("default-operation"), Strict: c.strict}, inner.String())
		return warnings, withoutLine(err)
	case text != nil:
		action := config.Merge
		if op.Value("default-operation") == "replace" {
			action = config.Override
		}
		return c.session.Load(config.FormatText, action, text.Text)
	case op.Child("config") != nil && len(op.Child("config").Children) == 0:
		return nil, nil // an empty <config/> changes nothing
	}
	return nil, &rpcError{tag: "missing-element", message: "syntax error", badElement: "configuration"}
}

// copyConfig makes the candidate what its source is (RFC 6241, 7.3): the
// running configuration, itself, or what the request carries.
func (c *conn) copyConfig(_ context.Context, op *xmltree.Element) (string, error) {
	if target := op.Child("target"); target == nil {
		return "", &rpcError{tag: "missing-element", message: "syntax error", badElement: "target"}
	}
	if err := candidateOnly(op, "target"); err != nil {
		return "", err
	}
	source := op.Child("source")
	switch {
	case source.Has("running"):
		return ok, c.session.Restore(c.session.Store().Running())
	case source.Has("candidate"):
		return ok, nil
	case source.Child("config").Has("configuration"):
		warnings, err := c.session.Load(config.FormatXML, config.Override, source.Child("config").Child("configuration").String())
		if err != nil {
			return "", withoutLine(err)
		}
		return c.okWith(warnings), nil
	}
	return "", &rpcError{tag: "operation-not-supported", message: "the source must be running, candidate or config", badElement: "source"}
}

// deleteConfig empties the candidate (RFC 6241, 7.4); the running configuration
// cannot be deleted.
func (c *conn) deleteConfig(_ context.Context, op *xmltree.Element) (string, error) {
	if target := op.Child("target"); target == nil {
		return "", &rpcError{tag: "missing-element", message: "syntax error", badElement: "target"}
	}
	if err := candidateOnly(op, "target"); err != nil {
		return "", err
	}
	return ok, c.session.Restore(config.New())
}
