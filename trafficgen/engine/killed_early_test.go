package engine_test

import (
	"context"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// child is this program as something else, which streams are asked of.
type child struct {
	cmd *exec.Cmd
	in  io.WriteCloser
	out *json.Decoder
}

func spawn(t *testing.T, what string) child {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"="+what)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return child{cmd, in, json.NewDecoder(out)}
}

// ask has the child send streams.
func (c child) ask(t *testing.T, o engine.Options, streams ...trafficgen.Stream) {
	t.Helper()
	if err := json.NewEncoder(c.in).Encode(map[string]any{"sends": o.Sends, "userspace": o.Userspace, "streams": streams}); err != nil {
		t.Fatal(err)
	}
}

// undisturbed waits until the lab's devices are as they were and nothing is
// sent over them any more.
func (l lab) undisturbed(t *testing.T, before string) {
	t.Helper()
	var after string
	for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		left := l.sent(t)
		if after = l.features(t) + l.promiscuous(t); after == before && l.sent(t) == left {
			return
		}
	}
	t.Errorf("the devices were, and are now:\n%s%s", before, after)
}

// promiscuous says which of the generator's devices take every frame.
func (l lab) promiscuous(t *testing.T) (all string) {
	t.Helper()
	for _, ns := range []*porttest.Namespace{l.a, l.b} {
		if out := ns.Run(t, "ip -d link show eth1"); !strings.Contains(out, "promiscuity 0") {
			all += out
		}
	}
	return all
}

// A generator leaves nothing behind whenever it is killed: while it opens its
// ports, attaches its programs, tries its engines, learns or sends.
func TestKilledAtAnyMoment(t *testing.T) { conform(t, killedAtAnyMoment) }

func killedAtAnyMoment(t *testing.T, o engine.Options) {
	l := newLab(t)
	inhabit(t, l.router)
	from, to := l.emulated()
	before := l.features(t) + l.promiscuous(t)
	disturbed := 0
	for after := time.Duration(0); after < 300*time.Millisecond; after += 23 * time.Millisecond {
		c := spawn(t, "serve")
		c.ask(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 64, Rate: 10_000},
			trafficgen.Stream{Name: "back", From: to, To: from, Size: 64, Rate: 1000})
		time.Sleep(after) // the moment
		if l.promiscuous(t) != "" {
			disturbed++
		}
		if err := c.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = c.cmd.Wait() // a thread that went on would keep it
		l.undisturbed(t, before)
	}
	if disturbed == 0 {
		t.Error("it was always killed before it did anything")
	}
}

// parent is a program that has a traffic process.
func parent() error {
	var ask struct {
		Streams   []trafficgen.Stream
		Sends     string
		Userspace bool
	}
	if err := json.NewDecoder(os.Stdin).Decode(&ask); err != nil {
		return err
	}
	if err := os.Setenv(childEnv, "serve"); err != nil {
		return err
	}
	out := json.NewEncoder(os.Stdout)
	_, err := engine.NewProcess(engine.Options{Sends: ask.Sends, Userspace: ask.Userspace}, "/proc/self/exe").Run(context.Background(), ask.Streams,
		func(all []trafficgen.Stats) { _ = out.Encode(all) })
	return err
}

// The traffic process of a program that is killed dies with it.
func TestKilledParent(t *testing.T) { conform(t, killedParent) }

func killedParent(t *testing.T, o engine.Options) {
	l := newLab(t)
	inhabit(t, l.router)
	from, to := l.emulated()
	before := l.features(t) + l.promiscuous(t)
	c := spawn(t, "parent")
	c.ask(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 64, Rate: 10_000})
	for received := uint64(0); received < 100; {
		var all []trafficgen.Stats
		if err := c.out.Decode(&all); err != nil {
			t.Fatal(err)
		}
		received = all[0].Received
	}
	if err := c.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	l.undisturbed(t, before)
}
