package engine

import (
	"errors"
	"runtime"
	"time"

	"golang.org/x/sys/unix"
)

const (
	// realTimeBelow is the rate of a port, in frames per second, below which a
	// transmitter or receiver sleeps enough to be given real-time priority. One
	// that spins much would run into the kernel's limit for such threads and stand
	// still for 50 ms every second.
	realTimeBelow = 5000
	// spin is how long a thread spins at the end of a wait. One with real-time
	// priority spins as long as is needed, up to spinQuiet, where all of a run
	// together then take no more than spinShare of the host's processors.
	spin      = 20 * time.Microsecond
	spinQuiet = 100 * time.Microsecond
	spinShare = 0.1
)

// pacer sleeps on the kernel's monotonic clock. It belongs to one thread.
//
// The kernel wakes a thread a few microseconds late, and a virtual processor
// that was idle some tens. So the pacer sleeps until a little before the time,
// by what it has seen that a wake-up takes here, and the caller spins for the
// rest.
type pacer struct {
	epoch time.Time
	raw   int64         // CLOCK_MONOTONIC at epoch, ns
	late  time.Duration // mean lateness of the last wake-ups
	early time.Duration // how long before the time to wake up, at most
	quiet bool          // no longer than needed
}

// newPacer makes the calling thread, which must be locked and not used for
// anything else afterwards, a punctual one of so many.
func newPacer(queue []*slot, threads int) *pacer {
	rate := 0.0
	for _, s := range queue {
		rate += s.stream.Rate
	}
	p := &pacer{epoch: time.Now(), late: spin / 2, early: spin, quiet: rate <= realTimeBelow}
	if p.quiet {
		share := spinShare * float64(runtime.NumCPU()) / float64(max(threads, 1))
		p.early = min(time.Duration(share*float64(time.Second)/max(rate, 1)), spinQuiet)
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
	const margin, memory = 2 * time.Microsecond, 8
	early := p.early
	if p.quiet {
		early = min(p.late+p.late/2+margin, early)
	}
	wake := until.Add(-early)
	if !time.Now().Before(wake) {
		return
	}
	p.doze(wake)
	p.late += (min(time.Since(wake), p.early) - p.late) / memory
}

// doze sleeps until the kernel wakes the thread up for a time, which is after it.
func (p *pacer) doze(wake time.Time) {
	ts := unix.NsecToTimespec(p.raw + int64(wake.Sub(p.epoch)))
	for errors.Is(unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &ts, nil), unix.EINTR) {
	}
}
