package workflows

import (
	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/trafficgen"
)

// What each kind of step means to the workflow: its activity, what that is
// given, and what it leaves running.

// activityFor is the activity of a step's kind.
func activityFor(s *testplans.Step) any {
	var (
		device     *activities.Device
		lab        *activities.Lab
		traffic    *activities.Traffic
		captures   *activities.Captures
		routes     *activities.Routes
		benchmarks *activities.Benchmarks
	)
	switch {
	case s.Configure != nil:
		return device.Configure
	case s.Rollback != nil:
		return device.Rollback
	case s.Snapshot != nil:
		return device.Snapshot
	case s.Check != nil:
		return device.Check
	case s.WaitUntil != nil:
		return device.WaitUntil
	case s.Command != nil:
		return device.Command
	case s.Ping != nil:
		return device.Ping
	case s.Traceroute != nil:
		return device.Traceroute
	case s.Capture != nil && s.Capture.Start != "":
		return captures.StartCapture
	case s.Capture != nil:
		return captures.StopCapture
	case s.Routes != nil && s.Routes.Start != "":
		return routes.AnnounceRoutes
	case s.Routes != nil:
		return routes.WithdrawRoutes
	case s.Converge != nil:
		return traffic.Converge
	case s.Benchmark != nil:
		return benchmarks.Benchmark
	case s.Fault != nil && s.Fault.State == "restarted":
		return device.Restart
	case s.Fault != nil && s.Fault.Sessions != nil:
		return device.ClearSessions
	case s.Fault != nil:
		return lab.Fault
	case s.Traffic.Start != "":
		return traffic.StartStream
	case s.Traffic.Stop != "":
		return traffic.StopStream
	}
	return traffic.RunStream
}

func (t *try) input(at activities.Place, s *testplans.Step) activities.StepInput {
	in := activities.StepInput{
		At: at, Lab: t.kase.in.Lab.Ref, Evidence: t.kase.in.Evidence, Step: *s,
	}
	if name := streamOf(s); name != "" {
		in.Stream = t.kase.stream(name)
		in.Started = t.running[name]
	}
	if _, stop := runs(s); s.Capture != nil || s.Routes != nil {
		in.Started = t.running[stop]
	}
	if name := snapshotOf(s); name != "" {
		in.Snapshot = t.snapshots[name]
	}
	if s.Benchmark != nil {
		for _, name := range s.Benchmark.Streams {
			if stream := t.kase.stream(name); stream != nil {
				in.Streams = append(in.Streams, *stream)
			}
		}
	}
	if s.Converge != nil {
		in.Cause, in.Started = t.cause, true
		for _, name := range s.Converge.Names() {
			in.Started = in.Started && t.running[name]
		}
	}
	return in
}

// runs is what a step starts and what it stops, "" if nothing. A stream is known
// by its name; captures and routes of the same name are told from it by a space,
// which names do not have.
func runs(s *testplans.Step) (start, stop string) {
	switch {
	case s.Traffic != nil:
		return s.Traffic.Start, s.Traffic.Stop
	case s.Capture != nil:
		start, stop = prefixed("capture ", s.Capture.Start), prefixed("capture ", s.Capture.Stop)
	case s.Routes != nil:
		start, stop = prefixed("routes ", s.Routes.Start), prefixed("routes ", s.Routes.Stop)
	}
	return start, stop
}

func prefixed(kind, name string) string {
	if name == "" {
		return ""
	}
	return kind + name
}

// snapshotOf is the name of the snapshot that a step compares with, or "".
func snapshotOf(s *testplans.Step) string {
	switch {
	case s.Check != nil:
		return s.Check.Snapshot()
	case s.WaitUntil != nil:
		return s.WaitUntil.Check.Snapshot()
	}
	return ""
}

// streamOf is the name of the stream a step speaks of, or "".
func streamOf(s *testplans.Step) string {
	switch {
	case s.Traffic != nil:
		return s.Traffic.Start + s.Traffic.Stop + s.Traffic.Run // exactly one is set
	case s.Routes != nil:
		return s.Routes.Stream
	}
	return ""
}

// streamsOfStep are the names of all streams a step speaks of.
func streamsOfStep(s *testplans.Step) []string {
	if s.Benchmark != nil {
		return s.Benchmark.Streams
	}
	if s.Converge != nil {
		return s.Converge.Names()
	}
	if name := streamOf(s); name != "" {
		return []string{name}
	}
	return nil
}

func (c *caseRun) stream(name string) *trafficgen.Stream {
	for i := range c.in.Streams {
		if c.in.Streams[i].Name == name {
			return &c.in.Streams[i]
		}
	}
	return nil
}
