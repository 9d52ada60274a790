package netconf

import (
	"errors"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// An rpcError is an error of the protocol itself.
type rpcError struct {
	tag, message, badElement string
}

func (e *rpcError) Error() string { return e.message }

// syntaxError is Junos's answer to what it does not know.
func syntaxError(element string) error {
	return &rpcError{tag: "operation-failed", message: "syntax error", badElement: element}
}

// errorElement builds an rpc-error in the order of Junos's elements.
func errorElement(tag, severity, path, message, badElement string) *xmltree.Element {
	e := xmltree.New("rpc-error").
		Leaf("error-type", "protocol").
		LeafIf("error-tag", tag).
		Leaf("error-severity", severity).
		LeafIf("error-path", path).
		Leaf("error-message", message)
	if badElement != "" {
		e.Add(xmltree.New("error-info").Leaf("bad-element", badElement))
	}
	return e
}

// failed is an rpc-error of the most common kind.
func failed(path, message, badElement string) *xmltree.Element {
	return errorElement("operation-failed", "error", path, message, badElement)
}

// warningElements are warnings beside a success.
func warningElements(all []config.Warning) []*xmltree.Element {
	var elements []*xmltree.Element
	for _, w := range all {
		elements = append(elements, errorElement("", "warning", "", w.Message, w.Path))
	}
	return elements
}

// errorElements says an error in Junos's elements.
func errorElements(err error) []*xmltree.Element {
	var protocol *rpcError
	var load *config.LoadError
	var check *store.CheckError
	var conflict *store.ConflictError
	var locked *store.LockedError
	var syntax *grammar.SyntaxError
	var refusal *oper.Refusal
	one := func(e *xmltree.Element) []*xmltree.Element { return []*xmltree.Element{e} }
	switch {
	case errors.As(err, &protocol):
		return one(errorElement(protocol.tag, "error", "", protocol.message, protocol.badElement))
	case errors.As(err, &check):
		return checkErrors(check.Errors, "configuration check-out failed")
	case errors.As(err, &conflict):
		return checkErrors(conflict.Conflicts, conflict.Last())
	case errors.As(err, &load):
		return one(loadError(load))
	case errors.As(err, &locked):
		e := errorElement("lock-denied", "error", "", locked.Error(), "")
		return one(e.Add(xmltree.New("error-info").Leaf("session-id", strconv.Itoa(locked.Holder.ID))))
	case errors.As(err, &syntax):
		return one(failed("", syntax.Message, syntax.Bad))
	case errors.As(err, &refusal):
		return one(failed("", refusal.Message, refusal.BadElement))
	}
	return one(failed("", err.Error(), ""))
}

// loadError is text that could not be loaded: where, what word, and the nearest
// word that would have been.
func loadError(e *config.LoadError) *xmltree.Element {
	message := e.Message
	if e.Hint != "" {
		message += " (did you mean " + e.Hint + "?)"
	}
	tag := e.Tag
	if tag == "" {
		tag = "operation-failed"
	}
	element := errorElement(tag, "error", e.Path, message, e.BadElement)
	if e.Line > 0 {
		element.Add(xmltree.Leaf("line-number", strconv.Itoa(e.Line)), xmltree.Leaf("column", strconv.Itoa(e.Column)))
	}
	return element
}

// checkErrors is what is wrong with a candidate: every mistake, and a closing
// sentence.
func checkErrors(mistakes config.ValidationErrors, last string) []*xmltree.Element {
	var all []*xmltree.Element
	for _, v := range mistakes {
		all = append(all, failed(v.Path, v.Message, v.Element))
	}
	return append(all, failed("", last, ""))
}
