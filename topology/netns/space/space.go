// Package space makes network namespaces inside of the one this process lives
// in, and runs code in them: a routing instance of a router has one of its own.
//
// A namespace is held by an open file: it ends with the process or with Close,
// whichever comes first, and nothing is left behind. A name in the file system,
// for people, it has only if it is given one. An ordinary user who is root of a user namespace may make them there.
package space

import (
	"errors"
	"fmt"
	"os"
	"runtime"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// A Space is a network namespace. A nil Space is the one that the process lives
// in. Its methods may be called at the same time from several goroutines.
type Space struct{ file *os.File }

// ownNamespace is the namespace of the thread that looks.
const ownNamespace = "/proc/thread-self/ns/net"

// New makes a namespace with the network settings (/proc/sys/net) that this one
// has for all devices and for those to come, and with its loopback up.
func New() (*Space, error) {
	settings, err := readSettings()
	if err != nil {
		return nil, err
	}
	s := &Space{}
	err = onThread(func() error {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		if s.file, err = os.Open(ownNamespace); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		return errors.Join(settings.write(), loopbackUp())
	})
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Own is the namespace that this process lives in.
func Own() (*Space, error) {
	file, err := os.Open("/proc/self/ns/net")
	if err != nil {
		return nil, fmt.Errorf("own network namespace: %w", err)
	}
	return &Space{file}, nil
}

func loopbackUp() error {
	lo, err := netlink.LinkByName("lo")
	if err != nil {
		return fmt.Errorf("loopback: %w", err)
	}
	return netlink.LinkSetUp(lo)
}

// Close gives the namespace up. It ends with its last process and thread;
// devices made in it go with it, so take out those that shall stay.
func (s *Space) Close() error {
	if s == nil || s.file == nil {
		return nil
	}
	return s.file.Close()
}

// Name gives the namespace a name in the file system, as "ip netns" knows them:
// a file that it is mounted on. Unname takes the name away.
func (s *Space) Name(path string) error {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL, 0o444)
	if err == nil {
		err = file.Close()
	}
	if err != nil {
		return fmt.Errorf("name a network namespace: %w", err)
	}
	if err := unix.Mount(fmt.Sprintf("/proc/self/fd/%d", s.FD()), path, "", unix.MS_BIND, ""); err != nil {
		return errors.Join(fmt.Errorf("name a network namespace %s: %w", path, err), os.Remove(path))
	}
	return nil
}

// Unname is Name's opposite.
func Unname(path string) error {
	if err := unix.Unmount(path, unix.MNT_DETACH); err != nil {
		return fmt.Errorf("take the name of a network namespace away: %s: %w", path, err)
	}
	return os.Remove(path)
}

// FD is the descriptor of the namespace, as netlink wants it to move a device
// there. It is good until Close. A nil Space has none.
func (s *Space) FD() int { return int(s.file.Fd()) }

// Do runs f in the namespace and returns its error, or why the namespace could
// not be entered. Goroutines that f starts run where this process lives;
// programs that it starts run in the namespace.
func (s *Space) Do(f func() error) error {
	if s == nil {
		return f()
	}
	return onThread(func() error {
		if err := unix.Setns(s.FD(), unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("enter a network namespace: %w", err)
		}
		return f()
	})
}

// onThread runs f on a thread that f may move to another network namespace. The
// thread comes back from there, so that programs it has started do not take its
// end for that of their parent.
//
// It is never the main thread: whoever looks at this process from outside sees
// that one's namespace and takes it for the process's.
func onThread(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			done <- onThread(f) // finds another, as this one is taken
			runtime.UnlockOSThread()
			return
		}
		home, err := os.Open(ownNamespace)
		if err != nil {
			runtime.UnlockOSThread()
			done <- fmt.Errorf("own network namespace: %w", err)
			return
		}
		defer home.Close()
		err = f()
		if back := unix.Setns(int(home.Fd()), unix.CLONE_NEWNET); back == nil {
			runtime.UnlockOSThread()
		} // else the thread ends with this goroutine
		done <- err
	}()
	return <-done
}
