package clientstest

import (
	"errors"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/topology/device/junos"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// TestReboot has a router reboot itself: its neighbor loses the link, and it
// comes back with what was committed.
func TestReboot(t *testing.T) {
	l := deployPair(t)
	dial := junos.Dialer(func(string) (string, string, error) { return user, password, nil })
	s, err := dial(t.Context(), *l.Node("r1"))
	l.do(err)
	_, err = s.Apply(t.Context(), device.Change{Text: "set system host-name rebooted", Format: device.FormatSet})
	l.do(err)
	before, err := l.booted("r1")
	l.do(err)
	out, err := l.cli("r1", "request system reboot")
	l.do(err)
	if !strings.HasPrefix(out, "Shutdown NOW!\n") {
		t.Errorf("request system reboot: %q", out)
	}
	eventually(t, "r2 has lost its neighbor", func() bool {
		out, err := l.cli("r2", "show ospf neighbor")
		return err == nil && !strings.Contains(out, "Full")
	})
	eventually(t, "r1 is back", func() bool {
		again, err := l.booted("r1")
		return err == nil && again > before
	})
	if out, err := l.cli("r1", "show version"); err != nil || !strings.Contains(out, "Hostname: rebooted") {
		t.Errorf("after the reboot: %v\n%s", err, out)
	}
	if _, err := s.Run(t.Context(), "show version"); err == nil {
		t.Error("a session outlived the reboot")
	}
	eventually(t, "r2 has its neighbor again", func() bool {
		out, err := l.cli("r2", "show ospf neighbor")
		return err == nil && strings.Contains(out, "Full")
	})
}

// booted is when a router started, in seconds.
func (l *lab) booted(node string) (string, error) {
	out, err := l.cli(node, "show system uptime | display xml")
	if err != nil {
		return "", err
	}
	root, err := xmltree.Parse([]byte(out))
	if err != nil {
		return "", err
	}
	when := root.Child("system-uptime-information").Child("system-booted-time").Child("date-time").Attr("seconds")
	if when == "" {
		return "", errors.New("no time in " + out)
	}
	return when, nil
}
