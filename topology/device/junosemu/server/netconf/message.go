package netconf

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// baseNamespace is NETCONF's own.
const baseNamespace = "urn:ietf:params:xml:ns:netconf:base:1.0"

// A request is an rpc element. It may carry several operations, which Junos
// performs in order and answers in one reply.
type request struct {
	attributes string // as they shall be echoed: ` message-id="101" …`
	operations []*xmltree.Element
}

// parseRequest reads an rpc message. The attributes come back even if what is
// inside does not make sense, so that the error can be sent to who asked.
func parseRequest(message []byte) (request, error) {
	message = bytes.TrimSpace(message)
	attributes, err := rootAttributes(message)
	if err != nil {
		return request{}, err
	}
	root, err := xmltree.Parse(message)
	if err != nil {
		return request{attributes: attributes}, err
	}
	if root.Name != "rpc" {
		return request{attributes: attributes}, fmt.Errorf("unexpected element <%s>, expecting <rpc>", root.Name)
	}
	return request{attributes: attributes, operations: root.Children}, nil
}

// rootAttributes are the attributes of the first element as they were written,
// except the default namespace, which every reply has of its own.
func rootAttributes(message []byte) (string, error) {
	d := xml.NewDecoder(bytes.NewReader(message))
	for {
		token, err := d.RawToken()
		if err != nil {
			return "", err
		}
		start, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		var b strings.Builder
		for _, a := range start.Attr {
			name := a.Name.Local
			if a.Name.Space != "" {
				name = a.Name.Space + ":" + name
			}
			if name == "xmlns" || name == "xmlns:junos" {
				continue
			}
			fmt.Fprintf(&b, ` %s="%s"`, name, attributeValue(a.Value))
		}
		return b.String(), nil
	}
}

func attributeValue(text string) string {
	return strings.ReplaceAll(xmltree.Escape(text), `"`, "&quot;")
}

// reply wraps what operations answered.
func reply(attributes, body string) string {
	return fmt.Sprintf("<rpc-reply xmlns=\"%s\" xmlns:junos=\"http://xml.juniper.net/junos/%s/junos\"%s>\n%s</rpc-reply>\n",
		baseNamespace, oper.Release, attributes, body)
}

// hello is the server's first message. chunked offers the framing of NETCONF
// 1.1.
func hello(session int, user string, chunked bool) string {
	var b strings.Builder
	fmt.Fprintf(&b, "<!-- ccl Junos emulator, not a Juniper product -->\n<!-- user %s -->\n", strings.ReplaceAll(xmltree.Escape(user), "--", "- -"))
	fmt.Fprintf(&b, "<hello xmlns=\"%s\">\n  <capabilities>\n", baseNamespace)
	offered := capabilities
	if chunked {
		offered = append([]string{capabilities[0], base11}, capabilities[1:]...)
	}
	for _, c := range offered {
		fmt.Fprintf(&b, "    <capability>%s</capability>\n", c)
	}
	fmt.Fprintf(&b, "  </capabilities>\n  <session-id>%d</session-id>\n</hello>\n", session)
	return b.String()
}

// base11 is NETCONF 1.1: whoever offers it too speaks in chunks after hello.
const base11 = "urn:ietf:params:netconf:base:1.1"

// capabilities are those of Junos that the emulator has, in the form of the
// RFC and in the one that Junos had before it.
var capabilities = []string{
	"urn:ietf:params:netconf:base:1.0",
	"urn:ietf:params:netconf:capability:candidate:1.0",
	"urn:ietf:params:netconf:capability:confirmed-commit:1.0",
	"urn:ietf:params:netconf:capability:validate:1.0",
	"urn:ietf:params:xml:ns:netconf:base:1.0",
	"urn:ietf:params:xml:ns:netconf:capability:candidate:1.0",
	"urn:ietf:params:xml:ns:netconf:capability:confirmed-commit:1.0",
	"urn:ietf:params:xml:ns:netconf:capability:validate:1.0",
	"http://xml.juniper.net/netconf/junos/1.0",
	"http://xml.juniper.net/dmi/system/1.0",
}
