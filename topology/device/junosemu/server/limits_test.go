package server_test

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"
)

// TestNETCONF11 speaks in chunks with a router that is told to offer them.
func TestNETCONF11(t *testing.T) {
	r := newRig(t, "system { host-name r1; services { netconf { ssh; rfc-compliant; version-1.1; } } }")
	session, err := r.dial(port(r.nc)).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, _ := session.StdinPipe()
	out, _ := session.StdoutPipe()
	if err := session.RequestSubsystem("netconf"); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(out)
	hello, err := until(reader, "]]>]]>")
	if err != nil || !strings.Contains(hello, "base:1.1") || !strings.Contains(hello, "<nc:hello") {
		t.Fatalf("hello: %v\n%s", err, hello)
	}
	_, _ = io.WriteString(in, `<hello xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><capabilities><capability>urn:ietf:params:netconf:base:1.1</capability></capabilities></hello>]]>]]>`)
	request := `<rpc message-id="1" xmlns="urn:ietf:params:xml:ns:netconf:base:1.0"><get-config><source><running/></source></get-config></rpc>`
	_, _ = fmt.Fprintf(in, "\n#10\n%s\n#%d\n%s\n##\n", request[:10], len(request)-10, request[10:])
	reply, err := until(reader, "\n##\n")
	if err != nil || !strings.HasPrefix(strings.TrimLeft(reply, "\n"), "#") || !strings.Contains(reply, "<host-name>r1</host-name>") {
		t.Fatalf("reply: %v\n%s", err, reply)
	}
}

// until reads up to and with a mark.
func until(r *bufio.Reader, mark string) (string, error) {
	var b strings.Builder
	for !strings.HasSuffix(b.String(), mark) {
		c, err := r.ReadByte()
		if err != nil {
			return b.String(), err
		}
		b.WriteByte(c)
	}
	return b.String(), nil
}

const limited = `system {
    host-name r1;
    login { retry-options { tries-before-disconnect 2; } }
    services { ssh { connection-limit 1; max-sessions-per-connection 1; } netconf { ssh { connection-limit 2; } } }
}`

func TestLimits(t *testing.T) {
	t.Run("login tries", func(t *testing.T) {
		r := newRig(t, limited)
		tries := 0
		_, err := ssh.Dial("tcp", r.nc.Addr().String(), &ssh.ClientConfig{
			User: user, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
			Auth: []ssh.AuthMethod{ssh.RetryableAuthMethod(ssh.PasswordCallback(func() (string, error) {
				tries++
				return "wrong", nil
			}), 20)},
		})
		if err == nil || tries > 3 {
			t.Errorf("%d tries, %v", tries, err)
		}
	})
	t.Run("sessions of a connection", func(t *testing.T) {
		r := newRig(t, limited)
		c := r.dial(port(r.nc))
		first, err := c.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		var refused *ssh.OpenChannelError
		if _, err := c.NewSession(); !errors.As(err, &refused) || refused.Reason != ssh.ResourceShortage || !strings.Contains(refused.Message, "1 sessions") {
			t.Errorf("second session: %v", err)
		}
		_ = first.Close()
	})
	t.Run("NETCONF sessions", func(t *testing.T) {
		r := newRig(t, limited)
		_, _ = r.raw(), r.raw()
		session, err := r.dial(port(r.nc)).NewSession()
		if err != nil {
			t.Fatal(err)
		}
		stderr, err := session.StderrPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := session.RequestSubsystem("netconf"); err != nil {
			t.Fatal(err)
		}
		if told, err := io.ReadAll(stderr); err != nil || !strings.Contains(string(told), "maximum of 2 NETCONF sessions") {
			t.Errorf("%v: %q", err, told)
		}
	})
	t.Run("connections", func(t *testing.T) {
		r := newRig(t, limited)
		for range 3 {
			r.dial(port(r.nc))
		}
		c, err := net.Dial("tcp", r.nc.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if told, err := io.ReadAll(c); err != nil || !strings.HasPrefix(string(told), "Too many connections") {
			t.Errorf("%q, %v", told, err)
		}
	})
}

// TestManySessions: fifty sessions at once read, load, compare and read again,
// each in a private candidate, and none gets an error.
func TestManySessions(t *testing.T) { manySessions(t, newRig(t, ""), 50) }

func manySessions(t testing.TB, r *rig, n int) {
	clients := make([]*rawClient, n)
	for i := range clients {
		clients[i] = r.raw()
	}
	var all sync.WaitGroup
	for i, c := range clients {
		all.Go(func() {
			for _, request := range []string{
				`<get-configuration format="set" database="committed"/>`,
				"<open-configuration><private/></open-configuration>",
				fmt.Sprintf(`<load-configuration action="set" format="text"><configuration-set>set system host-name h%d</configuration-set></load-configuration>`, i),
				`<get-configuration compare="rollback" rollback="0" format="text"/>`,
				"<close-configuration/>",
				"<get-software-information/>",
			} {
				if got := c.rpc(request); strings.Contains(got, "<rpc-error>") || !strings.Contains(got, "</rpc-reply>") {
					t.Errorf("session %d: %s: %s", i, request, got)
				}
			}
		})
	}
	all.Wait()
}

// BenchmarkSessions is fifty sessions at once, six requests each.
func BenchmarkSessions(b *testing.B) {
	for b.Loop() {
		manySessions(b, newRig(b, ""), 50)
	}
}
