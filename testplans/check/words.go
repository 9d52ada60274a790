package check

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"github.com/antchfx/xpath"
)

// BGPStates are the states of a BGP session (RFC 4271, section 8.2.2).
var BGPStates = []string{"established", "idle", "connect", "active", "opensent", "openconfirm"}

// OSPFStates are the states of an OSPF neighbor (RFC 2328, section 10.1) as
// Junos spells them.
var OSPFStates = []string{"full", "2way", "down", "attempt", "init", "exstart", "exchange", "loading"}

// ISISStates are the states of an IS-IS adjacency as Junos spells them.
var ISISStates = []string{"up", "down", "new", "one-way", "initializing", "rejected"}

// BFDStates are the states of a BFD session (RFC 5880, section 6.2).
var BFDStates = []string{"up", "down", "init", "admindown"}

// VRRPStates are the states of a router in a VRRP group (RFC 5798, section 6.4)
// as Junos spells them.
var VRRPStates = []string{"master", "backup", "init"}

// Protocols are where routes come from, in Junos's words in lower case.
var Protocols = []string{"aggregate", "access-internal", "bgp", "direct", "evpn", "isis", "ldp", "local", "mpls",
	"ospf", "ospf3", "rip", "ripng", "rsvp", "static", "vpn"}

// stateWords are the states of sessions and adjacencies as Junos prints them.
var stateWords = map[string]string{
	"opensent": "OpenSent", "openconfirm": "OpenConfirm", "2way": "2Way", "exstart": "ExStart",
	"one-way": "One-way", "admindown": "AdminDown",
}

func stateWord(state string) string {
	if w := stateWords[strings.ToLower(state)]; w != "" {
		return w
	}
	if state == "" {
		return "unknown"
	}
	return strings.ToUpper(state[:1]) + strings.ToLower(state[1:])
}

// stateOr is a state as Junos spells it, or the usual one.
func stateOr(state, usual string) string {
	if state == "" {
		state = usual
	}
	return stateWord(state)
}

// CheckRegexp reports what is wrong with a regular expression in Go's syntax.
func CheckRegexp(s string) error {
	if _, err := regexp.Compile(s); err != nil {
		return fmt.Errorf("the regular expression is wrong: %s", strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return nil
}

// CheckXPath reports what is wrong with an XPath expression.
func CheckXPath(s string) error {
	if _, err := compileXPath(s); err != nil {
		return fmt.Errorf("the XPath is wrong: %v", err)
	}
	return nil
}

// compileXPath guards against the expressions on which the parser panics.
func compileXPath(s string) (expr *xpath.Expr, err error) {
	defer func() {
		if p := recover(); p != nil {
			expr, err = nil, fmt.Errorf("%v", p)
		}
	}()
	return xpath.Compile(s)
}

var rpcElement = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9._-]*$`)

// changing are the beginnings of the names of RPCs that change the device's
// configuration, which a check must not do: it may be repeated.
var changing = []string{"edit-config", "load-configuration", "commit", "lock", "unlock", "copy-config",
	"delete-config", "discard-changes", "kill-session", "close-session", "open-configuration", "close-configuration"}

// CheckRPC reports what is wrong with an RPC, given by its element's name or
// as whole XML.
func CheckRPC(s string) error {
	name := strings.TrimSpace(s)
	if strings.HasPrefix(name, "<") {
		root, err := rootElement(name)
		if err != nil {
			return fmt.Errorf("the RPC is not XML: %v", err)
		}
		name = root
	} else if !rpcElement.MatchString(name) {
		return fmt.Errorf("%q is neither the name of an RPC nor XML", s)
	}
	for _, c := range changing {
		if strings.HasPrefix(name, c) {
			return fmt.Errorf("%s changes the device or the session; a check only looks", name)
		}
	}
	return nil
}

// rootElement is the name of the one element that s consists of.
func rootElement(s string) (string, error) {
	dec := xml.NewDecoder(strings.NewReader(s))
	root, depth := "", 0
	for {
		token, err := dec.Token()
		if errors.Is(err, io.EOF) {
			if root == "" {
				return "", errors.New("there is no element")
			}
			return root, nil
		}
		if err != nil {
			return "", err
		}
		switch t := token.(type) {
		case xml.StartElement:
			if depth == 0 && root != "" {
				return "", errors.New("there is more than one element")
			}
			if root == "" {
				root = t.Name.Local
			}
			depth++
		case xml.EndElement:
			depth--
		}
	}
}

var communityForm = regexp.MustCompile(`^(no-export|no-advertise|no-export-subconfed|no-peer|llgr-stale|no-llgr|[0-9]+:[0-9]+|(target|origin|large|color|bandwidth):[0-9A-Fa-fL.:]+)$`)

// CheckCommunity reports what is wrong with a community.
func CheckCommunity(s string) error {
	if !communityForm.MatchString(s) {
		return fmt.Errorf("%q is not a community such as 65000:100, large:65000:1:2, target:65000:1 or no-export", s)
	}
	return nil
}
