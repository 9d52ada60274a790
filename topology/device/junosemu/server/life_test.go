package server_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/opertest"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server"
)

// TestCloseLeavesNothing closes a router under clients of every kind, and looks
// for what still runs.
func TestCloseLeavesNothing(t *testing.T) {
	before := runtime.NumGoroutine()
	s, err := server.New(t.Context(), server.Options{
		Identity: opertest.Ring, Dir: t.TempDir(), Dataplane: &opertest.Dataplane{},
		Sensor: &opertest.Sensor{}, Users: map[string]string{user: password},
	})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, server: s, cli: listen(t), nc: listen(t)}
	served := make(chan error, 1)
	go func() { served <- s.Serve(context.Background(), r.cli, r.nc) }()

	locked := r.raw()
	locked.rpc("<lock-configuration/>")
	shell, err := r.dial(port(r.cli)).NewSession()
	if err != nil {
		t.Fatal(err)
	}
	if err := shell.RequestPty("xterm", 24, 80, ssh.TerminalModes{}); err != nil {
		t.Fatal(err)
	}
	if err := shell.Shell(); err != nil {
		t.Fatal(err)
	}
	idle := r.dial(port(r.cli)) // logged in, nothing started

	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	_, _ = locked.conn.Close(), idle.Close()
	eventually(t, "no goroutine is left", func() bool { return runtime.NumGoroutine() <= before })
}

// TestRestartKeepsConfiguration: what was committed is there after the process
// is replaced, and the startup configuration is not loaded again.
func TestRestartKeepsConfiguration(t *testing.T) {
	dir := t.TempDir()
	open := func() (*server.Server, *opertest.Dataplane) {
		d := &opertest.Dataplane{}
		s, err := server.New(t.Context(), server.Options{
			Identity: opertest.Ring, Dir: dir, Startup: "system { host-name first; }", Dataplane: d,
			Sensor: &opertest.Sensor{}, Users: map[string]string{user: password},
		})
		if err != nil {
			t.Fatal(err)
		}
		return s, d
	}
	hostname := func(d *opertest.Dataplane) string {
		applied := d.Applied()
		if len(applied) == 0 {
			return "nothing applied"
		}
		return applied[len(applied)-1].Hostname
	}
	s, d := open()
	if got := hostname(d); got != "first" {
		t.Errorf("at first the data plane is %q", got)
	}
	r := &rig{t: t, server: s, cli: listen(t), nc: listen(t)}
	served := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { served <- s.Serve(ctx, r.cli, r.nc) }()
	c := r.raw()
	c.rpc(setHostname)
	if got := c.rpc("<commit-configuration/>"); !strings.Contains(got, "<commit-success/>") {
		t.Fatal(got)
	}
	cancel()
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	s, d = open()
	defer func() { _ = s.Close() }()
	if got := hostname(d); got != "spine1" {
		t.Errorf("after a restart the data plane is %q", got)
	}
}

// TestFaultEndsOneSession: a panic ends the session that met it, with its locks,
// and no other.
func TestFaultEndsOneSession(t *testing.T) {
	r := newRig(t, "system { host-name r1; }")
	other, victim := r.raw(), r.raw()
	r.dataplane.Refuse = func(want *junosemu.Intent) error {
		if want.Hostname == "fatal" {
			panic("a fault of ours")
		}
		return nil
	}
	victim.rpc("<lock-configuration/>")
	victim.rpc(`<load-configuration action="set" format="text"><configuration-set>set system host-name fatal</configuration-set></load-configuration>`)
	victim.send(`<rpc message-id="2"><commit-configuration/></rpc>`)
	if rest, err := io.ReadAll(victim.out); err != nil || strings.Contains(string(rest), "commit-success") {
		t.Errorf("the session did not end with its fault: %v, %q", err, rest)
	}
	if got := other.rpc("<lock-configuration/>"); strings.Contains(got, "rpc-error") {
		t.Errorf("the lock outlived its session: %s", got)
	}
	got := other.rpc(`<load-configuration action="set" format="text"><configuration-set>set system host-name r2</configuration-set></load-configuration>`) +
		other.rpc("<commit-configuration/>")
	if !strings.Contains(got, "<commit-success/>") || strings.Contains(got, "rpc-error") {
		t.Errorf("nobody can commit any more: %s", got)
	}
}

