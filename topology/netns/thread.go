package netns

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// onThrowawayThread runs f on a thread that ends with it, so that f may move the
// thread to other namespaces and need not bring it back: an ordinary user could
// not, because the host's namespaces are not theirs.
//
// The main thread never ends. Left in a lab's namespace it would keep that alive
// and be taken for a process of the lab, so f never runs there.
func onThrowawayThread(f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread()
		if unix.Gettid() == unix.Getpid() {
			onThrowawayThread(f) // finds another, as this one is taken
			runtime.UnlockOSThread()
			return
		}
		f()
	}()
	<-done
}
