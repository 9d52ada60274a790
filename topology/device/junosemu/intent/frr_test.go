package intent

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// requireFRR skips where real daemons cannot be run; in CI it fails.
func requireFRR(t *testing.T) {
	t.Helper()
	reason := ""
	if os.Geteuid() != 0 {
		reason = "not root"
	} else if _, err := os.Stat("/usr/lib/frr/bgpd"); err != nil {
		reason = err.Error()
	}
	if reason == "" {
		return
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("real FRR is needed: %s", reason)
	}
	t.Skipf("SKIPPED, NOTHING WAS CHECKED: real FRR is needed: %s", reason)
}

// frrScript runs daemons in namespaces of their own. FRR wants its user's
// vty group, so a copy of /etc/group makes root a member.
const frrScript = `
set -e
cd "$1"; shift
sed 's/^\(frrvty:.*:\)\(.*\)$/\1root,\2/' /etc/group > group
mount --bind group /etc/group
ip link set lo up
for n in 1 2 3 4; do ip link add eth$n type veth peer name peer$n; ip link set eth$n up; done
for d in "$@"; do
  set -- -z "$PWD/z"
  case $d in
    bgpd) set -- "$@" -p 0 ;;
    bfdd) set -- "$@" --bfdctl "$PWD/b" ;;
  esac
  /usr/lib/frr/$d -u root -g root "$@" --vty_socket "$PWD" -i $d.pid -f "$PWD/$d.conf" -P 0 > $d.log 2>&1 &
  while [ $d = zebra ] && ! [ -S z ]; do sleep 0.02; done
done
wait
`

// startFRR runs the daemons of an intent until the test ends and returns the
// directory of their sockets.
func startFRR(t *testing.T, frr map[string]string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "frr") // short: a socket's path has 108 bytes
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	daemons := []string{"zebra"}
	for d, text := range frr {
		if d != "zebra" {
			daemons = append(daemons, d)
		}
		if err := os.WriteFile(filepath.Join(dir, d+".conf"), []byte("frr defaults traditional\n"+text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	args := append([]string{"-n", "-m", "-p", "-f", "--kill-child", "sh", "-c", frrScript, "sh", dir}, daemons...)
	cmd := exec.Command("unshare", args...)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		if t.Failed() && out.Len() > 0 {
			t.Logf("daemons said: %s", out.String())
		}
	})
	return dir
}

// patience is how long a daemon may take to come up, or to answer, where many
// tests share few processors. It takes some 50 ms.
const patience = 3 * time.Minute

// vty runs commands in a daemon and returns the last one's output, waiting for
// the daemon to come up.
func vty(t *testing.T, dir, daemon string, commands ...string) string {
	t.Helper()
	var conn net.Conn
	var err error
	for deadline := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		if conn, err = net.Dial("unix", filepath.Join(dir, daemon+".vty")); err == nil {
			break
		}
		if time.Now().After(deadline) {
			log, _ := os.ReadFile(filepath.Join(dir, daemon+".log"))
			t.Fatalf("%s did not come up: %v\n%s", daemon, err, log)
		}
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(patience))
	answer := ""
	for _, c := range append([]string{"enable"}, commands...) {
		if _, err := io.WriteString(conn, c+"\x00"); err != nil {
			t.Fatal(err)
		}
		var b []byte
		buf := make([]byte, 64<<10)
		for len(b) < 4 || !bytes.Equal(b[len(b)-4:len(b)-1], []byte{0, 0, 0}) {
			n, err := conn.Read(buf)
			if err != nil {
				t.Fatalf("%s: %s: %v", daemon, c, err)
			}
			b = append(b, buf[:n]...)
		}
		if status := b[len(b)-1]; status > 1 { // 1: there is nothing to show
			t.Fatalf("%s: %s: status %d: %s", daemon, c, status, b[:len(b)-4])
		}
		answer = string(b[:len(b)-4])
	}
	return answer
}

// normalLines puts each line behind the head of its blocks and sorts.
func normalLines(text string) []string {
	var out []string
	var heads [3]string
	for _, raw := range strings.Split(text, "\n") {
		line := strings.TrimSpace(raw)
		switch {
		case line == "" || strings.HasPrefix(line, "!"), line == "exit", line == "exit-address-family", line == "end",
			strings.HasPrefix(line, "frr "), strings.HasPrefix(line, "hostname "), line == "no ip forwarding", line == "no ipv6 forwarding":
			continue
		}
		depth := min(len(raw)-len(strings.TrimLeft(raw, " ")), 2)
		heads[depth] = line
		out = append(out, strings.Join(heads[:depth+1], " / "))
	}
	slices.Sort(out)
	return out
}

// acceptedByFRR starts the daemons of an intent and wants each to print what
// it was given: neither refused, nor dropped, nor written differently.
func acceptedByFRR(t *testing.T, want *junosemu.Intent) {
	t.Helper()
	dir := startFRR(t, want.FRR)
	for daemon, text := range want.FRR {
		got := vty(t, dir, daemon, "show running-config")
		if d := cmp.Diff(normalLines(text), normalLines(got)); d != "" {
			log, _ := os.ReadFile(filepath.Join(dir, daemon+".log"))
			t.Errorf("%s: - given, + printed:\n%s\n%s", daemon, d, log)
		}
	}
}

func numberedPorts(n int) []junosemu.Port {
	var ports []junosemu.Port
	for i := range n {
		ports = append(ports, junosemu.Port{Junos: fmt.Sprintf("ge-0/0/%d", i), Device: fmt.Sprintf("eth%d", i+1)})
	}
	return ports
}
