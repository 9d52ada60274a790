package netconf

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// loadConfiguration loads into the candidate. Errors and warnings come inside
// load-configuration-results, as Junos's do.
func (c *conn) loadConfiguration(_ context.Context, op *xmltree.Element) (string, error) {
	results := xmltree.New("load-configuration-results")
	warnings, err := c.load(op)
	if err != nil {
		results.Add(errorElements(err)...).Leaf("load-error-count", "1")
		return results.String(), nil
	}
	if !c.strict {
		results.Add(warningElements(warnings)...)
	}
	return results.Add(xmltree.New("ok")).String(), nil
}

func (c *conn) load(op *xmltree.Element) ([]config.Warning, error) {
	if n := op.Attr("rollback"); n != "" {
		number, err := strconv.Atoi(n)
		if err != nil {
			return nil, &rpcError{tag: "invalid-value", message: "invalid rollback number", badElement: n}
		}
		return nil, c.session.Rollback(number)
	}
	if op.Attr("rescue") != "" {
		return nil, c.session.LoadRescue()
	}
	if url := op.Attr("url"); url != "" {
		return nil, &rpcError{tag: "operation-not-supported", message: "configuration cannot be loaded from a URL", badElement: url}
	}
	action, err := loadAction(op.Attr("action"))
	if err != nil {
		return nil, err
	}
	for _, form := range []struct {
		element string
		format  config.Format
	}{
		{"configuration-set", config.FormatSet},
		{"configuration-text", config.FormatText},
		{"configuration-json", config.FormatJSON},
	} {
		e := op.Child(form.element)
		if e == nil {
			continue
		}
		switch {
		case form.format == config.FormatSet:
			action = config.SetMode
		case action == config.SetMode, action == config.Patch && form.format != config.FormatText:
			return nil, &rpcError{tag: "invalid-value", message: "syntax error", badElement: string(action)}
		}
		return c.session.Load(form.format, action, e.Text)
	}
	if e := op.Child("configuration"); e != nil && action != config.Patch && action != config.SetMode {
		warnings, err := c.session.Load(config.FormatXML, action, e.String())
		return warnings, withoutLine(err)
	}
	return nil, &rpcError{tag: "missing-element", message: "syntax error", badElement: "configuration"}
}

// withoutLine drops the place of an error in XML: it is one in the request as
// it was read, not as the client wrote it.
func withoutLine(err error) error {
	var e *config.LoadError
	if errors.As(err, &e) {
		e.Line, e.Column = 0, 0
	}
	return err
}

// loadAction is the action attribute; merge if there is none.
func loadAction(name string) (config.Action, error) {
	switch a := config.Action(name); a {
	case "":
		return config.Merge, nil
	case config.Merge, config.Replace, config.Override, config.Update, config.SetMode, config.Patch:
		return a, nil
	}
	return "", &rpcError{tag: "invalid-value", message: "syntax error", badElement: name}
}

// filterBelow restricts a configuration to what a request's <configuration>
// element selects.
func filterBelow(tree *config.Tree, filter *xmltree.Element) (*config.Tree, error) {
	if filter == nil || len(filter.Children) == 0 {
		return tree, nil
	}
	return tree.Filter(filter.String())
}

// configurationXML is the element around a configuration in XML; attributes
// say when it changed.
func configurationXML(inside, attributes string) string {
	if inside != "" && !strings.HasSuffix(inside, "\n") {
		inside += "\n"
	}
	return `<configuration xmlns="http://xml.juniper.net/xnm/1.1/xnm"` + attributes + ">\n" + inside + "</configuration>\n"
}
