// Package junos is the device.Session of Junos, real or emulated, over
// NETCONF by scrapligo.
//
// scrapligo calls every reply with an <rpc-error> failed, also one that only
// warns, and knows no context; both are put right here: a warning is a
// warning, a refusal is a device.RejectedError with the router's words, and a
// done context closes the connection. Its Close waits for ever on a
// connection that the router has dropped; the one here does not.
package junos

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/scrapli/scrapligo/driver/netconf"
	"github.com/scrapli/scrapligo/driver/opoptions"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/transport"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// Longest waits when the context sets no deadline. Commits of thousands of
// lines take minutes on a real router.
const (
	openTimeout   = 30 * time.Second
	rpcTimeout    = 60 * time.Second
	commitTimeout = 10 * time.Minute
)

// Credentials looks up the user and password that a name stands for.
type Credentials func(name string) (user, password string, err error)

// Dialer returns a device.Dial that logs in with what lookup knows.
func Dialer(lookup Credentials) device.Dial {
	return func(ctx context.Context, node topology.LabNode) (device.Session, error) {
		user, password, err := lookup(node.Mgmt.Credentials)
		if err != nil {
			return nil, fmt.Errorf("credentials of %s: %w", node.Name, err)
		}
		s, err := open(ctx, node, user, password)
		if err != nil {
			return nil, fmt.Errorf("NETCONF to %s (%s:%d): %w", node.Name, node.Mgmt.Host, node.Mgmt.NetconfPort, err)
		}
		return s, nil
	}
}

// Session is an open NETCONF session. It is safe for concurrent use; requests
// go one after another.
type Session struct {
	node string

	mu     sync.Mutex // one request at a time
	driver *netconf.Driver
	closed bool
}

var _ device.Session = (*Session)(nil)

func open(ctx context.Context, node topology.LabNode, user, password string) (*Session, error) {
	d, err := netconf.NewDriver(node.Mgmt.Host,
		options.WithPort(node.Mgmt.NetconfPort),
		options.WithAuthUsername(user),
		options.WithAuthPassword(password),
		options.WithAuthNoStrictKey(), // lab devices get a new host key with every deployment
		options.WithTransportType(transport.StandardTransport),
		options.WithTimeoutSocket(remaining(ctx, openTimeout)),
		options.WithTimeoutOps(remaining(ctx, openTimeout)),
	)
	if err != nil {
		return nil, err
	}
	s := &Session{node: node.Name, driver: d}
	// scrapligo's own time-outs do not cover the SSH handshake.
	ctx, cancel := context.WithTimeoutCause(ctx, openTimeout, fmt.Errorf("no answer within %s", openTimeout))
	defer cancel()
	opened := make(chan error, 1)
	go func() { opened <- d.Open() }()
	select {
	case err := <-opened:
		if err != nil {
			return nil, err
		}
		return s, nil
	case <-ctx.Done():
		go func() { // Open returns at its own time-out; what it opened must not stay
			if <-opened == nil {
				_ = shut(d)
			}
		}()
		return nil, context.Cause(ctx)
	}
}

// remaining is the time until ctx's deadline, or most if that is sooner.
func remaining(ctx context.Context, most time.Duration) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return most
	}
	return max(min(time.Until(deadline), most), time.Millisecond)
}

// errClosed is what a session answers after Close or a done context.
var errClosed = errors.New("session is closed")

// call sends one RPC's content and returns the reply. A reply that carries an
// error of severity "error" is also returned as a *device.RejectedError.
func (s *Session) call(ctx context.Context, op, request string) (*reply, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil, errClosed
	}
	most := rpcTimeout
	if op == opCommit || op == opCheck {
		most = commitTimeout
	}
	raw, err := s.send(ctx, request, most)
	if err != nil {
		s.shut() // its stream may hold half a reply
		return nil, fmt.Errorf("%s on %s: %w", op, s.node, err)
	}
	r, err := parseReply(raw)
	if err != nil {
		s.shut()
		return nil, fmt.Errorf("%s on %s: %w", op, s.node, err)
	}
	return r, r.refusal(s.node, op)
}

func (s *Session) send(ctx context.Context, request string, most time.Duration) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	type answer struct {
		raw []byte
		err error
	}
	answered := make(chan answer, 1)
	timeout := remaining(ctx, most)
	go func() {
		r, err := s.driver.RPC(opoptions.WithFilter(request), opoptions.WithTimeoutOps(timeout))
		if err != nil {
			answered <- answer{err: err}
			return
		}
		answered <- answer{raw: []byte(r.Result)}
	}()
	select {
	case a := <-answered:
		if a.err != nil && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return a.raw, a.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Close ends the session. Closing it again does nothing.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return nil
	}
	return s.shut()
}

func (s *Session) shut() error {
	s.closed = true
	return shut(s.driver)
}

// closeGrace is how long the driver may take to close in good order.
const closeGrace = 250 * time.Millisecond

// shut closes a driver. Its own Close hands its reader a word and waits until
// it is taken, which is never once the reader has met a broken connection: then
// the connection below is closed, and the two that wait for each other stay.
func shut(d *netconf.Driver) error {
	closed := make(chan error, 1)
	go func() { closed <- d.Close() }()
	select {
	case err := <-closed:
		return err
	case <-time.After(closeGrace):
		return d.Channel.Close()
	}
}
