package junos

import (
	"crypto/ed25519"
	"crypto/rand"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology"
)

// A session whose router went away closes all the same, and an RPC on it fails
// and lets go of it.
func TestRouterGoesAway(t *testing.T) {
	for name, use := range map[string]func(*testing.T, *Session){
		"idle": func(_ *testing.T, s *Session) { _ = s.Close() },
		"in use": func(t *testing.T, s *Session) {
			if _, err := s.call(t.Context(), "anything", "<get-system-information/>"); err == nil {
				t.Error("an RPC to a router that is gone succeeded")
			}
			_ = s.Close()
		},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer l.Close()
			router := make(chan net.Conn, 1)
			go greet(l, router)
			node := topology.LabNode{Name: "r1", Mgmt: topology.Access{Host: "127.0.0.1", NetconfPort: l.Addr().(*net.TCPAddr).Port}}
			s, err := open(t.Context(), node, "admin", "admin@123")
			if err != nil {
				t.Fatal(err)
			}
			c := (<-router).(*net.TCPConn)
			_ = c.SetLinger(0) // as a host that crashed answers: reset
			c.Close()
			time.Sleep(50 * time.Millisecond) // until the client has noticed

			done := make(chan struct{})
			go func() {
				defer close(done)
				use(t, s)
			}()
			select {
			case <-done:
			case <-time.After(time.Minute):
				t.Fatal("the session hangs")
			}
		})
	}
}

// greet takes one client as far as the NETCONF hello and hands its connection
// out.
func greet(l net.Listener, router chan<- net.Conn) {
	c, err := l.Accept()
	if err != nil {
		return
	}
	_, key, _ := ed25519.GenerateKey(rand.Reader)
	signer, _ := ssh.NewSignerFromKey(key)
	config := &ssh.ServerConfig{PasswordCallback: func(ssh.ConnMetadata, []byte) (*ssh.Permissions, error) { return nil, nil }}
	config.AddHostKey(signer)
	_, channels, requests, err := ssh.NewServerConn(c, config)
	if err != nil {
		return
	}
	go ssh.DiscardRequests(requests)
	ch, subsystem, err := (<-channels).Accept()
	if err != nil {
		return
	}
	go func() {
		for r := range subsystem {
			_ = r.Reply(true, nil)
		}
	}()
	_, _ = io.WriteString(ch, `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities>`+
		`<capability>urn:ietf:params:netconf:base:1.0</capability></capabilities><session-id>1</session-id></hello>]]>]]>`)
	b := make([]byte, 4096)
	var got string
	for n, err := ch.Read(b); err == nil; n, err = ch.Read(b) {
		if got += string(b[:n]); strings.Contains(got, "]]>]]>") {
			router <- c
			return
		}
	}
}
