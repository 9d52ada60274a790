package clientstest

import (
	"context"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
)

// A change is what is configured, in set commands, on a router of the protocols
// lab.
type change struct{ node, commands string }

// A sight is what a program of a router must print, and must not.
type sight struct {
	node, ask string // "bgpd: show …" asks FRR, "show …" the router
	want, not []string
}

// route is the view that a router's bgpd has of a prefix.
func route(node, prefix string, want ...string) sight {
	family := "ipv4"
	if strings.Contains(prefix, ":") {
		family = "ipv6"
	}
	return sight{node: node, ask: "bgpd: show bgp " + family + " unicast " + prefix, want: want}
}

// gone is a prefix that a router's bgpd does not know.
func gone(node, prefix string) sight { return route(node, prefix, "% Network not in table") }

// A statement is what is configured, and what can then be seen.
type statement struct {
	name    string
	changes []change
	sights  []sight
}

// TestBGPStatements configures statements and looks at the neighbors.
func TestBGPStatements(t *testing.T) { testStatements(t, bgpCases) }

func testStatements(t *testing.T, cases []statement) {
	l := deploy(t, "testdata/protocols/protocols.clab.yml")
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			l := &lab{t, l.backend, l.Lab}
			for _, change := range c.changes {
				l.configure(change)
			}
			for _, s := range c.sights {
				l.look(s)
			}
		})
	}
}

// configure commits a change, and takes it back when the test ends.
func (l *lab) configure(c change) {
	l.Helper()
	dial := junos.Dialer(func(string) (string, string, error) { return user, password, nil })
	s, err := dial(l.Context(), *l.Node(c.node))
	l.do(err)
	_, err = s.Apply(l.Context(), device.Change{Text: c.commands, Format: device.FormatSet})
	l.do(err)
	l.Cleanup(func() {
		_, err := s.Rollback(context.Background(), 1, "")
		l.do(err)
		l.do(s.Close())
	})
}

// look waits until a router prints what it must.
func (l *lab) look(s sight) {
	l.Helper()
	var out, missing string
	defer func() {
		if missing != "" {
			l.Logf("%s: %s: %s\n%s", s.node, s.ask, missing, out)
		}
	}()
	eventually(l.T, s.ask, func() bool {
		out, missing = l.printed(s.node, s.ask), ""
		for _, w := range s.want {
			if !strings.Contains(out, w) {
				missing = "lacks " + w
			}
		}
		for _, n := range s.not {
			if strings.Contains(out, n) {
				missing = "has " + n
			}
		}
		return missing == ""
	})
}

// printed is what a router prints.
func (l *lab) printed(node, ask string) string {
	l.Helper()
	daemon, command, isFRR := strings.Cut(ask, ": ")
	if !isFRR {
		out, err := l.cli(node, ask)
		l.do(err)
		return out
	}
	r, err := l.backend.Exec(l.Context(), l.Name, node, []string{"vtysh", "-d", daemon, "-c", command})
	l.do(err)
	return r.Stdout
}
