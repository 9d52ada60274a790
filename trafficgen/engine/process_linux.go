package engine

import (
	"bufio"
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

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Process is a generator that runs each Run in a process of its own. In a
// busy program, a server for example, Go's scheduler may let a transmitter
// wait for tens of milliseconds until it may run again; in a process of its
// own only the kernel decides, which gives it priority.
//
// Requests and counters travel as JSON over the process's standard input and
// output. When this program dies, the process stops and is killed.
type Process struct {
	opts Options
	argv []string
}

var _ trafficgen.Generator = (*Process)(nil)

// NewProcess returns a generator that runs the command argv, which must call
// Serve with its standard input and output. Open and Sleep of the options are
// for engines in this process and must be nil.
func NewProcess(o Options, argv ...string) *Process { return &Process{opts: o, argv: argv} }

// request is what a Process asks for; the end of the input stops the streams.
type request struct {
	Streams  []trafficgen.Stream `json:"streams"`
	Learning time.Duration       `json:"learning"`
	Drain    time.Duration       `json:"drain"`
	Grace    time.Duration       `json:"grace"`

	Userspace bool   `json:"userspace,omitempty"`
	Sends     string `json:"sends,omitempty"`
}

// message is what it is told: counters while streams run, and a last one.
type message struct {
	Stats []trafficgen.Stats `json:"stats"`
	Final bool               `json:"final,omitempty"`
	Error string             `json:"error,omitempty"`
}

// Run implements trafficgen.Generator.
func (p *Process) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	if p.opts.Open != nil || p.opts.Sleep != nil {
		return nil, errors.New("a traffic process cannot use this process's ports or clock")
	}
	// The death signal is tied to the thread that starts the process.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	cmd := exec.Command(p.argv[0], p.argv[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true} // Ctrl-C is for us: we stop it
	// More than processors, so that a thread that wakes up need not wait.
	cmd.Env = append(os.Environ(), fmt.Sprintf("GOMAXPROCS=%d", runtime.NumCPU()+2))
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("traffic process: %w", err)
	}
	ask := request{streams, p.opts.Learning, p.opts.Drain, p.opts.Grace, p.opts.Userspace, p.opts.Sends}
	if err := json.NewEncoder(in).Encode(ask); err != nil {
		stderr.WriteString(err.Error())
	}
	defer context.AfterFunc(ctx, func() { _ = in.Close() })()
	last, err := follow(out, observe)
	_ = in.Close()
	if werr := cmd.Wait(); err != nil || werr != nil {
		return nil, fmt.Errorf("traffic process: %w: %s", errors.Join(err, werr), bytes.TrimSpace(stderr.Bytes()))
	}
	if last.Error != "" {
		return last.Stats, errors.New(last.Error)
	}
	return last.Stats, nil
}

// follow reads messages up to the final one.
func follow(out io.Reader, observe func([]trafficgen.Stats)) (message, error) {
	for dec := json.NewDecoder(bufio.NewReader(out)); ; {
		var m message
		if err := dec.Decode(&m); err != nil {
			return m, fmt.Errorf("it ended without a result: %w", err)
		}
		if m.Final {
			return m, nil
		}
		if observe != nil {
			observe(m.Stats)
		}
	}
}

// Serve is the other end of a Process: it runs the streams that in asks for
// until they have ended or in does, and writes counters to out.
func Serve(in io.Reader, out io.Writer) error {
	dec := json.NewDecoder(in)
	var ask request
	if err := dec.Decode(&ask); err != nil {
		return fmt.Errorf("traffic request: %w", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, in)
		cancel()
	}()
	enc := json.NewEncoder(out)
	var failed error
	stats, err := New(Options{Learning: ask.Learning, Drain: ask.Drain, Grace: ask.Grace, Userspace: ask.Userspace, Sends: ask.Sends}).Run(ctx, ask.Streams, func(s []trafficgen.Stats) {
		if werr := enc.Encode(message{Stats: s}); werr != nil && failed == nil {
			failed = werr
			cancel() // nobody listens
		}
	})
	m := message{Stats: stats, Final: true}
	if err != nil {
		m.Error = err.Error()
	}
	return errors.Join(failed, enc.Encode(m))
}