func TestWrongPassword(t *testing.T) {
	r := newRig(t, "")
	for _, c := range []struct{ user, password string }{{user, "wrong"}, {"nobody", ""}, {"nobody", password}} {
		conn, err := ssh.Dial("tcp", r.nc.Addr().String(), &ssh.ClientConfig{
			User: c.user, Auth: []ssh.AuthMethod{ssh.Password(c.password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(),
		})
		if err == nil {
			_ = conn.Close()
			t.Errorf("%s with %q was let in", c.user, c.password)
		}
	}
}

// TestExec runs single commands without a terminal.
func TestExec(t *testing.T) {
	r := newRig(t, "")
	conn := r.dial(port(r.cli))
	cases := []struct {
		command, want string
		status        int
	}{
		{"show version | match host", "Hostname: r1\n", 0},
		{"show system alarms | display xml", "<no-active-alarms/>", 0},
		{"show version | match host; show system alarms", "Hostname: r1\nNo alarms currently active\n", 0},
		{"show flux", "error: syntax error, expecting <command>: flux\n", 1},
	}
	for _, c := range cases {
		session, err := conn.NewSession()
		if err != nil {
			t.Fatal(err)
		}
		out, err := session.CombinedOutput(c.command)
		status := 0
		if exit, ok := err.(*ssh.ExitError); ok {
			status = exit.ExitStatus()
		} else if err != nil {
			t.Fatalf("%s: %v", c.command, err)
		}
		if status != c.status || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: status %d, %q; want %d, %q", c.command, status, out, c.status, c.want)
		}
	}
}

// TestWaysToNETCONF: the subsystem on both ports and the commands that clients
// fall back to; the NETCONF port offers nothing else.
func TestWaysToNETCONF(t *testing.T) {
	r := newRig(t, "")
	cases := []struct {
		name  string
		port  int
		start func(*ssh.Session) error
		works bool
	}{
		{"subsystem on 830", port(r.nc), func(s *ssh.Session) error { return s.RequestSubsystem("netconf") }, true},
		{"subsystem on 22", port(r.cli), func(s *ssh.Session) error { return s.RequestSubsystem("netconf") }, true},
		{"exec netconf", port(r.cli), func(s *ssh.Session) error { return s.Start("netconf") }, true},
		{"exec xml-mode", port(r.cli), func(s *ssh.Session) error { return s.Start("xml-mode netconf need-trailer") }, true},
		{"shell on 830", port(r.nc), (*ssh.Session).Shell, false},
		{"command on 830", port(r.nc), func(s *ssh.Session) error { return s.Start("show version") }, false},
		{"sftp", port(r.cli), func(s *ssh.Session) error { return s.RequestSubsystem("sftp") }, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			session, err := r.dial(c.port).NewSession()
			if err != nil {
				t.Fatal(err)
			}
			out, err := session.StdoutPipe()
			if err != nil {
				t.Fatal(err)
			}
			if err := c.start(session); (err == nil) != c.works {
				t.Fatalf("start: %v", err)
			}
			if !c.works {
				return
			}
			hello, err := bufio.NewReader(out).ReadString(']')
			if err != nil || !strings.Contains(hello, "<hello") {
				t.Errorf("got %q, %v", hello, err)
			}
		})
	}
}

// BenchmarkCommit is a whole change over NETCONF as the test system makes it,
// on a data plane that takes no time: the emulator's own share of a commit.
func BenchmarkCommit(b *testing.B) {
	startup, err := os.ReadFile("../../../../labs/ring/configs/r1.cfg")
	if err != nil {
		b.Fatal(err)
	}
	r := newRig(b, string(startup))
	c := r.raw()
	i := 0
	for b.Loop() {
		i++
		for _, request := range []string{
			"<lock-configuration/>",
			fmt.Sprintf(`<load-configuration action="set" format="text"><configuration-set>set system host-name r%d</configuration-set></load-configuration>`, i+1),
			`<get-configuration compare="rollback" rollback="0" format="text"/>`,
			"<commit-configuration><check/></commit-configuration>",
			"<commit-configuration/>",
			"<unlock-configuration/>",
		} {
			if got := c.rpc(request); strings.Contains(got, "<error-severity>error") {
				b.Fatalf("%s: %s", request, got)
			}
		}
	}
}
