package activities

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// A captureBench is a case on a lab of two hosts, which are namespaces of this
// test.
type captureBench struct {
	t        *testing.T
	captures *Captures
	in       StepInput
	a, b     *porttest.Namespace
}

func newCaptureBench(t *testing.T, g trafficgen.Generator) *captureBench {
	b := &captureBench{t: t, a: porttest.New(t), b: porttest.New(t)}
	porttest.Veth(t, b.a, "eth1", b.b, "eth1")
	b.a.Run(t, "ip address add 192.0.2.1/24 dev eth1")
	b.b.Run(t, "ip address add 192.0.2.2/24 dev eth1")
	ref := LabRef{"netns", "two"}
	labs := &Labs{}
	labs.remember(ref, &topology.Lab{Name: "two",
		Topology: &topology.Topology{Name: "two", Nodes: []*topology.Node{{Name: "h1", Kind: "linux"}, {Name: "h2", Kind: "linux"}}},
		Nodes:    []topology.LabNode{{Name: "h1", NetNS: b.a.Path}, {Name: "h2", NetNS: b.b.Path}}})
	b.captures = &Captures{Labs: labs, Streams: &Streams{Generator: g}, Recordings: &Recordings{}}
	b.in = StepInput{Lab: ref, Evidence: t.TempDir(),
		At: Place{Run: "two-1", Case: "CAP-001", Attempt: 1, Phase: results.PhaseSteps, Step: 1}}
	t.Cleanup(func() {
		b.captures.Recordings.Close()
		b.captures.Streams.Close()
	})
	return b
}

func (b *captureBench) step(c testplans.Capture, started bool) *results.Step {
	b.t.Helper()
	in := b.in
	in.Step, in.Started = testplans.Step{Capture: &c}, started
	do := b.captures.StopCapture
	if c.Start != "" {
		do = b.captures.StartCapture
	}
	done, err := do(b.t.Context(), in)
	if err != nil {
		b.t.Fatal(err)
	}
	return done
}

// files are the names of what is in the evidence directory.
func (b *captureBench) files() (names []string) {
	_ = filepath.WalkDir(b.in.Evidence, func(path string, d os.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			name, _ := filepath.Rel(b.in.Evidence, path)
			names = append(names, name)
		}
		return err
	})
	return names
}

var (
	h1 = trafficgen.PortID{Node: "h1", Device: "eth1"}
	h2 = trafficgen.PortID{Node: "h2", Device: "eth1"}
)

func TestCaptureSteps(t *testing.T) {
	b := newCaptureBench(t, clockGenerator{})
	start := testplans.Capture{Start: "pings", Ports: []trafficgen.PortID{h1, h2}, Filter: "icmp"}
	if s := b.step(start, false); s.Verdict != check.Pass {
		t.Fatalf("%+v", s)
	}
	if s := b.step(start, true); s.Verdict != check.Error || !strings.Contains(s.Reason, "running already") {
		t.Errorf("%+v", s)
	}
	b.a.Run(t, "ping -c 3 -i 0.01 -q 192.0.2.2")
	stop := testplans.Capture{Stop: "pings", Frames: "= 12"} // three and three, at both ends
	s := b.step(stop, true)
	want := []results.EvidenceFile{{ID: "capture-pings", What: "capture pings: 12 frames", Path: "CAP-001/1/01/capture-pings.pcapng"}}
	if diff := cmp.Diff(want, s.Evidence); s.Verdict != check.Pass || diff != "" {
		t.Errorf("%+v\n%s", s, diff)
	}
	again := b.step(testplans.Capture{Stop: "pings", Frames: "> 12"}, true) // as after a report that got lost
	if again.Verdict != check.Fail || cmp.Diff(want, again.Evidence) != "" {
		t.Errorf("%+v", again)
	}
	if diff := cmp.Diff([]string{filepath.FromSlash(want[0].Path)}, b.files()); diff != "" {
		t.Error(diff)
	}
	if s := b.step(testplans.Capture{Stop: "pongs"}, false); s.Verdict != check.Error || !strings.Contains(s.Reason, "has not been started") {
		t.Errorf("%+v", s)
	}
	bad := testplans.Capture{Start: "bad", Ports: []trafficgen.PortID{h1}, Filter: "icmq"}
	if s := b.step(bad, false); s.Verdict != check.Error || !strings.Contains(s.Reason, "icmq") {
		t.Errorf("%+v", s)
	}
	in := b.in
	in.Step, in.Started = testplans.Step{Capture: &testplans.Capture{Stop: "gone"}}, true
	if _, err := b.captures.StopCapture(t.Context(), in); err == nil || !strings.Contains(err.Error(), "ended with the worker") {
		t.Errorf("%v", err)
	}
}

