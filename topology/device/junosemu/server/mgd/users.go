package mgd

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// logins lists the sessions by their number.
func (d *Daemon) logins() []*Session {
	d.mu.Lock()
	defer d.mu.Unlock()
	var all []*Session
	for _, s := range d.sessions {
		all = append(all, s)
	}
	slices.SortFunc(all, func(a, b *Session) int { return a.ID - b.ID })
	return all
}

// users answers get-system-users-information. How long a user has typed
// nothing is not measured.
func (s *Session) users(*xmltree.Element) (*xmltree.Element, error) {
	all := s.daemon.logins()
	table := xmltree.New("user-table")
	for _, o := range all {
		table.Add(xmltree.New("user-entry").
			Leaf("user", o.User).Leaf("tty", fmt.Sprintf("pts/%d", o.ID)).Leaf("from", o.From).
			Add(xmltree.Leaf("login-time", o.Since.Format("3:04PM")).Set("junos:seconds", strconv.FormatInt(o.Since.Unix(), 10))).
			Leaf("command", map[string]string{"cli": "-cli (cli)", "netconf": "mgd (netconf)"}[o.Client]))
	}
	return xmltree.New("system-users-information", s.daemon.router.Load().Add(table)), nil
}

func usersText(reply *xmltree.Element) string {
	var b strings.Builder
	up := reply.Child("uptime-information")
	b.WriteString(oper.LoadText(up))
	fmt.Fprintf(&b, "%-9s %-8s %-34s %-8s %s\n", "USER", "TTY", "FROM", "LOGIN@", "WHAT")
	for _, u := range up.Child("user-table").All("user-entry") {
		fmt.Fprintf(&b, "%-9s %-8s %-34s %-8s %s\n", u.Value("user"), u.Value("tty"), u.Value("from"), u.Value("login-time"), u.Value("command"))
	}
	return b.String()
}

// rebootDelay is how long the router stays after it said that it goes down, so
// that who asked hears it.
const rebootDelay = time.Second

// reboot, halt and powerOff perform request-reboot, request-halt and
// request-power-off.
func (s *Session) reboot(rpc *xmltree.Element) (*xmltree.Element, error) {
	return s.goDown(rpc, "reboot", false)
}

func (s *Session) halt(rpc *xmltree.Element) (*xmltree.Element, error) {
	return s.goDown(rpc, "halt", true)
}

func (s *Session) powerOff(rpc *xmltree.Element) (*xmltree.Element, error) {
	return s.goDown(rpc, "power-off", true)
}

func (s *Session) goDown(rpc *xmltree.Element, what string, off bool) (*xmltree.Element, error) {
	for _, argument := range rpc.Children {
		switch value := strings.TrimSpace(argument.Text); {
		case argument.Name == "message", argument.Name == "both-routing-engines", argument.Name == "all-members",
			(argument.Name == "at" || argument.Name == "in") && (value == "now" || value == "0" || value == "+0"):
		default:
			return nil, &oper.Refusal{Message: "syntax error", BadElement: argument.Name}
		}
	}
	if s.daemon.power == nil {
		return nil, &oper.Refusal{Message: "this router cannot be switched off"}
	}
	s.daemon.note(s.process(), "UI_REBOOT_EVENT: System %s by '%s'", what, s.User)
	s.daemon.broadcast("*** System %s by %s@%s ***\n\nSystem going down IMMEDIATELY", what, s.User, s.daemon.id.Name)
	time.AfterFunc(rebootDelay, func() { s.daemon.power(off) })
	return xmltree.New("request-reboot-results").
		Leaf("request-reboot-status", fmt.Sprintf("Shutdown NOW!\n[pid %d]", s.ID)), nil
}

func rebootText(reply *xmltree.Element) string { return reply.Value("request-reboot-status") + "\n" }
