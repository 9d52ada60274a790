package dataplane

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/intent"
)

// Junos applies a Junos configuration to a node.
type Junos struct {
	Identity junosemu.Identity
	Text     string
}

// Commit compiles a configuration and applies it.
func (p *Plane) Commit(j Junos, outcome *Outcome) error {
	tree, err := config.Parse(j.Text)
	if err != nil {
		return err
	}
	want, _, err := intent.Compile(tree, j.Identity)
	if err != nil {
		return err
	}
	return p.Apply(*want, outcome)
}

// Listen accepts TCP connections on a port, and says hello on each.
func (p *Plane) Listen(port int, _ *struct{}) error {
	l, err := net.Listen("tcp", fmt.Sprintf(":%d", port))
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			io.WriteString(conn, "hello")
			conn.Close()
		}
	}()
	return nil
}

// dialTimeout is how long a test waits for an answer that may not come.
const dialTimeout = time.Second

// Dial connects to an address and reads what comes: "hello", "refused" for a
// reset, "unreachable" for a message of ICMP, "silence" for nothing.
func (p *Plane) Dial(address string, heard *string) error {
	dialer := net.Dialer{Timeout: dialTimeout}
	conn, err := dialer.DialContext(context.Background(), "tcp", address)
	var timeout net.Error
	switch {
	case errors.Is(err, syscall.ECONNREFUSED):
		*heard = "refused"
		return nil
	case errors.Is(err, syscall.EHOSTUNREACH), errors.Is(err, syscall.EACCES):
		*heard = "unreachable"
		return nil
	case errors.As(err, &timeout) && timeout.Timeout():
		*heard = "silence"
		return nil
	case err != nil:
		return err
	}
	defer conn.Close()
	conn.SetDeadline(time.Now().Add(dialTimeout))
	said, err := io.ReadAll(conn)
	*heard = string(said)
	return err
}

// Reboot forgets all that the data plane knew; FRR starts anew.
func (p *Plane) Reboot(id junosemu.Identity, reply *struct{}) error {
	for _, name := range p.d.suite.Daemons() {
		if err := p.d.suite.Kill(name); err != nil {
			return err
		}
	}
	return p.Boot(id, reply)
}

// Logged lists the packets that filters have logged.
func (p *Plane) Logged(_ struct{}, entries *[]junosemu.FirewallLogEntry) (err error) {
	*entries, err = p.d.FirewallLog(context.Background())
	return err
}
