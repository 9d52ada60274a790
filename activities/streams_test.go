package activities

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// clockGenerator sends a thousand frames a second, of which lose takes some.
type clockGenerator struct {
	lose func(since time.Duration) []trafficgen.Outage
	fail error

	engine string
}

func (g clockGenerator) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	if g.fail != nil {
		return nil, g.fail
	}
	began := time.Now()
	count := func() []trafficgen.Stats {
		s := trafficgen.Stats{Stream: streams[0].Name, Started: began, Sent: uint64(time.Since(began).Milliseconds()), Engine: g.engine}
		if g.lose != nil {
			s.Outages = g.lose(time.Since(began))
		}
		for _, o := range s.Outages {
			s.Lost += o.Frames
		}
		s.Received = s.Sent - s.Lost
		return []trafficgen.Stats{s}
	}
	for {
		observe(count())
		select {
		case <-ctx.Done():
			return count(), nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

func TestStreamsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Generator: clockGenerator{}}
		ref := LabRef{"fake", "pair"}
		for _, name := range []string{"a", "b"} {
			for _, owner := range []string{"run/ONE", "run/TWO"} {
				if err := s.start(t.Context(), streamKey{ref, owner, name}, trafficgen.Stream{Name: name}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := s.start(t.Context(), streamKey{ref, "run/ONE", "a"}, trafficgen.Stream{Name: "a"}); err == nil || !strings.Contains(err.Error(), "running already") {
			t.Errorf("a second start: %v", err)
		}
		time.Sleep(time.Second)
		stats, err := s.get(streamKey{ref, "run/ONE", "a"}).stop()
		if err != nil || stats.Sent != 1000 {
			t.Errorf("stopped after 1 s: sent %d, %v", stats.Sent, err)
		}
		again, err := s.get(streamKey{ref, "run/ONE", "a"}).stop()
		if err != nil || again.Sent != stats.Sent {
			t.Errorf("a repeated stop: sent %d, %v", again.Sent, err)
		}
		if n := s.StopCase(ref, "run/TWO"); n != 2 {
			t.Errorf("StopCase stopped %d streams, want 2", n)
		}
		if n := s.StopLab(ref); n != 2 {
			t.Errorf("StopLab stopped %d streams, want 2", n)
		}
		// synctest fails the test if any stream's goroutine is left.
	})
}

// A stream that nobody stops ends by itself.
func TestStreamsHaveAHardEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &Streams{Generator: clockGenerator{}}
		key := streamKey{name: "a"}
		if err := s.start(t.Context(), key, trafficgen.Stream{Name: "a"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(maxStreamLife - time.Second)
		if s.get(key).ended() {
			t.Error("it ended too early")
		}
		time.Sleep(2 * time.Second)
		if !s.get(key).ended() {
			t.Error("it did not end")
		}
	})
}

func TestStreamThatCannotStart(t *testing.T) {
	s := &Streams{Generator: clockGenerator{fail: errors.New("no such device")}}
	err := s.start(t.Context(), streamKey{name: "a"}, trafficgen.Stream{Name: "a"})
	if want := "traffic: stream a: no such device"; err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
	if s.get(streamKey{name: "a"}) != nil {
		t.Error("it is kept as if it were running")
	}
}

func TestSettle(t *testing.T) {
	outage := func(from, to time.Duration) func(time.Duration) []trafficgen.Outage {
		var began time.Time
		return func(since time.Duration) []trafficgen.Outage {
			if began.IsZero() {
				began = time.Now().Add(-since)
			}
			if since <= from {
				return nil
			}
			lost := min(since, to) - from
			return []trafficgen.Outage{{Start: began.Add(from), Duration: lost, Frames: uint64(lost.Milliseconds())}}
		}
	}
	// The cause is 1 s after the stream's start, the budget 10 s from then.
	tests := map[string]struct {
		from, to time.Duration
		settled  bool
		after    time.Duration // since the cause
	}{
		"short loss at once":   {1 * time.Second, 1200 * time.Millisecond, true, 1300 * time.Millisecond},
		"long loss":            {1 * time.Second, 4 * time.Second, true, 4100 * time.Millisecond},
		"loss that comes late": {2500 * time.Millisecond, 3 * time.Second, true, 3100 * time.Millisecond},
		"none":                 {time.Hour, time.Hour, true, 2100 * time.Millisecond},
		"for good":             {1 * time.Second, time.Hour, false, 10100 * time.Millisecond},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Streams{Generator: clockGenerator{lose: outage(test.from, test.to)}}
				if err := s.start(t.Context(), streamKey{name: "a"}, trafficgen.Stream{Name: "a"}); err != nil {
					t.Fatal(err)
				}
				defer s.Close()
				time.Sleep(time.Second)
				cause := time.Now()
				_, settled, err := settle(t.Context(), s.get(streamKey{name: "a"}), cause, cause.Add(10*time.Second))
				if err != nil || settled != test.settled {
					t.Fatalf("settled %v, %v; want %v", settled, err, test.settled)
				}
				if took := time.Since(cause); took < test.after-200*time.Millisecond || took > test.after+200*time.Millisecond {
					t.Errorf("known after %v, want about %v", took, test.after)
				}
			})
		})
	}
}

