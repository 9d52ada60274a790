package junos

import (
	"context"
	"regexp"
	"strings"
)

// elementName is an RPC given by name only.
var elementName = regexp.MustCompile(`^[A-Za-z_][\w.-]*$`)

// Get executes an operational RPC and returns the content of its reply as XML
// without namespaces.
func (s *Session) Get(ctx context.Context, rpc string) ([]byte, error) {
	rpc = strings.TrimSpace(rpc)
	if elementName.MatchString(rpc) {
		rpc = "<" + rpc + "/>"
	}
	r, err := s.call(ctx, opRPC, rpc)
	if err != nil {
		return nil, err
	}
	return r.content, nil
}

// Run executes a CLI command of operational mode and returns its text.
func (s *Session) Run(ctx context.Context, command string) (string, error) {
	r, err := s.call(ctx, "command", element("command", `format="text"`, escape(command)))
	if err != nil {
		return "", err
	}
	return strings.Trim(r.text(), "\n"), nil
}
