package clab

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// With realVariable set, the stand-in's containers are processes in network
// namespaces of their own, joined by veth pairs, so that what the backend does to
// links and commands can be seen. It needs root.
const (
	realVariable = "CLAB_FAKE_NAMESPACES"
	sleepWord    = "sleep-forever"
)

func withNamespaces() bool { return os.Getenv(realVariable) != "" }

// sleepForever is the first process of a container.
func sleepForever() {
	signal.Ignore(syscall.SIGINT, syscall.SIGTERM)
	time.Sleep(time.Hour) // until killed; select {} is a deadlock to a program without cgo
}

// boot starts every container and makes the links.
func (f *fake) boot(l *fakeLab, t *topology.Topology) {
	for _, n := range l.Nodes {
		n.PID = launch()
		f.save(l)
	}
	for _, link := range t.Links {
		f.link(l, link)
	}
}

// reboot starts one container, with its links.
func (f *fake) reboot(l *fakeLab, t *topology.Topology, n *fakeNode) {
	n.PID = launch()
	f.save(l)
	for _, link := range t.Links {
		if link.A.Node == n.Name || link.B.Node == n.Name {
			f.link(l, link)
		}
	}
}

func launch() int {
	c := exec.Command("/proc/self/exe", sleepWord)
	c.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Cloneflags: syscall.CLONE_NEWNET}
	if err := c.Start(); err != nil {
		panic(err)
	}
	return c.Process.Pid
}

func (f *fake) link(l *fakeLab, link *topology.Link) {
	a, b := l.node(link.A.Node).PID, l.node(link.B.Node).PID
	must("ip", "link", "add", "name", link.A.Device, "netns", fmt.Sprint(a), "type", "veth",
		"peer", "name", link.B.Device, "netns", fmt.Sprint(b))
	for pid, device := range map[int]string{a: link.A.Device, b: link.B.Device} {
		must("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", pid), "ip", "link", "set", device, "up")
	}
}

func must(argv ...string) {
	if out, err := exec.Command(argv[0], argv[1:]...).CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %v: %s", argv, err, out))
	}
}

// alive reports whether a process runs; a zombie does not.
func alive(pid int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	_, state, _ := strings.Cut(string(stat), ") ")
	return !strings.HasPrefix(state, "Z") && !strings.HasPrefix(state, "X")
}

// kill ends a process and waits until its namespace has lost it.
func kill(pid int) {
	if alive(pid) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // it may have gone by itself
	}
	for alive(pid) {
		continue
	}
}

// runInside runs a command line in a container and fills in what came of it.
func runInside(pid int, line string, result map[string]any) {
	var stdout, stderr bytes.Buffer
	c := exec.Command("nsenter", fmt.Sprintf("--net=/proc/%d/ns/net", pid), "sh", "-c", line)
	c.Stdout, c.Stderr = &stdout, &stderr
	code := 0
	var exit *exec.ExitError
	if err := c.Run(); errors.As(err, &exit) {
		code = exit.ExitCode()
	} else if err != nil {
		panic(err)
	}
	result["return-code"], result["stdout"], result["stderr"] = code, stdout.String(), stderr.String()
	if code == 127 { // as Docker says it, see testdata/exec-noent.json
		result["return-code"], result["stderr"] = 126, ""
		result["stdout"] = "OCI runtime exec failed: exec failed: unable to start container process: exec: " +
			"\"no-such-command\": executable file not found in $PATH: unknown\r\n"
	}
}