func TestLostStreamIsAnInterruption(t *testing.T) {
	traffic := &Traffic{Streams: &Streams{}}
	var in StepInput
	_, err := traffic.running(in, "a")
	var trouble *streamError
	if !errors.As(err, &trouble) {
		t.Errorf("never started: %v, want a verdict", err)
	}
	in.Started = true
	if _, err := traffic.running(in, "a"); !isFinal(err) || errors.As(err, &trouble) {
		t.Errorf("started by a former process: %v, want an interruption", err)
	}
}

func TestResolve(t *testing.T) {
	lab := &topology.Lab{Name: "pair", Nodes: []topology.LabNode{{Name: "g1", NetNS: "/proc/7/ns/net"}, {Name: "h1", NetNS: "/proc/8/ns/net"}, {Name: "far"}},
		Topology: &topology.Topology{Nodes: []*topology.Node{
			{Name: "g1", Labels: map[string]string{topology.LabelAddress: "10.2.1.2/24, 2001:db8::2/64", topology.LabelGateway: "10.2.1.1 2001:db8::1"}},
			{Name: "h1"}, {Name: "far"},
			{Name: "odd", Labels: map[string]string{topology.LabelAddress: "10.2.1.2"}},
		}}}
	got, err := resolve(lab, trafficgen.Stream{Name: "s", From: trafficgen.PortID{Node: "g1", Device: "eth1"}, To: trafficgen.PortID{Node: "h1", Device: "eth1"}})
	if err != nil {
		t.Fatal(err)
	}
	if p := got.From; p.NetNS != "/proc/7/ns/net" || p.Address.String() != "10.2.1.2/24" || p.Gateway.String() != "10.2.1.1" ||
		p.Address6.String() != "2001:db8::2/64" || p.Gateway6.String() != "2001:db8::1" {
		t.Errorf("generator port %+v", p)
	}
	if p := got.To; p.NetNS != "/proc/8/ns/net" || p.Address.IsValid() {
		t.Errorf("host port %+v: its address is the kernel's", p)
	}
	for _, node := range []string{"far", "nobody", "odd"} {
		if _, err := resolve(lab, trafficgen.Stream{From: trafficgen.PortID{Node: node}, To: got.To}); err == nil || !isFinal(err) {
			t.Errorf("port at %s: %v, want an error that is not retried", node, err)
		}
	}
}

// A convergence of several streams keeps the worst of each.
func TestOutagesOfSeveralStreams(t *testing.T) {
	c := results.Convergence{Stream: "s, t"}
	addOutages(&c, trafficgen.Stats{Uncertainty: 7, Outages: []trafficgen.Outage{{Frames: 3, Duration: 2}, {Frames: 1, Duration: 1}}})
	addOutages(&c, trafficgen.Stats{Uncertainty: 5, Outages: []trafficgen.Outage{{Frames: 2, Duration: 4}}})
	if want := (results.Convergence{Stream: "s, t", Outage: 4, LostFrames: 6, Uncertainty: 7}); c != want {
		t.Errorf("%+v, want %+v", c, want)
	}
}

// What is recorded of an outage is as uncertain as the generator's stalls make
// it, so that runs are compared, and charts drawn, with that in mind.
func TestOutagesAreAsUncertainAsTheGenerator(t *testing.T) {
	const ms = time.Millisecond
	outage := trafficgen.Outage{FirstSeq: 100, LastSeq: 199, Frames: 100, Duration: 100 * ms}
	s := trafficgen.Stats{WantedFPS: 1000, Lost: 100, Outages: []trafficgen.Outage{outage}, Uncertainty: 60 * ms, Precision: 2 * ms}
	for _, tc := range []struct {
		name   string
		stalls []trafficgen.Stall
		want   time.Duration
	}{
		{"no stall", nil, 2 * ms},
		{"one elsewhere", []trafficgen.Stall{{FirstSeq: 500, LastSeq: 800, Late: 60 * ms}}, 2 * ms},
		{"one at the end", []trafficgen.Stall{{FirstSeq: 200, LastSeq: 500, Late: 60 * ms}}, 60 * ms},
		{"one at the beginning", []trafficgen.Stall{{FirstSeq: 50, LastSeq: 129, Late: 20 * ms}}, 30 * ms},
	} {
		s.Stalls = tc.stalls
		var c results.Convergence
		addOutages(&c, s)
		if c.Outage != 100*ms || c.Uncertainty != tc.want || c.LostFrames != 100 {
			t.Errorf("%s: %+v, want ± %v", tc.name, c, tc.want)
		}
	}
	s.Precision, s.Stalls = 0, nil // of a generator that does not tell
	var c results.Convergence
	if addOutages(&c, s); c.Uncertainty != 60*ms {
		t.Errorf("%+v", c)
	}
}
