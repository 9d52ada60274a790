// Package porttest makes network namespaces and veth pairs for tests. They
// have no name on the host and vanish with the test.
package porttest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A Namespace is a network namespace of a test.
type Namespace struct {
	Path string // for setns(2) and ip(8), while the test runs
	file *os.File
}

// New makes a namespace with its loopback device up and IPv6 at once
// usable. Where that is not
// permitted the test is skipped, or fails when CI is true.
func New(t testing.TB) *Namespace {
	t.Helper()
	n := &Namespace{}
	done := make(chan error, 1)
	go func() { // on a thread that ends with this goroutine
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("unshare: %w", err)
			return
		}
		var err error
		n.file, err = os.Open("/proc/thread-self/ns/net")
		done <- err
	}()
	if err := <-done; err != nil {
		cannot(t, "network namespaces need root: %v", err)
	}
	t.Cleanup(func() { n.file.Close() })
	n.Path = fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), n.file.Fd())
	// Without duplicate address detection IPv6 works as soon as a link is up.
	n.Run(t, `
		sysctl -q net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
		ip link set lo up`)
	return n
}

// Need is for programs that a test calls: without one the test is skipped, or
// fails when CI is true.
func Need(t testing.TB, programs ...string) {
	t.Helper()
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			cannot(t, "%v", err)
		}
	}
}

func cannot(t testing.TB, format string, args ...any) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("NOT TESTED: "+format, args...)
	}
	t.Skipf("SKIPPED, NOT TESTED: "+format, args...)
}

// Do runs f on a thread in the namespace, which is not used afterwards.
func (n *Namespace) Do(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Setns(int(n.file.Fd()), unix.CLONE_NEWNET); err != nil {
			done <- err
			return
		}
		done <- f()
	}()
	return <-done
}

// Run runs commands in the namespace, one a line, and returns their output. A
// command that fails ends the test.
func (n *Namespace) Run(t testing.TB, commands string) string {
	t.Helper()
	var out bytes.Buffer
	for line := range strings.Lines(commands) {
		args := strings.Fields(line)
		if len(args) == 0 {
			continue
		}
		cmd := exec.Command(args[0], args[1:]...)
		cmd.Stdout, cmd.Stderr = &out, &out
		if err := n.Do(cmd.Run); err != nil {
			t.Fatalf("%s: %v\n%s", strings.TrimSpace(line), err, out.String())
		}
	}
	return out.String()
}

// Veth joins two namespaces with a veth pair whose ends are up.
func Veth(t testing.TB, a *Namespace, deviceA string, b *Namespace, deviceB string) {
	t.Helper()
	a.Run(t, fmt.Sprintf("ip link add %s type veth peer name %s netns %s", deviceA, deviceB, b.Path))
	a.Run(t, "ip link set "+deviceA+" up")
	b.Run(t, "ip link set "+deviceB+" up")
}

// Index is the index of a device in the namespace.
func (n *Namespace) Index(t testing.TB, device string) int {
	t.Helper()
	var index int
	err := n.Do(func() error {
		d, err := net.InterfaceByName(device)
		if err == nil {
			index = d.Index
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return index
}

// At is the namespace at a path, that of another Namespace for example.
func At(t testing.TB, path string) *Namespace {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { file.Close() })
	return &Namespace{Path: path, file: file}
}
