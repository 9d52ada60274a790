package clab

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"testing"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// routers stands in for the management sessions of every router: it answers as
// Junos does while it boots and after.
type routers struct {
	mu    sync.Mutex
	asked []string       // requests in order, NODE REQUEST
	not   map[string]int // how often a request is refused before it is answered; below 0: for ever
}

var replies = map[string]string{
	"get-software-information": `<software-information><junos-version>24.2R1.17</junos-version></software-information>`,
	"get-fpc-information":      `<fpc-information><fpc><slot>0</slot><state>Online</state></fpc></fpc-information>`,
	"get-interface":            `<interface-information><physical-interface><name>` + "\nge-0/0/0\n" + `</name></physical-interface></interface-information>`,
	"lock":                     `<ok/>`, "commit": `<ok/>`, "unlock": `<ok/>`,
}

// refuse makes a request ("dial", "ssh", or a key of replies) fail n times.
func (r *routers) refuse(request string, n int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.not == nil {
		r.not = map[string]int{}
	}
	r.not[request] = n
}

func (r *routers) ask(node, request string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.asked = append(r.asked, node+" "+request)
	if left := r.not[request]; left != 0 {
		r.not[request]--
		return &device.RejectedError{Node: node, Op: "rpc", Message: request + " is not ready"}
	}
	return nil
}

func (r *routers) requests(node string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []string
	for _, a := range r.asked {
		if request, ok := strings.CutPrefix(a, node+" "); ok {
			all = append(all, request)
		}
	}
	return strings.Join(all, " ")
}

func (r *routers) dial(_ context.Context, node topology.LabNode) (device.Session, error) {
	if node.Mgmt.Host == "" || node.Mgmt.NetconfPort != 830 || node.Mgmt.Credentials == "" {
		return nil, fmt.Errorf("node %s cannot be reached: %+v", node.Name, node.Mgmt)
	}
	if err := r.ask(node.Name, "dial"); err != nil {
		return nil, err
	}
	return &session{routers: r, node: node.Name}, nil
}

// dialSSH answers a connection to port 22 with an SSH server's greeting.
func (r *routers) dialSSH(_ context.Context, _, address string) (net.Conn, error) {
	if !strings.HasSuffix(address, ":22") {
		return nil, fmt.Errorf("nobody listens at %s", address)
	}
	ours, theirs := net.Pipe()
	refused := r.ask(address, "ssh")
	go func() {
		defer theirs.Close()
		if refused == nil {
			fmt.Fprint(theirs, "SSH-2.0-OpenSSH_9.6\r\n")
		}
	}()
	return ours, nil
}

type session struct {
	routers *routers
	node    string
}

func (s *session) Get(_ context.Context, rpc string) ([]byte, error) {
	for name, reply := range replies {
		if strings.HasPrefix(strings.TrimPrefix(rpc, "<"), name) {
			return []byte(reply), s.routers.ask(s.node, name)
		}
	}
	return nil, fmt.Errorf("unexpected request %s", rpc)
}

var errNotAsked = errors.New("readiness does not need it")

func (s *session) Run(context.Context, string) (string, error) { return "", errNotAsked }
func (s *session) Apply(context.Context, device.Change) (device.Commit, error) {
	return device.Commit{}, errNotAsked
}
func (s *session) Rollback(context.Context, int, string) (device.Commit, error) {
	return device.Commit{}, errNotAsked
}
func (s *session) Close() error { return nil }

// newBackend returns a backend on a stand-in and routers that are ready at once.
func newBackend(t *testing.T) (*Backend, *fake, *routers) {
	t.Helper()
	f := &fake{dir: t.TempDir()}
	t.Setenv(fakeVariable, f.dir)
	r := &routers{}
	return backendFor(t, t.TempDir(), r), f, r
}

func TestReplyValues(t *testing.T) {
	reply := `<multi-routing-engine-results><multi-routing-engine-item><re-name>re0</re-name><software-information>
<junos-version>23.4R2-EVO</junos-version></software-information></multi-routing-engine-item></multi-routing-engine-results>`
	if got := values([]byte(reply), "junos-version"); len(got) != 1 || got[0] != "23.4R2-EVO" {
		t.Errorf("version %q", got)
	}
	if got := values([]byte("<a><b>1</b><b>2"), "b"); len(got) != 1 {
		t.Errorf("broken reply: %q", got)
	}
}
