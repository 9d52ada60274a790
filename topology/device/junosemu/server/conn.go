package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"runtime/debug"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology/device/junosemu/server/cli"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server/netconf"
)

// handshakeTime is how long a client may take to log in.
const handshakeTime = 2 * time.Minute

// serveConn speaks SSH with one client until the connection ends.
func (s *Server) serveConn(c net.Conn, withCLI bool) {
	_ = c.SetDeadline(time.Now().Add(handshakeTime))
	settings := *s.config
	settings.MaxAuthTries = s.daemon.Services().LoginTries
	conn, channels, requests, err := ssh.NewServerConn(c, &settings)
	if err != nil {
		s.log.Debug("login failed", "client", c.RemoteAddr(), "error", err)
		return
	}
	_ = c.SetDeadline(time.Time{})
	s.log.Debug("login", "client", c.RemoteAddr(), "user", conn.User())
	var wg sync.WaitGroup
	defer wg.Wait()
	wg.Go(func() { ssh.DiscardRequests(requests) })
	var open atomic.Int64 // sessions of this connection
	for offered := range channels {
		if offered.ChannelType() != "session" {
			_ = offered.Reject(ssh.UnknownChannelType, "only sessions")
			continue
		}
		if limit := s.daemon.Services().ChannelLimit; open.Load() >= int64(limit) {
			_ = offered.Reject(ssh.ResourceShortage, fmt.Sprintf("no more than %d sessions in a connection", limit))
			continue
		}
		channel, requests, err := offered.Accept()
		if err != nil {
			continue
		}
		ch := &channelServer{server: s, user: conn.User(), from: host(c.RemoteAddr()), channel: channel, withCLI: withCLI}
		open.Add(1)
		wg.Go(func() {
			defer open.Add(-1)
			ch.serve(requests)
		})
	}
}

// host is the address of a client without its port.
func host(a net.Addr) string {
	h, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return a.String()
	}
	return h
}

// A channelServer serves one SSH session channel: a terminal, a command, or
// the netconf subsystem.
type channelServer struct {
	server  *Server
	user    string
	from    string // address of the client
	channel ssh.Channel
	withCLI bool

	ctx      context.Context // ends with the channel or the server
	terminal bool            // the client asked for one
	rows     int             // of the terminal
	columns  int
	started  bool
}

// serve answers the channel's requests; the program that one of them starts
// runs beside it.
func (c *channelServer) serve(requests <-chan *ssh.Request) {
	var program sync.WaitGroup
	defer program.Wait()
	ctx, cancel := context.WithCancel(c.server.ctx)
	defer cancel() // before the wait: a client that left ends its program
	c.ctx = ctx
	for r := range requests {
		run := c.request(r)
		_ = r.Reply(run != nil || r.Type == "env" || r.Type == "pty-req" || r.Type == "window-change", nil)
		if run != nil {
			program.Go(func() { c.finish(c.guard(run)) })
		}
	}
}

// request reads a request and returns the program it starts, or nil.
func (c *channelServer) request(r *ssh.Request) (run func() int) {
	switch r.Type {
	case "pty-req":
		var pty struct {
			Term          string
			Columns, Rows uint32
			Width, Height uint32
			Modes         string
		}
		if c.terminal = true; ssh.Unmarshal(r.Payload, &pty) == nil {
			c.rows, c.columns = int(min(pty.Rows, 10_000)), int(min(pty.Columns, 10_000))
		}
		return nil
	case "shell", "exec", "subsystem":
	default:
		return nil
	}
	var argument struct{ Value string }
	if c.started || r.Type != "shell" && ssh.Unmarshal(r.Payload, &argument) != nil {
		return nil
	}
	value := strings.TrimSpace(argument.Value)
	speaksNETCONF := value == "netconf" || r.Type == "exec" && strings.HasPrefix(value, "xml-mode netconf")
	switch {
	case r.Type != "shell" && speaksNETCONF:
		run = c.netconf
	case r.Type == "subsystem" || !c.withCLI:
		return nil
	case r.Type == "exec":
		run = func() int { return c.exec(value) }
	default:
		run = c.shell
	}
	c.started = true
	return run
}

// died is the exit status of a program that panicked.
const died = 70 // EX_SOFTWARE of sysexits.h

// guard runs a program. If it panics only its session ends, as a router's
// management process takes nobody with it, and the log has what there is to know.
func (c *channelServer) guard(run func() int) (status int) {
	defer func() {
		if p := recover(); p != nil {
			c.server.log.Error("a session died of a fault in the emulator", "user", c.user, "client", c.from, "panic", p, "stack", string(debug.Stack()))
			_, _ = io.WriteString(c.channel.Stderr(), "error: the session died of a fault in the emulator; its log says where\n")
			status = died
		}
	}()
	return run()
}

// finish reports a program's exit status and closes the channel.
func (c *channelServer) finish(status int) {
	_, _ = c.channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{uint32(status)}))
	_ = c.channel.Close()
}

// hangUp ends the channel for a session that is killed.
func (c *channelServer) hangUp() { _ = c.channel.Close() }

func (c *channelServer) netconf() int {
	if limit := c.server.daemon.Services().NETCONFLimit; c.server.daemon.Count("netconf") >= limit {
		return c.refuse(fmt.Sprintf("the maximum of %d NETCONF sessions is reached", limit))
	}
	session := c.server.daemon.Begin(c.user, "netconf", c.from, c.hangUp)
	defer session.End()
	if err := netconf.Serve(c.ctx, c.channel, session, c.server.log); err != nil {
		c.server.log.Debug("netconf session ended", "session", session.ID, "error", err)
	}
	return 0
}

func (c *channelServer) exec(command string) int {
	session := c.server.daemon.Begin(c.user, "cli", c.from, c.hangUp)
	defer session.End()
	return cli.Exec(c.ctx, session, command, c.output(), c.channel.Stderr())
}

func (c *channelServer) shell() int {
	session := c.server.daemon.Begin(c.user, "cli", c.from, c.hangUp)
	defer session.End()
	cli.Shell(c.ctx, session, cli.Terminal{In: c.channel, Out: c.output(), Echo: c.terminal, Rows: c.rows, Columns: c.columns})
	return 0
}

// refuse tells a client why it gets no session.
func (c *channelServer) refuse(why string) int {
	c.server.log.Debug("session refused", "user", c.user, "why", why)
	_, _ = io.WriteString(c.channel.Stderr(), "error: "+why+"\n")
	return 1
}

// output is the channel, with the line ends that a terminal wants.
func (c *channelServer) output() io.Writer {
	if c.terminal {
		return crlfWriter{c.channel}
	}
	return c.channel
}

// crlfWriter turns line feeds into what moves a terminal's cursor to the start
// of the next line.
type crlfWriter struct{ w io.Writer }

func (w crlfWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(w.w, strings.ReplaceAll(string(p), "\n", "\r\n")); err != nil {
		return 0, err
	}
	return len(p), nil
}
