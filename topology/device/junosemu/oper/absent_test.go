package oper_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
)

// TestAbsent: what the emulator does not have is answered as by a router that
// is not configured for it.
func TestAbsent(t *testing.T) {
	for _, c := range []struct{ command, element, text string }{
		{"show ldp neighbor", "output", "LDP instance is not running\n"},
		{"show mpls lsp ingress extensive", "output", "MPLS not configured\n"},
		{"show rsvp session", "output", "RSVP not configured\n"},
		{"show pim neighbors instance red", "output", "PIM instance is not running\n"},
		{"show lacp interfaces", "output", "lacp subsystem not running - not needed by configuration.\n"},
		{"show ntp associations no-resolve", "output", "ntpq: read: Connection refused\n"},
		{"show l2circuit connections brief", "l2circuit-connection-information", ""},
		{"show evpn instance extensive", "evpn-instance-information", ""},
		{"show vlans", "l2ng-l2ald-vlan-instance-information", "Routing instance        VLAN name             Tag          Interfaces\n"},
		{"show chassis fpc pic-status", "fpc-information", ""},
		{"show chassis pic fpc-slot 0 pic-slot 0", "fpc-information", ""},
		{"show interfaces queue", "interface-information", ""},
	} {
		r, _, _ := newVirtualRouter()
		rpc, err := oper.Commands.Parse(strings.Fields(c.command))
		if err != nil {
			t.Errorf("%s: %v", c.command, err)
			continue
		}
		reply, err := r.Answer(t.Context(), rpc)
		if err != nil || reply.Name != c.element || len(reply.Children) > 0 {
			t.Errorf("%s: %v, %v, want <%s>", c.command, reply, err, c.element)
			continue
		}
		if text := oper.Text(rpc, reply); text != c.text {
			t.Errorf("%s: %q, want %q", c.command, text, c.text)
		}
	}
}

// TestConfiguredAndAbsent: where it is configured, that answer would be wrong.
func TestConfiguredAndAbsent(t *testing.T) {
	r, _, _ := newVirtualRouter()
	r.Configured = func(instance string, path ...string) bool {
		return instance == "" && slices.Equal(path, []string{"protocols", "ldp"})
	}
	_, err := run(t, r, "show ldp session")
	var refused *oper.Refusal
	if !errors.As(err, &refused) || refused.Message != "[edit protocols ldp] is configured, and not emulated" {
		t.Errorf("show ldp session: %v", err)
	}
	if text, err := run(t, r, "show ldp session instance red"); err != nil || text != "LDP instance is not running\n" {
		t.Errorf("in an instance without LDP: %q, %v", text, err)
	}
}
