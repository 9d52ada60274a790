package clab

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// Ports of a node's management address.
const (
	sshPort     = 22
	netconfPort = 830
)

// commitTime is how long a commit may take on a router that has just booted.
const commitTime = 5 * time.Minute

// ladder is what a node has to reach, in this order. A container that is healthy is
// not ready: the flag of a virtual machine turns when its console takes a login,
// long before there are ports.
func (c *climber) ladder(commit bool) []rung {
	rungs := []rung{{name: "running container", try: c.container}}
	if !c.node.IsJunos() {
		return append(rungs, rung{name: "good health", try: c.healthy})
	}
	rungs = append(rungs,
		rung{name: "SSH", try: c.ssh},
		rung{name: "NETCONF", try: c.netconf},
	)
	if platformOf(c.node.Kind).fpc {
		rungs = append(rungs, rung{name: "line card", try: c.fpc})
	}
	if c.port != "" {
		rungs = append(rungs, rung{name: "port " + c.port, try: c.firstPort})
	}
	if commit {
		rungs = append(rungs, rung{name: "commit", try: c.commit, most: commitTime})
	}
	return rungs
}

// container looks at the node's container and notes its address.
func (c *climber) container(ctx context.Context) error {
	containers, err := c.backend.containers(ctx, c.lab)
	if err != nil {
		return err
	}
	found := find(containers, c.node.Name)
	if found == nil || !found.running() {
		state := "not there"
		if found != nil {
			state = found.State + " (" + found.Status + ")"
		}
		if c.ran || found != nil && (found.State == "exited" || found.State == "dead") {
			return fmt.Errorf("%w: it is %s", errDied, state)
		}
		return fmt.Errorf("its container is %s", state)
	}
	c.ran = true
	if c.node.IsJunos() {
		if found.address() == "" {
			return errors.New("its container has no management address")
		}
		c.state.Mgmt = topology.Access{
			Host: found.address(), SSHPort: sshPort, NetconfPort: netconfPort,
			Credentials: platformOf(c.node.Kind).credentials,
		}
	}
	look(&c.state, found)
	return nil
}

// healthy holds for containers whose image has a health check; others have no
// health to wait for.
func (c *climber) healthy(ctx context.Context) error {
	containers, err := c.backend.containers(ctx, c.lab)
	if err != nil {
		return err
	}
	found := find(containers, c.node.Name)
	if found != nil && (strings.Contains(found.Status, "health: starting") || strings.Contains(found.Status, "unhealthy")) {
		return fmt.Errorf("its container's health check says %q", found.Status)
	}
	return nil
}

// ssh waits for the server's greeting: whatever forwards the port into a virtual
// machine takes connections long before.
func (c *climber) ssh(ctx context.Context) error {
	conn, err := c.backend.dialTCP(ctx, "tcp", net.JoinHostPort(c.state.Mgmt.Host, strconv.Itoa(c.state.Mgmt.SSHPort)))
	if err != nil {
		return err
	}
	defer conn.Close()
	deadline, _ := ctx.Deadline()
	if err := conn.SetDeadline(deadline); err != nil {
		return err
	}
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	greeting, err := bufio.NewReaderSize(conn, 256).ReadSlice('\n')
	if err != nil {
		return fmt.Errorf("its SSH server does not greet: %w", err)
	}
	if !bytes.HasPrefix(greeting, []byte("SSH-")) {
		return fmt.Errorf("port %d greets with %q, which is not SSH", c.state.Mgmt.SSHPort, greeting)
	}
	return nil
}

// netconf opens a session and asks which software really runs.
func (c *climber) netconf(ctx context.Context) error {
	return c.session(ctx, func(s device.Session) error {
		reply, err := s.Get(ctx, "get-software-information")
		if err != nil {
			return err
		}
		c.emu = slices.Contains(values(reply, "name"), "junos-emulator")
		name := platformOf(c.node.Kind).name
		if c.emu {
			name = "Junos emulator in the place of " + name
		}
		for _, version := range values(reply, "junos-version") {
			c.state.Platform = name + " " + version
			break
		}
		return nil
	})
}

// fpc waits for a line card. The emulator has none, whose place it may take.
func (c *climber) fpc(ctx context.Context) error {
	if c.emu {
		return nil
	}
	return c.session(ctx, func(s device.Session) error {
		reply, err := s.Get(ctx, "get-fpc-information")
		if err != nil {
			return err
		}
		states := values(reply, "state")
		if !slices.Contains(states, "Online") {
			return fmt.Errorf("no line card is online: %s", strings.Join(states, ", "))
		}
		return nil
	})
}

// firstPort waits for the first port that the topology uses.
func (c *climber) firstPort(ctx context.Context) error {
	return c.session(ctx, func(s device.Session) error {
		reply, err := s.Get(ctx, "<get-interface-information><interface-name>"+c.port+"</interface-name><terse/></get-interface-information>")
		if err != nil {
			return err
		}
		if !slices.Contains(values(reply, "name"), c.port) {
			return fmt.Errorf("it has no port %s", c.port)
		}
		return nil
	})
}

// commit commits the configuration as it is. Under the lock nobody else's
// unfinished changes can come along: a changed candidate cannot be locked.
func (c *climber) commit(ctx context.Context) error {
	return c.session(ctx, func(s device.Session) (err error) {
		if _, err := s.Get(ctx, "<lock><target><candidate/></target></lock>"); err != nil {
			return err
		}
		defer func() {
			_, unlockErr := s.Get(ctx, "<unlock><target><candidate/></target></unlock>")
			err = errors.Join(err, unlockErr)
		}()
		_, err = s.Get(ctx, "<commit-configuration><log>ccl: is the router ready to commit?</log></commit-configuration>")
		return err
	})
}

// session calls do with a session of its own, so that one that broke in a reboot
// stands in nobody's way.
func (c *climber) session(ctx context.Context, do func(device.Session) error) error {
	s, err := c.backend.Dial(ctx, c.state)
	if err != nil {
		return err
	}
	defer s.Close()
	return do(s)
}

// values returns the text of every element of a name, at any depth, since routers
// with several routing engines wrap their replies.
func values(reply []byte, name string) []string {
	var found []string
	d := xml.NewDecoder(bytes.NewReader(reply))
	for {
		token, err := d.Token()
		if err != nil {
			return found
		}
		start, ok := token.(xml.StartElement)
		if !ok || start.Name.Local != name {
			continue
		}
		var text struct {
			Value string `xml:",chardata"`
		}
		if d.DecodeElement(&text, &start) == nil {
			found = append(found, strings.TrimSpace(text.Value))
		}
	}
}

// platformName says what a node is before it is asked, for reports: its image.
func platformName(n *topology.Node) string {
	name := platformOf(n.Kind).name
	if n.Image == "" {
		return name
	}
	return name + " (" + n.Image + ")"
}
