package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// stateDir is where a node sees its own directory of the host.
const stateDir = "/run/ccl/state"

// mountAll gives the node its own /run, /var/tmp, /etc/frr and /proc. The rest
// of the file system is the host's.
func mountAll(spec *Spec) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("make mounts private: %w", err)
	}
	// Opened before /run is covered, for it may lie there.
	dir, err := unix.Open(spec.Dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("%s: %w", spec.Dir, err)
	}
	defer unix.Close(dir)
	covered := []string{"/run", "/var/tmp"}
	if spec.IsJunos() {
		covered = append(covered, "/etc/frr", "/var/log/frr", "/var/lib/frr")
	}
	for _, path := range covered {
		if err := tmpfs(path); err != nil {
			return err
		}
	}
	for _, path := range []string{"/run/frr", "/run/netns", "/run/lock", stateDir} {
		if err := os.MkdirAll(path, 0o755); err != nil {
			return err
		}
	}
	if err := bind(fmt.Sprintf("/proc/self/fd/%d", dir), stateDir); err != nil {
		return err
	}
	if spec.Rootless && spec.IsJunos() {
		if err := ownUsers(); err != nil {
			return err
		}
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	return nil
}

// tmpfs covers a directory of the host, if it exists, with an empty one.
func tmpfs(path string) error {
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err := unix.Mount("tmpfs", path, "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("mount tmpfs on %s: %w", path, err)
	}
	return nil
}

func bind(from, to string) error {
	if err := unix.Mount(from, to, "", unix.MS_BIND, ""); err != nil {
		return fmt.Errorf("bind %s to %s: %w", from, to, err)
	}
	return nil
}

// ownUsers gives FRR's daemons the user and groups they look up. In a user
// namespace only root exists, so root has to be a member of frrvty.
func ownUsers() error {
	files := map[string]string{
		"/etc/passwd": "root:x:0:0:root:/root:/bin/sh\n",
		"/etc/group":  "root:x:0:\nfrr:x:0:root\nfrrvty:x:0:root\n",
	}
	for path, content := range files {
		own := "/run/ccl/" + path[len("/etc/"):]
		if err := os.WriteFile(own, []byte(content), 0o644); err != nil {
			return err
		}
		if err := bind(own, path); err != nil {
			return err
		}
	}
	return nil
}
