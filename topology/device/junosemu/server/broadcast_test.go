package server_test

import (
	"io"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
)

// A person sits at a terminal, and types when there is something to see.
type person struct {
	t      testing.TB
	hands  io.Writer
	screen io.Reader
}

func (r *rig) person() person {
	r.t.Helper()
	session, err := r.dial(port(r.cli)).NewSession()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := session.RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err != nil {
		r.t.Fatal(err)
	}
	p := person{t: r.t}
	if p.screen, err = session.StdoutPipe(); err != nil {
		r.t.Fatal(err)
	}
	if p.hands, err = session.StdinPipe(); err != nil {
		r.t.Fatal(err)
	}
	if err := session.Shell(); err != nil {
		r.t.Fatal(err)
	}
	return p
}

// sees waits for text on the screen, and returns what came before it.
func (p person) sees(want string) string {
	p.t.Helper()
	var b strings.Builder
	for c := make([]byte, 1); !strings.HasSuffix(b.String(), want); b.Write(c) {
		if _, err := io.ReadFull(p.screen, c); err != nil {
			p.t.Fatalf("after %q: %v", b.String(), err)
		}
	}
	return strings.ReplaceAll(strings.TrimSuffix(b.String(), want), "\r\n", "\n")
}

func (p person) types(text string) {
	p.t.Helper()
	if _, err := io.WriteString(p.hands, text); err != nil {
		p.t.Fatal(err)
	}
}

// TestReboot: everybody at a terminal hears that the router goes down, who
// asked gets an answer first, and then it goes.
func TestReboot(t *testing.T) {
	r := newRig(t, "")
	bystander := r.person()
	bystander.sees("admin@r1> ")
	must(t, r.netconf(), "<request-reboot><in>0</in></request-reboot>", "<request-reboot-status>Shutdown NOW!")
	bystander.sees("System going down IMMEDIATELY")
	if off := <-r.power; off {
		t.Error("a reboot switched the router off")
	}
	must(t, r.netconf(), "<request-power-off/>", "Shutdown NOW!")
	if off := <-r.power; !off {
		t.Error("the router was switched on again")
	}
}

// TestLivePing: at a terminal the answers are seen as they come, until there
// are enough or somebody has seen enough.
func TestLivePing(t *testing.T) {
	r := newRig(t, "")
	r.sensor.Programs["ping"] = `PING 10.0.41.1 (10.0.41.1) 56(84) bytes of data.
64 bytes from 10.0.41.1: icmp_seq=1 ttl=64 time=0.5 ms

--- 10.0.41.1 ping statistics ---
1 packets transmitted, 1 received, 0% packet loss, time 0ms
`
	p := r.person()
	p.sees("admin@r1> ")
	p.types("ping 10.0.41.1 interval 0.1 count 2\r")
	const head = "PING 10.0.41.1 (10.0.41.1): 56 data bytes\n"
	const first = "64 bytes from 10.0.41.1: icmp_seq=0 ttl=64 time=0.500 ms\n"
	const second = "64 bytes from 10.0.41.1: icmp_seq=1 ttl=64 time=0.500 ms\n"
	const end = "\n--- 10.0.41.1 ping statistics ---\n2 packets transmitted, 2 packets received, 0% packet loss\n" +
		"round-trip min/avg/max/stddev = 0.500/0.500/0.500/0.000 ms\n\n"
	p.sees("count 2\r\n")
	if got := p.sees("admin@r1> "); got != head+first+second+end {
		t.Errorf("two requests:\n%s", got)
	}
	p.types("ping 10.0.41.1 interval 0.1\r")
	p.sees("icmp_seq=3")
	p.types("\x03")
	p.sees("^C\r\n\r\n--- 10.0.41.1 ping statistics ---")
	p.sees("admin@r1> ")
	for _, c := range r.sensor.Calls() {
		if c != "ping -n -c 1 -s 56 -W 1 10.0.41.1" {
			t.Errorf("performed %s", c)
		}
	}
}
