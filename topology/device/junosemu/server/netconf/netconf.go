// Package netconf is the router's NETCONF server: the framing of NETCONF 1.0,
// the RPCs of RFC 6241 that Junos has, and Junos's own.
package netconf

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/mgd"
)

// Serve speaks NETCONF with one client until it closes the session, the
// connection ends or ctx is done; the caller closes rw then. The session
// belongs to the caller.
func Serve(ctx context.Context, rw io.ReadWriter, s *mgd.Session, log *slog.Logger) error {
	service := s.Services()
	c := &conn{session: s, log: log, strict: service.RFCCompliant, offers11: service.RFCCompliant && service.NETCONF11}
	if err := c.send(rw, hello(s.ID, s.User, c.offers11)); err != nil {
		return err
	}
	frames := newFrameReader(rw)
	for ctx.Err() == nil {
		frames.chunked = c.chunked
		message, err := frames.next()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			c.farewell(rw, err)
			return err
		}
		answer, ok := c.handle(ctx, message)
		if ok {
			if err := c.send(rw, answer); err != nil {
				return err
			}
		}
		if c.closing {
			return nil
		}
	}
	return ctx.Err()
}

// A conn is the state of one client's connection.
type conn struct {
	session *mgd.Session
	log     *slog.Logger
	greeted bool
	closing bool
	strict  bool // rfc-compliant: see compliant.go

	offers11 bool // NETCONF 1.1 was offered to the client
	chunked  bool // and the client took it: messages come in chunks
}

func (c *conn) send(w io.Writer, message string) error {
	if c.strict {
		message = prefixed(message)
	}
	if c.chunked {
		message = chunks(message)
	} else {
		message += terminator + "\n"
	}
	_, err := io.WriteString(w, message)
	return err
}

// farewell tells a client why the session ends, if it was the client's doing:
// what follows in its stream cannot be understood any more.
func (c *conn) farewell(w io.Writer, err error) {
	tag := ""
	switch {
	case errors.Is(err, errTooLong):
		tag = "too-big"
	case errors.Is(err, errFraming):
		tag = "malformed-message"
	default:
		return
	}
	_ = c.send(w, reply("", errorElement(tag, "error", "", err.Error(), "").String())) // it may be gone
}

// handle answers one message. A client's hello has no answer; Junos does not
// insist on getting one.
func (c *conn) handle(ctx context.Context, message []byte) (answer string, ok bool) {
	if !c.greeted {
		c.greeted = true
		if root, err := xmltree.Parse(message); err == nil && root.Name == "hello" {
			c.chunked = c.offers11 && offers(root, base11)
			return "", false
		}
	}
	r, err := parseRequest(message)
	if err != nil {
		e := errorElement("malformed-message", "error", "", fmt.Sprintf("the message is not an rpc: %v", err), "")
		return reply(r.attributes, e.String()), true
	}
	if len(r.operations) == 0 {
		return reply(r.attributes, errorElement("missing-element", "error", "", "rpc without an operation", "rpc").String()), true
	}
	var body strings.Builder
	for _, op := range r.operations {
		text, err := c.perform(ctx, op)
		if err != nil {
			c.log.Debug("rpc refused", "rpc", op.Name, "session", c.session.ID, "error", err)
			text = lines(errorElements(err)...)
		}
		body.WriteString(text)
	}
	return reply(r.attributes, body.String()), true
}

// offers tells whether a hello lists a capability.
func offers(hello *xmltree.Element, capability string) bool {
	for _, c := range hello.Child("capabilities").All("capability") {
		if strings.TrimSpace(c.Text) == capability {
			return true
		}
	}
	return false
}

// perform answers one operation with the content of rpc-reply.
func (c *conn) perform(ctx context.Context, op *xmltree.Element) (string, error) {
	if h, ok := handlers[op.Name]; ok {
		return h(c, ctx, op)
	}
	if !mgd.Known(op.Name) {
		return "", syntaxError(op.Name)
	}
	return c.operational(ctx, op)
}

// lines is elements as text.
func lines(elements ...*xmltree.Element) string {
	var b strings.Builder
	for _, e := range elements {
		b.WriteString(e.String())
	}
	return b.String()
}

// ok is the answer of an operation that has nothing else to say.
const ok = "<ok/>\n"
