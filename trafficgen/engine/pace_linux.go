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
	// realTimeBelow is the rate below which a transmitter or receiver sleeps
	// enough to be given real-time priority. One that spins would run into the kernel's
	// limit for such threads and stand still for 50 ms every second.
	realTimeBelow = spinAbove
)

// pacer sleeps on the kernel's monotonic clock. It belongs to one thread.
type pacer struct {
	epoch time.Time
	raw   int64 // CLOCK_MONOTONIC at epoch, ns
	early time.Duration
}

// newPacer makes the calling thread, which must be locked and not used for
// anything else afterwards, a punctual one.
func newPacer(queue []*slot) *pacer {
	rate := 0.0
	for _, s := range queue {
		rate += s.stream.Rate
	}
	p := &pacer{epoch: time.Now()}
	if rate > spinAbove {
		p.early = spin
	}
	favor(rate)
	var ts unix.Timespec
	if unix.ClockGettime(unix.CLOCK_MONOTONIC, &ts) == nil {
		p.raw = ts.Nano()
	}
	return p
}

// favor asks the kernel to run this thread on time. Nothing of it is needed on
// an idle machine and all may be refused; lateness is measured in any case.
func favor(rate float64) {
	// Of this thread alone; without it wake-ups are 50 µs late.
	_ = unix.Prctl(unix.PR_SET_TIMERSLACK, 1, 0, 0, 0)
	if rate <= realTimeBelow {
		err := unix.SchedSetAttr(0, &unix.SchedAttr{
			Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 1,
			Flags: unix.SCHED_FLAG_RESET_ON_FORK,
		}, 0)
		if err == nil {
			return
		}
	}
	const keenest = -20
	_ = unix.Setpriority(unix.PRIO_PROCESS, unix.Gettid(), keenest)
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
