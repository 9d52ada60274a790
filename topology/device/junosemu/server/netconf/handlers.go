package netconf

import (
	"context"
	"errors"
	"strconv"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/cli"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// A handler performs an operation and returns the content of rpc-reply.
type handler func(*conn, context.Context, *xmltree.Element) (string, error)

// handlers are the operations that are not operational requests.
var handlers map[string]handler

func init() { // not a literal: a command may lead back to the table
	handlers = map[string]handler{
		"lock":                 (*conn).lock,
		"lock-configuration":   (*conn).lock,
		"unlock":               (*conn).unlock,
		"unlock-configuration": (*conn).unlock,
		"open-configuration":   (*conn).openConfiguration,
		"close-configuration":  (*conn).closeConfiguration,
		"discard-changes":      (*conn).discard,
		"load-configuration":   (*conn).loadConfiguration,
		"edit-config":          (*conn).editConfig,
		"copy-config":          (*conn).copyConfig,
		"delete-config":        (*conn).deleteConfig,
		"get-configuration":    (*conn).getConfiguration,
		"get-config":           (*conn).getConfig,
		"get":                  (*conn).get,
		"commit-configuration": (*conn).commitConfiguration,
		"commit":               (*conn).commit,
		"validate":             (*conn).validate,
		"command":              (*conn).command,
		"kill-session":         (*conn).killSession,
		"close-session":        (*conn).closeSession,
		"request-end-session":  (*conn).closeSession,
	}
}

// candidateOnly refuses a target or source that cannot be edited.
func candidateOnly(op *xmltree.Element, place string) error {
	at := op.Child(place)
	if at == nil || at.Has("candidate") {
		return nil
	}
	name := place
	if len(at.Children) > 0 {
		name = at.Children[0].Name
	}
	return &rpcError{tag: "operation-not-supported", message: "only the candidate configuration can be changed", badElement: name}
}

func (c *conn) lock(_ context.Context, op *xmltree.Element) (string, error) {
	if err := candidateOnly(op, "target"); err != nil {
		return "", err
	}
	return ok, c.session.Lock()
}

func (c *conn) unlock(_ context.Context, op *xmltree.Element) (string, error) {
	if err := candidateOnly(op, "target"); err != nil {
		return "", err
	}
	return ok, c.session.Unlock()
}

// openConfiguration opens a private or exclusive candidate; the other kinds are
// the shared one here.
func (c *conn) openConfiguration(_ context.Context, op *xmltree.Element) (string, error) {
	switch {
	case op.Has("private"):
		return ok, c.session.OpenPrivate()
	case op.Has("exclusive"):
		return ok, c.session.Lock()
	case op.Has("dynamic"), op.Has("ephemeral-instance"), op.Has("ephemeral"):
		return "", syntaxError(op.Children[0].Name)
	}
	return ok, nil
}

func (c *conn) closeConfiguration(context.Context, *xmltree.Element) (string, error) {
	c.session.ClosePrivate()
	if err := c.session.Unlock(); err != nil && !errors.Is(err, store.ErrNotLocked) {
		return "", err
	}
	return ok, nil
}

func (c *conn) discard(context.Context, *xmltree.Element) (string, error) {
	return ok, c.session.Rollback(0)
}

func (c *conn) killSession(_ context.Context, op *xmltree.Element) (string, error) {
	id, err := strconv.Atoi(op.Value("session-id"))
	if err != nil || !c.session.Kill(id) {
		return "", &rpcError{tag: "invalid-value", message: "no such session", badElement: "session-id"}
	}
	return ok, nil
}

func (c *conn) closeSession(context.Context, *xmltree.Element) (string, error) {
	c.closing = true
	return ok, nil
}

// operational answers a request about the state of the router, as XML, text or
// JSON as its format attribute asks.
func (c *conn) operational(ctx context.Context, op *xmltree.Element) (string, error) {
	reply, err := c.session.Oper(ctx, op)
	if err != nil {
		return "", err
	}
	if reply == nil {
		return "", nil
	}
	switch op.Attr("format") {
	case "text", "ascii":
		return xmltree.Leaf("output", "\n"+c.session.OperText(op, reply)).String(), nil
	case "json":
		return xmltree.Escape(reply.JSON()), nil
	}
	return reply.String(), nil
}

// command performs an operational CLI command.
func (c *conn) command(ctx context.Context, op *xmltree.Element) (string, error) {
	result, err := cli.Operational(ctx, c.session, op.Text)
	if err != nil {
		return "", err
	}
	format := op.Attr("format")
	switch {
	case format == "text" || format == "ascii":
		if result.Configuration != "" {
			return xmltree.New("configuration-information").Leaf("configuration-output", "\n"+result.Text).String(), nil
		}
		return xmltree.Leaf("output", "\n"+result.Text).String(), nil
	case result.Configuration != "":
		return configurationXML(result.Configuration, ""), nil
	case format == "json" && result.Reply != nil:
		return xmltree.Escape(result.Reply.JSON()), nil
	case result.Reply != nil:
		return result.Reply.String(), nil
	case result.Text == "":
		return "", nil
	}
	return xmltree.Leaf("output", "\n"+result.Text).String(), nil
}
