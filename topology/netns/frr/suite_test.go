package frr

import (
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

func running(t *testing.T, node *frrtest.Node, daemon string) bool {
	t.Helper()
	var alive bool
	node.Call(t, "Router.Running", daemon, &alive)
	return alive
}

func TestSuiteStartsKillsAndStops(t *testing.T) {
	node := boot(t, "r1")
	if out := show(t, node, "zebra", "show version"); !strings.Contains(out, "FRRouting 8") && !strings.Contains(out, "FRRouting") {
		t.Errorf("show version: %q", out)
	}
	node.Call(t, "Router.Kill", "staticd", nil)
	if running(t, node, "staticd") {
		t.Error("staticd runs after Kill")
	}
	var reply Reply
	node.Call(t, "Router.Command", Ask{"staticd", "show running-config"}, &reply)
	if !reply.Dead {
		t.Errorf("command in a dead daemon: %+v, want ErrNotRunning", reply)
	}
	node.Call(t, "Router.Start", "staticd", nil)
	show(t, node, "staticd", "show running-config")
	node.Call(t, "Router.Stop", struct{}{}, nil)
	if running(t, node, "zebra") || running(t, node, "staticd") {
		t.Error("daemons run after Stop")
	}
}

func TestRefusedCommandSaysWhy(t *testing.T) {
	node := boot(t, "r1")
	for _, test := range []struct {
		command string
		status  int
		says    string
	}{
		{"show nonsense", StatusUnknown, `zebra refused "show nonsense": [ZEBRA] Unknown command: show nonsense`},
		{"show ip route foo", StatusUnknown, "Unknown command"},
		{"show ip", StatusIncomplete, "incomplete"},
	} {
		var reply Reply
		node.Call(t, "Router.Command", Ask{"zebra", test.command}, &reply)
		if reply.Refusal == nil {
			t.Errorf("%q was accepted: %q", test.command, reply.Output)
			continue
		}
		if got := reply.Refusal.Error(); reply.Refusal.Status != test.status || !strings.Contains(strings.ToLower(got), strings.ToLower(test.says)) {
			t.Errorf("%q: status %d, %q; want status %d, %q", test.command, reply.Refusal.Status, got, test.status, test.says)
		}
	}
}

func TestUnknownDaemonIsRefused(t *testing.T) {
	s := &Suite{daemons: map[string]*daemon{}}
	if err := s.Kill("rpd"); err == nil || !strings.Contains(err.Error(), "ospfd") {
		t.Errorf("Kill(rpd) = %v, want a message that lists the daemons", err)
	}
}
