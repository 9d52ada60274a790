package junos

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ccl-lab/ccl/topology/device"
)

// A reply is an <rpc-reply> with its namespaces taken off and its rpc-errors
// read, wherever Junos put them.
type reply struct {
	content []byte // inside rpc-reply
	errors  []rpcError
}

// rpcError is RFC 6241, section 4.3, with Junos's error-info.
type rpcError struct {
	Severity   string `xml:"error-severity"`
	Path       string `xml:"error-path"`
	Message    string `xml:"error-message"`
	BadElement string `xml:"error-info>bad-element"`
}

func (e rpcError) message() string {
	if message := strings.Join(strings.Fields(e.Message), " "); message != "" {
		return message
	}
	return "no message"
}

func (e rpcError) text() string {
	message := e.message()
	if e.BadElement != "" && !strings.Contains(message, e.BadElement) {
		message += ": " + strings.TrimSpace(e.BadElement)
	}
	return message
}

func parseReply(raw []byte) (*reply, error) {
	var (
		r     reply
		out   bytes.Buffer
		enc   = xml.NewEncoder(&out)
		dec   = xml.NewDecoder(bytes.NewReader(raw))
		depth int
	)
	for {
		tok, err := dec.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("reply is not XML: %w", err)
		}
		switch t := tok.(type) {
		case xml.StartElement:
			if depth == 0 && t.Name.Local != "rpc-reply" {
				return nil, fmt.Errorf("expected rpc-reply, got %s", t.Name.Local)
			}
			if t.Name.Local == "rpc-error" {
				var e rpcError
				if err := dec.DecodeElement(&e, &t); err != nil {
					return nil, fmt.Errorf("rpc-error: %w", err)
				}
				r.errors = append(r.errors, e)
				continue
			}
			if depth++; depth == 1 {
				continue
			}
			err = enc.EncodeToken(bare(t))
		case xml.EndElement:
			if depth--; depth == 0 {
				continue
			}
			err = enc.EncodeToken(xml.EndElement{Name: xml.Name{Local: t.Name.Local}})
		case xml.CharData:
			if depth > 0 {
				err = enc.EncodeToken(t)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	if err := enc.Flush(); err != nil {
		return nil, err
	}
	r.content = bytes.TrimSpace(out.Bytes())
	return &r, nil
}

// bare is a start tag without namespaces; junos:seconds becomes seconds.
func bare(t xml.StartElement) xml.StartElement {
	b := xml.StartElement{Name: xml.Name{Local: t.Name.Local}}
	for _, a := range t.Attr {
		if a.Name.Space == "xmlns" || a.Name.Local == "xmlns" {
			continue
		}
		b.Attr = append(b.Attr, xml.Attr{Name: xml.Name{Local: a.Name.Local}, Value: a.Value})
	}
	return b
}

// refusal is nil unless the device reported an error; warnings are none.
func (r *reply) refusal(node, op string) error {
	var rejected *device.RejectedError
	for _, e := range r.errors {
		if e.Severity == "warning" {
			continue
		}
		if rejected == nil {
			rejected = &device.RejectedError{Node: node, Op: op, Message: e.text(), Path: strings.TrimSpace(e.Path)}
		}
		rejected.Details = append(rejected.Details, e.text())
	}
	if rejected == nil { // a typed nil would not be nil
		return nil
	}
	return rejected
}

// warnings are what the device has to say of a change that it accepts, each
// behind the statement that it is about: "protocols mpls: statement is …".
func (r *reply) warnings() []string {
	var texts []string
	for _, e := range r.errors {
		if e.Severity != "warning" {
			continue
		}
		text := e.message()
		about := strings.TrimSpace(strings.TrimSpace(e.Path) + " " + strings.TrimSpace(e.BadElement))
		if about != "" && !strings.Contains(text, about) {
			text = about + ": " + text
		}
		texts = append(texts, text)
	}
	return texts
}

// text returns the characters of the reply, which is all there is to an
// <output> or <configuration-text>.
func (r *reply) text() string {
	var b strings.Builder
	dec := xml.NewDecoder(bytes.NewReader(r.content))
	for {
		tok, err := dec.Token()
		if err != nil { // content was written by our own encoder: this is its end
			return b.String()
		}
		if c, ok := tok.(xml.CharData); ok {
			b.Write(c)
		}
	}
}
