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

// TestLiveTraceroute: at a terminal each hop is seen when it is known, up to the
// host.
func TestLiveTraceroute(t *testing.T) {
	r := newRig(t, "")
	for hop, line := range map[string]string{
		"1": " 1  10.0.41.1  0.1 ms  0.2 ms  0.3 ms",
		"2": " 2  * * *",
		"3": " 3  10.9.9.9  0.4 ms  0.5 ms  0.6 ms",
	} {
		r.sensor.Programs["traceroute -n -f "+hop+" -m "+hop+" -w 2 10.9.9.9"] = "traceroute to 10.9.9.9\n" + line + "\n"
	}
	p := r.person()
	p.sees("admin@r1> ")
	p.types("traceroute 10.9.9.9 wait 2\r")
	p.sees("wait 2\r\n")
	const want = "traceroute to 10.9.9.9 (10.9.9.9), 30 hops max, 52 byte packets\n" +
		" 1  10.0.41.1 (10.0.41.1)  0.100 ms  0.200 ms  0.300 ms\n 2  * * *\n 3  10.9.9.9 (10.9.9.9)  0.400 ms  0.500 ms  0.600 ms\n\n"
	if got := p.sees("admin@r1> "); got != want {
		t.Errorf("the hops:\n%s", got)
	}
	if calls := len(r.sensor.Calls()); calls != 3 {
		t.Errorf("%d requests for 3 hops", calls)
	}
	p.types("traceroute 10.9.9.9 ttl 1 wait 2 | match ms\r")
	p.sees("no such program")
	p.types("traceroute nowhere\r")
	p.sees("error: ")
}
