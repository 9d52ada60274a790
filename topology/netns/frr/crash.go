package frr

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"syscall"
	"time"
)

// A Crash is the end of a daemon that nobody asked for: a failed assertion, a
// bad access, an exit with an error. SIGKILL and SIGTERM are asked for.
type Crash struct {
	Daemon string
	At     time.Time
	Words  string // the assertion that failed, or the last line of the log
}

// A daemon that crashed is started again, as watchfrr would do, but not one
// that crashes more often than this.
const (
	crashLimit  = 5
	crashPeriod = time.Minute
)

// Crashes are the crashes since Start, oldest first. FRR 8.4 has been seen to
// fail assertions when addresses change back and forth every 20 ms, once in
// hundreds of changes: zebra in process_subq_route, ospf6d in ospf6_write.
func (s *Suite) Crashes() []Crash {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.crashes)
}

// watch waits for a daemon's end, and starts it again after a crash.
func (s *Suite) watch(d *daemon) {
	<-d.exited
	if !d.crashed() {
		return
	}
	s.mu.Lock()
	s.crashes = append(s.crashes, Crash{Daemon: d.name, At: time.Now(), Words: lastWords(s.logFile(d.name))})
	s.mu.Unlock()
	s.applying.Lock()
	defer s.applying.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), restoreTimeout)
	defer cancel()
	if err := s.revive(ctx); err != nil {
		s.note("%s crashed and could not be started again: %v", d.name, err)
	}
}

// revive starts the daemons that crashed, with the configuration they had.
func (s *Suite) revive(ctx context.Context) error {
	for _, name := range s.Daemons() {
		s.mu.Lock()
		d, stopped := s.daemons[name], s.stopped
		s.mu.Unlock()
		if stopped || d.alive() || !d.crashed() || s.crashesOften(name) {
			continue
		}
		if err := s.relaunch(ctx, name); err != nil {
			return err
		}
	}
	return nil
}

// crashesOften reports whether the daemon is better left dead.
func (s *Suite) crashesOften(name string) bool {
	recent := 0
	for _, c := range s.Crashes() {
		if c.Daemon == name && time.Since(c.At) < crashPeriod {
			recent++
		}
	}
	return recent > crashLimit
}

// note writes a line to the log of the suite itself.
func (s *Suite) note(format string, args ...any) {
	f, err := os.OpenFile(s.logFile("suite"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return // there is nowhere to say it
	}
	defer f.Close()
	fmt.Fprintf(f, time.Now().Format(time.RFC3339Nano)+" "+format+"\n", args...)
}

// crashed reports, once the process has ended, whether nobody asked for it.
func (d *daemon) crashed() bool {
	<-d.exited
	status, ok := d.cmd.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case !ok:
		return false
	case status.Signaled():
		return !slices.Contains([]syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT}, status.Signal())
	}
	return status.ExitStatus() != 0
}

// isDeath reports an error that came from a daemon's end in the middle of work.
func isDeath(err error) bool { return errors.Is(err, ErrNotRunning) }
