package server_test

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// TestReboot: everybody at a terminal hears that the router goes down, who
// asked gets an answer first, and then it goes.
func TestReboot(t *testing.T) {
	r := newRig(t, "")
	bystander, err := r.dial(port(r.cli)).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := bystander.RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	screen, err := bystander.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := bystander.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	if err := bystander.Shell(); err != nil {
		t.Fatal(err)
	}
	seen := func(want string) {
		t.Helper()
		var b strings.Builder
		for c := make([]byte, 1); !strings.Contains(b.String(), want); b.Write(c) {
			if _, err := io.ReadFull(screen, c); err != nil {
				t.Fatalf("after %q: %v", b.String(), err)
			}
		}
	}
	seen("admin@r1> ")
	must(t, r.netconf(), "<request-reboot><in>0</in></request-reboot>", "<request-reboot-status>Shutdown NOW!")
	seen("System going down IMMEDIATELY")
	if off := <-r.power; off {
		t.Error("a reboot switched the router off")
	}
	must(t, r.netconf(), "<request-power-off/>", "Shutdown NOW!")
	if off := <-r.power; !off {
		t.Error("the router was switched on again")
	}
}
