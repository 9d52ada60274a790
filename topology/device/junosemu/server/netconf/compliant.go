package netconf

import (
	"regexp"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// With "system services netconf rfc-compliant" the router says some things as
// RFC 6241 has them and not as it always did: NETCONF's own elements carry the
// prefix nc, a commit answers <nc:ok/> or errors and no <commit-results>,
// warnings do not stand beside <nc:ok/>, an empty configuration is an empty
// <nc:data>, and deleting what is not there is an error.

// protocolTag is a tag of NETCONF's own elements. No statement and no
// operational reply has an element of these names.
var protocolTag = regexp.MustCompile(`<(/?)(hello|capabilities|capability|session-id|rpc-reply|data|ok|rpc-error|error-type|error-tag|error-severity|error-app-tag|error-path|error-message|error-info|bad-element|bad-attribute)([ />\n])`)

// boundPrefix is a declaration of the prefix nc, which a client's rpc may have
// had too.
var boundPrefix = regexp.MustCompile(` xmlns:nc="[^"]*"`)

// prefixed gives NETCONF's own elements the prefix that an rfc-compliant
// router gives them.
func prefixed(message string) string {
	message = protocolTag.ReplaceAllString(message, "<${1}nc:$2$3")
	at := strings.Index(message, "<nc:") // of the first element: comments may precede it
	head, rest, _ := strings.Cut(message[at:], ">")
	head = boundPrefix.ReplaceAllString(head, "")
	head = strings.Replace(head, ` xmlns="`+baseNamespace+`"`, ` xmlns:nc="`+baseNamespace+`"`, 1)
	return message[:at] + head + ">" + rest
}

// compliantCommit is the content of the reply to a commit: ok, or errors.
func compliantCommit(err error) string {
	if err != nil {
		return lines(errorElements(err)...)
	}
	return ok
}

// okWith is the answer of an operation that went well, with its warnings.
func (c *conn) okWith(warnings []config.Warning) string {
	if c.strict {
		return ok
	}
	return lines(append(warningElements(warnings), xmltree.New("ok"))...)
}
