// Package frrtest gives tests nodes to run FRR in: child processes that are the
// first process of namespaces of their own, joined by veth pairs. A node is the
// test program itself, started again; the test calls methods of the services
// that it registered. When the test ends, so do its nodes and all they started.
package frrtest

import (
	"fmt"
	"io"
	"net/rpc"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/vishvananda/netlink"
)

// marker in the environment makes the test program a node.
const marker = "CCL_FRRTEST_NODE"

// Main is called by TestMain. In a node it serves the services and does not
// return; in the test program it runs the tests.
func Main(m *testing.M, services ...any) {
	if name := os.Getenv(marker); name != "" {
		if err := serve(name, services); err != nil {
			fmt.Fprintln(os.Stderr, "node", name, "failed:", err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// A Node is a running node, as the test sees it.
type Node struct {
	Name   string
	PID    int // of its first process
	client *rpc.Client
	stop   func()
}

// Stop ends the node before the test does.
func (n *Node) Stop() { n.stop() }

// Require skips the test, loudly, where no node can be made: without root or
// without FRR. With CI=true that is a failure instead.
func Require(t testing.TB) {
	t.Helper()
	reason := ""
	if _, err := os.Stat("/usr/lib/frr/zebra"); err != nil {
		reason = "FRR is not installed (Debian's package frr)"
	} else if os.Getuid() != 0 {
		reason = "making network namespaces needs root"
	}
	switch {
	case reason == "":
	case os.Getenv("CI") == "true":
		t.Fatal("NOT TESTED: ", reason)
	default:
		t.Skip("NOT TESTED: ", reason)
	}
}

// Start makes a node that lives as long as the test. Its first process dies
// with the test program, whatever happens to that.
func Start(t testing.TB, name string) *Node {
	t.Helper()
	return start(t, name, &syscall.SysProcAttr{Cloneflags: namespaces})
}

// StartRootless makes a node of which the root is no more than an ordinary user
// of the host.
func StartRootless(t testing.TB, name string) *Node {
	t.Helper()
	const nobody = 65534
	uid, gid := os.Getuid(), os.Getgid()
	if uid == 0 {
		uid, gid = nobody, nobody
	}
	return start(t, name, &syscall.SysProcAttr{
		Cloneflags:  namespaces | syscall.CLONE_NEWUSER,
		UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: uid, Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: gid, Size: 1}},
		Credential:  &syscall.Credential{Uid: 0, Gid: 0, NoSetGroups: true},
	})
}

const namespaces = syscall.CLONE_NEWNET | syscall.CLONE_NEWNS | syscall.CLONE_NEWPID | syscall.CLONE_NEWUTS | syscall.CLONE_NEWIPC

func start(t testing.TB, name string, attr *syscall.SysProcAttr) *Node {
	t.Helper()
	Require(t)
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), marker+"="+name)
	cmd.Stderr = os.Stderr
	attr.Pdeathsig = syscall.SIGKILL
	cmd.SysProcAttr = attr
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	// The parent-death signal is bound to the thread, which must stay.
	started := make(chan error)
	done := make(chan struct{})
	go func() {
		runtime.LockOSThread()
		started <- cmd.Start()
		<-done
		runtime.UnlockOSThread()
	}()
	must(t, <-started)
	node := &Node{Name: name, PID: cmd.Process.Pid, client: rpc.NewClient(pipe{out, in})}
	node.stop = sync.OnceFunc(func() {
		node.client.Close()
		cmd.Process.Kill()
		cmd.Wait()
		close(done)
	})
	t.Cleanup(node.stop)
	return node
}

// Call calls a method of a service in the node; an error fails the test.
func (n *Node) Call(t testing.TB, method string, args, reply any) {
	t.Helper()
	if err := n.client.Call(method, args, reply); err != nil {
		t.Fatalf("%s: %s: %v", n.Name, method, err)
	}
}

// Try calls a method of a service in the node and returns its error.
func (n *Node) Try(method string, args, reply any) error {
	return n.client.Call(method, args, reply)
}

// Connect joins two nodes by a veth pair, both ends up, and gives the ends
// their addresses.
func Connect(t testing.TB, a, b *Node, device string, addrA, addrB []string) {
	t.Helper()
	left, err := handle(a)
	must(t, err)
	defer left.Close()
	right, err := handle(b)
	must(t, err)
	defer right.Close()
	attrs := netlink.NewLinkAttrs()
	attrs.Name = device
	must(t, left.LinkAdd(&netlink.Veth{LinkAttrs: attrs, PeerName: device, PeerNamespace: netlink.NsPid(b.PID)}))
	raise(t, left, device, addrA)
	raise(t, right, device, addrB)
}

// Address gives a device of a node addresses.
func Address(t testing.TB, n *Node, device string, addrs ...string) {
	t.Helper()
	h, err := handle(n)
	must(t, err)
	defer h.Close()
	raise(t, h, device, addrs)
}

func raise(t testing.TB, h *netlink.Handle, device string, addrs []string) {
	t.Helper()
	link, err := h.LinkByName(device)
	must(t, err)
	for _, text := range addrs {
		addr, err := netlink.ParseAddr(text)
		must(t, err)
		addr.Flags |= syscall.IFA_F_NODAD
		must(t, h.AddrAdd(link, addr))
	}
	must(t, h.LinkSetUp(link))
}

// Eventually waits for a condition, which says what it still misses.
func Eventually(t testing.TB, condition func() string) {
	t.Helper()
	const within = time.Minute
	deadline := time.Now().Add(within)
	for {
		missing := condition()
		if missing == "" {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("after %v: %s", within, missing)
		}
		time.Sleep(20 * time.Millisecond) // between two looks at the condition
	}
}

// serve is the life of a node: private mounts where FRR keeps its files, then
// calls from the test until it closes the pipe.
func serve(name string, services []any) error {
	if err := isolate(); err != nil {
		return err
	}
	if err := syscall.Sethostname([]byte(name)); err != nil {
		return err
	}
	// No waiting for duplicates of IPv6 addresses.
	if err := os.WriteFile("/proc/sys/net/ipv6/conf/default/accept_dad", []byte("0"), 0); err != nil {
		return err
	}
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := netlink.LinkSetUp(lo); err != nil {
		return err
	}
	server := rpc.NewServer()
	for _, s := range services {
		if err := server.Register(s); err != nil {
			return err
		}
	}
	server.ServeConn(pipe{os.Stdin, os.Stdout})
	return nil
}

// isolate makes the node's mounts its own.
func isolate() error {
	if err := syscall.Mount("", "/", "", syscall.MS_REC|syscall.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("private mounts: %w", err)
	}
	if err := syscall.Mount("proc", "/proc", "proc", 0, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	for _, dir := range []string{"/etc/frr", "/run", "/var/tmp", "/var/log"} {
		if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "mode=0755"); err != nil {
			return fmt.Errorf("mount %s: %w", dir, err)
		}
	}
	return os.Chmod(filepath.Join("/var", "tmp"), 0o1777)
}

// pipe is a connection made of two one-way ones.
type pipe struct {
	io.ReadCloser
	w io.WriteCloser
}

func (p pipe) Write(b []byte) (int, error) { return p.w.Write(b) }

func (p pipe) Close() error {
	p.w.Close()
	return p.ReadCloser.Close()
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
