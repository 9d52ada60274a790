package server_test

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A rawClient speaks NETCONF without a library: for what libraries do not let
// one do, like leaving without a word.
type rawClient struct {
	t       testing.TB
	conn    *ssh.Client
	in      io.Writer
	out     *bufio.Reader
	session string // its number, from the hello
}

// dial logs in over SSH.
func (r *rig) dial(p int) *ssh.Client {
	r.t.Helper()
	conn, err := ssh.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", p), &ssh.ClientConfig{
		User: user, Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (r *rig) raw() *rawClient {
	r.t.Helper()
	c := &rawClient{t: r.t, conn: r.dial(port(r.nc))}
	session, err := c.conn.NewSession()
	if err != nil {
		r.t.Fatal(err)
	}
	c.in, err = session.StdinPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	out, err := session.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	c.out = bufio.NewReader(out)
	if err := session.RequestSubsystem("netconf"); err != nil {
		r.t.Fatal(err)
	}
	_, after, _ := strings.Cut(c.receive(), "<session-id>")
	c.session, _, _ = strings.Cut(after, "</session-id>")
	c.send(`<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities/></hello>`)
	return c
}

func (c *rawClient) send(message string) {
	c.t.Helper()
	if _, err := io.WriteString(c.in, message+"]]>]]>"); err != nil {
		c.t.Fatal(err)
	}
}

// receive returns the next message without its terminator.
func (c *rawClient) receive() string {
	c.t.Helper()
	var b strings.Builder
	for !strings.HasSuffix(b.String(), "]]>]]>") {
		x, err := c.out.ReadByte()
		if err != nil {
			c.t.Fatalf("after %q: %v", b.String(), err)
		}
		b.WriteByte(x)
	}
	return strings.TrimSpace(strings.TrimSuffix(b.String(), "]]>]]>"))
}

// rpc sends an operation and returns the whole reply.
func (c *rawClient) rpc(operation string) string {
	c.t.Helper()
	c.send(`<rpc message-id="1">` + operation + "</rpc>")
	return c.receive()
}

// terminal opens a shell on a terminal, types text (^D stands for the key) and
// returns the screen once the router has closed the session.
func (r *rig) terminal(typed string) string {
	r.t.Helper()
	session, err := r.dial(port(r.cli)).NewSession()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := session.RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err != nil {
		r.t.Fatal(err)
	}
	session.Stdin = strings.NewReader(strings.NewReplacer("^D\n", "\x04", "^C", "\x03", "\n", "\r").Replace(typed))
	screen, err := session.StdoutPipe()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		r.t.Fatal(err)
	}
	text, err := io.ReadAll(screen)
	if err != nil {
		r.t.Fatal(err)
	}
	return strings.ReplaceAll(string(text), "\r\n", "\n")
}
