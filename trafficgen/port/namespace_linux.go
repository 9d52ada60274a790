package port

import (
	"fmt"
	"os"
	"runtime"

	"golang.org/x/sys/unix"
)

// inNamespace runs f on a thread of its own that has entered the network
// namespace, or on the caller's when ns is nil. The thread is not used again:
// it ends with the goroutine that locked it.
func inNamespace(ns *os.File, f func() error) error {
	if ns == nil {
		return f()
	}
	return onThread(ns, f)
}

// onThread is inNamespace, but always on a thread of its own.
func onThread(ns *os.File, f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		if ns != nil {
			if err := unix.Setns(int(ns.Fd()), unix.CLONE_NEWNET); err != nil {
				done <- fmt.Errorf("entering network namespace %s: %w", ns.Name(), err)
				return
			}
		}
		done <- f()
	}()
	return <-done
}

// openNamespace opens a namespace by path; an empty path is nil.
func openNamespace(path string) (*os.File, error) {
	if path == "" {
		return nil, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("network namespace: %w", err)
	}
	return f, nil
}
