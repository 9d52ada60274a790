package routes

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A Speaker is a BGP session in a process of its own. What it has announced it
// withdraws by ending.
type Speaker struct {
	cmd    *exec.Cmd
	in     io.WriteCloser
	out    *json.Decoder
	stderr bytes.Buffer
	ended  chan struct{}
}

// Start opens the session by the command argv, which must call speaker.Serve with
// its standard input and output. It returns when the session is established, or
// with the reason why it is not after the time given, a *SessionError.
func Start(ctx context.Context, spec Spec, within time.Duration, argv ...string) (*Speaker, error) {
	if err := spec.Check(); err != nil {
		return nil, fmt.Errorf("BGP session: %w", err)
	}
	s := &Speaker{cmd: exec.Command(argv[0], argv[1:]...), ended: make(chan struct{})}
	s.cmd.Stderr = &s.stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	in, err := s.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := s.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	s.in, s.out = in, json.NewDecoder(out)
	if err := s.start(spec.NetNS); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = s.cmd.Process.Kill() })()
	_, err = s.ask(Request{Spec: &spec, Within: within})
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// start starts the process in a network namespace: it inherits that of the
// thread that starts it. That thread is kept, since the process is killed when
// the thread ends.
func (s *Speaker) start(netns string) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		err := enter(netns)
		if err == nil {
			err = s.cmd.Start()
		}
		started <- err
		if err == nil {
			<-s.ended
		}
	}()
	if err := <-started; err != nil {
		return fmt.Errorf("BGP speaker: %w", err)
	}
	return nil
}

func enter(netns string) error {
	if netns == "" {
		return nil
	}
	f, err := os.Open(netns)
	if err != nil {
		return fmt.Errorf("network namespace: %w", err)
	}
	defer f.Close()
	if err := unix.Setns(int(f.Fd()), unix.CLONE_NEWNET); err != nil {
		return fmt.Errorf("entering network namespace %s: %w", netns, err)
	}
	return nil
}

// Announce announces the routes of a set. It returns when the speaker has taken
// them all; their way to the router takes as long as the router lets it.
func (s *Speaker) Announce(set Set) (Sending, error) { return s.ask(Request{Announce: &set}) }

// Withdraw withdraws them.
func (s *Speaker) Withdraw(set Set) (Sending, error) { return s.ask(Request{Withdraw: &set}) }

func (s *Speaker) ask(r Request) (Sending, error) {
	if err := json.NewEncoder(s.in).Encode(r); err != nil {
		return Sending{}, errors.Join(fmt.Errorf("BGP speaker: %w", err), s.Close())
	}
	var a Answer
	if err := s.out.Decode(&a); err != nil {
		return Sending{}, errors.Join(fmt.Errorf("BGP speaker: it ended without an answer: %w", err), s.Close())
	}
	switch {
	case a.NoSession:
		return a.Sending, &SessionError{a.Error}
	case a.Error != "":
		return a.Sending, errors.New(a.Error)
	}
	return a.Sending, nil
}

// Close ends the session and the process. It may be called again.
func (s *Speaker) Close() error {
	select {
	case <-s.ended:
		return nil
	default:
	}
	defer close(s.ended)
	_ = s.in.Close()
	for err := error(nil); err == nil; { // until the process has closed its output
		_, err = s.out.Token()
	}
	if err := s.cmd.Wait(); err != nil {
		return fmt.Errorf("BGP speaker: %w: %s", err, bytes.TrimSpace(s.stderr.Bytes()))
	}
	return nil
}
