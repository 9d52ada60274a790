package port

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"strings"

	"golang.org/x/sys/unix"
)

// A tap says that it is there, so that whoever counts frames on the device
// leaves them for it, in another process too. Its sign is the name of a socket
// of the abstract namespace (unix(7)): every network namespace has its own, and
// the kernel removes it with the process.

func tapSign(index int) string { return fmt.Sprintf("@ccl-tap/%d/", index) }

// raiseSign marks a device as tapped until the socket it returns is closed.
func raiseSign(index int) (fd int, err error) {
	if fd, err = unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0); err != nil {
		return -1, os.NewSyscallError("socket", err)
	}
	name := tapSign(index) + fmt.Sprintf("%016x", rand.Uint64())
	if err := unix.Bind(fd, &unix.SockaddrUnix{Name: name}); err != nil {
		_ = unix.Close(fd)
		return -1, os.NewSyscallError("bind "+name, err)
	}
	return fd, nil
}

// Tapped says that a Tap, of any process, listens on the device.
func (k *kernel) Tapped() bool {
	tapped := false
	_ = inNamespace(k.ns, func() error {
		f, err := os.Open("/proc/thread-self/net/unix")
		if err != nil {
			return err
		}
		defer f.Close()
		tapped = signed(f, k.index)
		return nil
	})
	return tapped
}

// signed looks for a tap's sign in a list of sockets, whose last column is
// their name.
func signed(sockets io.Reader, index int) bool {
	sign := " " + tapSign(index)
	for lines := bufio.NewScanner(sockets); lines.Scan(); {
		if strings.Contains(lines.Text(), sign) {
			return true
		}
	}
	return false
}
