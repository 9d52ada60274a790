package engine

import (
	"errors"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// spinAbove is the rate of a port, in frames per second, above which the
	// last of a wait is spent spinning. Below it the few microseconds that the
	// kernel wakes late are not worth a processor.
	spinAbove = 5000
	spin      = 20 * time.Microsecond
)

// pacer sleeps on the kernel's monotonic clock. It belongs to one thread.
type pacer struct {
	epoch time.Time
	raw   int64 // CLOCK_MONOTONIC at epoch, ns
	early time.Duration
}

func newPacer(queue []*slot) *pacer {
	rate := 0.0
	for _, s := range queue {
		rate += s.stream.Rate
	}
	p := &pacer{epoch: time.Now()}
	if rate > spinAbove {
		p.early = spin
	}
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
		p.raw = ts.Nano()
	}
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0) // of this thread; without it wake-ups are 50 µs late
	return p
}

// sleep waits until shortly before a time; the caller spins for the rest.
func (p *pacer) sleep(until time.Time) {
	wake := until.Add(-p.early)
	if !time.Now().Before(wake) {
		return
	}
	ts := unix.NsecToTimespec(p.raw + int64(wake.Sub(p.epoch)))
	for errors.Is(unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil), unix.EINTR) {
	}
}

func (p *pacer) close() {
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 0, 0, 0, 0) // back to the thread's default
}
