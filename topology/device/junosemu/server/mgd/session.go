package mgd

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// A Session is one user's login, over NETCONF or the CLI. Its embedded store
// session is what it edits.
type Session struct {
	*store.Session
	ID     int // as rpc-errors and "show system users" name it
	User   string
	Client string // netconf, cli
	From   string // address of the client
	Since  time.Time

	daemon *Daemon
	hangUp func()

	editMode, editLevel string // guarded by Daemon.mu

	hear func(text string) // of broadcasts; guarded by Daemon.mu
}

// Begin logs a user in. hangUp must end the connection without waiting for it;
// it is called when another session kills this one.
func (d *Daemon) Begin(user, client, from string, hangUp func()) *Session {
	d.mu.Lock()
	d.lastID++
	id := d.lastID
	d.mu.Unlock()
	now := time.Now()
	s := &Session{
		Session: d.store.Session(store.Who{User: user, Client: client, ID: id, Since: now}),
		ID:      id, User: user, Client: client, From: from, Since: now, daemon: d, hangUp: hangUp,
	}
	d.mu.Lock()
	d.sessions[id] = s
	d.mu.Unlock()
	d.note(s.process(), "UI_LOGIN_EVENT: User '%s' login, client-mode '%s', from '%s'", user, client, from)
	return s
}

// End logs the user out: locks and private candidates go. It may be called
// more than once.
func (s *Session) End() {
	s.daemon.mu.Lock()
	_, there := s.daemon.sessions[s.ID]
	delete(s.daemon.sessions, s.ID)
	s.daemon.mu.Unlock()
	if there {
		s.Session.Close()
		s.daemon.note(s.process(), "UI_LOGOUT_EVENT: User '%s' logout", s.User)
	}
}

// Kill ends another session and reports whether there was one of that number.
// Its lock is free when Kill returns.
func (s *Session) Kill(id int) bool {
	s.daemon.mu.Lock()
	other := s.daemon.sessions[id]
	s.daemon.mu.Unlock()
	if other == nil || other == s {
		return false
	}
	other.hangUp()
	other.End()
	return true
}

// Hear has a function called with what the router tells everybody at a
// terminal. It must not wait.
func (s *Session) Hear(hear func(text string)) {
	s.daemon.mu.Lock()
	defer s.daemon.mu.Unlock()
	s.hear = hear
}

// broadcast tells everybody at a terminal.
func (d *Daemon) broadcast(format string, args ...any) {
	text := fmt.Sprintf("\nBroadcast Message from root@%s\n        (no tty) at %s...\n\n%s\n",
		d.id.Name, time.Now().Format("15:04 MST"), fmt.Sprintf(format, args...))
	for _, s := range d.logins() {
		d.mu.Lock()
		hear := s.hear
		d.mu.Unlock()
		if hear != nil {
			hear(text)
		}
	}
}

// Store is the router's configurations.
func (s *Session) Store() *store.Store { return s.daemon.store }

// Hostname is the router's host name.
func (s *Session) Hostname() string { return s.daemon.Hostname() }

// Oper performs an operational RPC; see oper.Router.Answer. RPCs about the
// configuration's history are answered here.
func (s *Session) Oper(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	if answer, ok := storeOperations[rpc.Name]; ok {
		return answer.reply(s, rpc)
	}
	return s.daemon.router.Answer(ctx, rpc)
}

// LiveTraceroute prepares a traceroute whose hops are seen one by one.
func (s *Session) LiveTraceroute(rpc *xmltree.Element) (*oper.LiveTraceroute, error) {
	return s.daemon.router.LiveTraceroute(rpc)
}

// OperText renders an operational reply as the CLI prints it.
func (s *Session) OperText(rpc, reply *xmltree.Element) string {
	if answer, ok := storeOperations[rpc.Name]; ok && reply != nil && reply.Name != "output" {
		return answer.text(reply)
	}
	return oper.Text(rpc, reply)
}

// Known reports whether there is an operational RPC of that name.
func Known(name string) bool {
	_, ok := storeOperations[name]
	return ok || oper.Known(name)
}

// An Editor is a user in configuration mode.
type Editor struct {
	User, Client string
	ID           int
	Since        time.Time // of the login
	Mode         string    // private, exclusive, or "" for the shared candidate
	Level        string    // [edit protocols]
}

// Editing notes where the user edits; an empty level is nowhere.
func (s *Session) Editing(mode, level string) {
	s.daemon.mu.Lock()
	defer s.daemon.mu.Unlock()
	s.editMode, s.editLevel = mode, level
}

// Editors lists the users in configuration mode, and who holds the lock, by
// their number.
func (s *Session) Editors() []Editor {
	holder, locked := s.Store().Locked()
	s.daemon.mu.Lock()
	defer s.daemon.mu.Unlock()
	var all []Editor
	for _, o := range s.daemon.sessions {
		switch {
		case o.editLevel != "":
			all = append(all, Editor{o.User, o.Client, o.ID, o.Since, o.editMode, o.editLevel})
		case locked && o.ID == holder.ID:
			all = append(all, Editor{o.User, o.Client, o.ID, o.Since, "exclusive", "[edit]"})
		}
	}
	slices.SortFunc(all, func(a, b Editor) int { return a.ID - b.ID })
	return all
}
