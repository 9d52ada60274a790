package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/netns/node"
)

// EnterUserNamespace lets an ordinary user run labs. It executes the program
// anew as root of a user namespace: that of this user's running labs, so that
// they can be reached, or a new one. The network stays the host's, so the
// loopback addresses of labs are everybody's. In the new process, and for real
// root, it does nothing and returns nil.
//
// Call it early in main, before anything is opened or started. A kernel that
// does not let ordinary users have user namespaces is an
// *topology.UnsupportedError with a hint.
func EnterUserNamespace() error {
	if os.Geteuid() == 0 || os.Getenv(node.EnvUserNamespace) != "" {
		return nil
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	argv := []string{"unshare", "--user", "--map-root-user", "--", self}
	if pid := neighbour(); pid != 0 {
		argv = []string{"nsenter", "--preserve-credentials", "--user", "--target", strconv.Itoa(pid), "--", self}
	} else if err := tryUserNamespace(); err != nil {
		return err
	}
	// A Go process has several threads, so it cannot change its own user
	// namespace; the tools of util-linux, which no Debian lacks, have one.
	tool, err := exec.LookPath(argv[0])
	if err != nil {
		return fmt.Errorf("user namespace: %w", err)
	}
	return unix.Exec(tool, append(argv, os.Args[1:]...), append(os.Environ(), node.EnvUserNamespace+"=1"))
}

// Rootless reports whether root in this process is an ordinary user outside,
// that is, whether it runs in a user namespace that does not hold all users.
func Rootless() bool {
	text, err := os.ReadFile("/proc/self/uid_map")
	if err != nil {
		return false
	}
	const all = "4294967295" // the initial namespace maps 0 to 0, for all users
	return strings.Join(strings.Fields(string(text)), " ") != "0 0 "+all
}

// neighbour finds a process of this user that EnterUserNamespace has brought
// into another user namespace, or returns 0.
func neighbour() int {
	own, err := os.Readlink("/proc/self/ns/user")
	if err != nil {
		return 0
	}
	environs, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		return 0
	}
	for _, path := range environs {
		dir := filepath.Dir(path)
		space, err := os.Readlink(filepath.Join(dir, "ns/user"))
		if err != nil || space == own {
			continue // not ours to look at, or where we are
		}
		environ, err := os.ReadFile(path)
		if err != nil || !strings.Contains("\x00"+string(environ), "\x00"+node.EnvUserNamespace+"=1\x00") {
			continue
		}
		if pid, err := strconv.Atoi(filepath.Base(dir)); err == nil {
			return pid
		}
	}
	return 0
}

// tryUserNamespace does in a child what a lab will need: a user namespace whose
// root may make a network namespace.
func tryUserNamespace() error {
	cmd := exec.Command("/bin/true")
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  unix.CLONE_NEWUSER | unix.CLONE_NEWNET | unix.CLONE_NEWNS | unix.CLONE_NEWPID,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Geteuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getegid(), Size: 1}},
	}
	err := cmd.Run()
	if err == nil {
		return nil
	}
	return &topology.UnsupportedError{
		What: "running a lab as an ordinary user",
		Why:  "the kernel refuses a user namespace: " + err.Error(),
		Hint: usernsHint(err),
	}
}

// usernsHint names the setting that is in the way, as far as it can be seen.
func usernsHint(err error) string {
	for _, setting := range []struct{ name, blocks, allows string }{
		{"kernel.apparmor_restrict_unprivileged_userns", "1", "0"},
		{"kernel.unprivileged_userns_clone", "0", "1"},
		{"user.max_user_namespaces", "0", "10000"},
	} {
		value, readErr := os.ReadFile("/proc/sys/" + strings.ReplaceAll(setting.name, ".", "/"))
		if readErr == nil && strings.TrimSpace(string(value)) == setting.blocks {
			return fmt.Sprintf("run as root, or: sudo sysctl %s=%s", setting.name, setting.allows)
		}
	}
	if errors.Is(err, unix.ENOSPC) {
		return "run as root, or raise the sysctl user.max_user_namespaces"
	}
	return "run as root"
}
