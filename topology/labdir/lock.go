package labdir

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// ErrLocked means that another process works on the lab.
var ErrLocked = errors.New("another process is working on the lab")

// Lock waits for the lock of a path. It holds against goroutines of this process
// too, and ends with the process.
func Lock(ctx context.Context, path string) (unlock func(), err error) {
	poll := time.NewTicker(20 * time.Millisecond)
	defer poll.Stop()
	for {
		unlock, err := TryLock(path)
		if !errors.Is(err, ErrLocked) {
			return unlock, err
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %w", ErrLocked, context.Cause(ctx))
		case <-poll.C:
		}
	}
}

// TryLock takes the lock of a path if it is free, else it returns ErrLocked. The
// file is removed with the lock, so whoever got hold of a removed file has to try
// again.
func TryLock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, ErrLocked
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	if !isSameFile(f, path) {
		f.Close()
		return nil, ErrLocked
	}
	return func() {
		os.Remove(path)
		f.Close()
	}, nil
}

func isSameFile(f *os.File, path string) bool {
	held, err := f.Stat()
	if err != nil {
		return false
	}
	there, err := os.Stat(path)
	return err == nil && os.SameFile(held, there)
}