// A capture that has grown too long says so, and what there is is kept.
func TestCapturesAreBounded(t *testing.T) {
	b := newCaptureBench(t, clockGenerator{})
	b.captures.Recordings.Longest = 200
	b.step(testplans.Capture{Start: "long", Ports: []trafficgen.PortID{h2}, Filter: "icmp"}, false)
	b.a.Run(t, "ping -c 3 -i 0.01 -q 192.0.2.2")
	s := b.step(testplans.Capture{Stop: "long"}, true)
	if s.Verdict != check.Error || !strings.Contains(s.Reason, "a filter or a ring keeps it short") || len(s.Evidence) != 1 {
		t.Errorf("%+v", s)
	}
	b.step(testplans.Capture{Start: "left", Ports: []trafficgen.PortID{h2}, Filter: "icmp"}, false)
	b.a.Run(t, "ping -c 3 -i 0.01 -q 192.0.2.2")
	files, err := b.captures.StopCaptures(t.Context(), StopCapturesInput{At: b.in.At, Lab: b.in.Lab, Evidence: b.in.Evidence})
	if err != nil || len(files) != 1 || !strings.Contains(files[0].What, "capture left, not whole: ") {
		t.Errorf("%+v, %v", files, err)
	}
}

// Where a capture cannot hear, the step says so in place of recording nothing.
func TestCapturesThatCannotHear(t *testing.T) {
	b := newCaptureBench(t, clockGenerator{engine: "live+xdp"})
	if err := b.captures.Streams.start(t.Context(), key(b.in, "fast"), trafficgen.Stream{Name: "fast", From: h1, To: h2}); err != nil {
		t.Fatal(err)
	}
	s := b.step(testplans.Capture{Start: "late", Ports: []trafficgen.PortID{h2}}, false)
	if s.Verdict != check.Error || !strings.Contains(s.Reason, "cannot hear stream fast") {
		t.Errorf("%+v", s)
	}
	if s := b.step(testplans.Capture{Start: "beside", Ports: []trafficgen.PortID{h1}}, false); s.Verdict != check.Pass {
		t.Errorf("%+v", s)
	}
	lab, _ := b.captures.Labs.Lab(b.in.Lab)
	lab.Nodes[0].NetNS = "" // as of a node that is a container elsewhere
	in := b.in
	in.Step = testplans.Step{Capture: &testplans.Capture{Start: "away", Ports: []trafficgen.PortID{h1}}}
	if _, err := b.captures.StartCapture(t.Context(), in); !isFinal(err) || !strings.Contains(err.Error(), "a capture at h1") {
		t.Errorf("%v, want it refused by name", err)
	}
}

// What a case leaves running is stopped for it, and kept.
func TestCapturesLeftRunning(t *testing.T) {
	b := newCaptureBench(t, clockGenerator{})
	b.step(testplans.Capture{Start: "left", Ports: []trafficgen.PortID{h2}, Filter: "icmp"}, false)
	b.step(testplans.Capture{Start: "stopped", Ports: []trafficgen.PortID{h2}}, false)
	b.step(testplans.Capture{Stop: "stopped"}, true)
	b.a.Run(t, "ping -c 1 -q 192.0.2.2")
	in := StopCapturesInput{At: b.in.At, Lab: b.in.Lab, Evidence: b.in.Evidence}
	in.At.Step = 4
	files, err := b.captures.StopCaptures(t.Context(), in)
	want := []results.EvidenceFile{{ID: "capture-left", What: "capture left: 2 frames", Path: "CAP-001/1/04/capture-left.pcapng"}}
	if diff := cmp.Diff(want, files); err != nil || diff != "" {
		t.Errorf("%v\n%s", err, diff)
	}
	if files, err := b.captures.StopCaptures(t.Context(), in); err != nil || len(files) != 0 {
		t.Errorf("once more: %v, %v", files, err)
	}
}

// A capture around a loss keeps nothing as long as there is none.
func TestCaptureAroundLoss(t *testing.T) {
	b := newCaptureBench(t, clockGenerator{lose: func(since time.Duration) []trafficgen.Outage {
		if since < 300*time.Millisecond {
			return nil
		}
		return []trafficgen.Outage{{FirstSeq: 300, Frames: 1}}
	}})
	around := testplans.Capture{Start: "loss", Ports: []trafficgen.PortID{h1}, Ring: 1 << 20, AroundLoss: []string{"flow"}, Filter: "icmp"}
	b.step(around, false)
	s := b.step(testplans.Capture{Stop: "loss"}, true)
	if s.Verdict != check.Pass || !strings.Contains(s.Reason, "nothing was lost") || len(s.Evidence) != 0 || len(b.files()) != 0 {
		t.Errorf("%+v, %v", s, b.files())
	}
	b.step(around, false)
	b.a.Run(t, "ping -c 1 -q 192.0.2.2")
	s = b.step(testplans.Capture{Stop: "loss", Frames: "> 0"}, true)
	if s.Verdict != check.Fail || len(s.Evidence) != 0 {
		t.Errorf("frames that are not kept are counted: %+v", s)
	}
	b.step(around, false)
	b.a.Run(t, "ping -c 1 -q 192.0.2.2")
	st := key(b.in, "flow")
	if err := b.captures.Streams.start(t.Context(), st, trafficgen.Stream{Name: "flow"}); err != nil {
		t.Fatal(err)
	}
	for stats, err := b.captures.Streams.get(st).snapshot(); stats.Lost == 0; stats, err = b.captures.Streams.get(st).snapshot() {
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(5 * time.Millisecond)
	}
	s = b.step(testplans.Capture{Stop: "loss", Frames: "= 2"}, true)
	if s.Verdict != check.Pass || len(s.Evidence) != 1 || s.Evidence[0].What != "capture loss: 2 frames around the first loss of stream flow" {
		t.Errorf("%+v", s)
	}
}
