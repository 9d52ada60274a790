package activities

import (
	"context"
	"encoding/json"
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// A fakeRouter takes routes in, and out, after a while. It is the session with
// it, and the generator whose frames it forwards.
type fakeRouter struct {
	in, out time.Duration // the n-th stream of a run follows after n times that
	always  bool          // there is another route

	mu       sync.Mutex
	on, off  time.Time // when routes were announced and withdrawn
	sessions int       // open
	at       trafficgen.PortID
}

func (f *fakeRouter) open(_ context.Context, at trafficgen.PortID, s routes.Spec, _ time.Duration) (routes.Session, error) {
	switch {
	case s.PeerAS == 1:
		return nil, &routes.SessionError{Reason: "the BGP session is not established but Active"}
	case s.PeerAS == 2:
		return nil, errors.New("no such program")
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions++
	f.at = at
	return f, nil
}

func (f *fakeRouter) Announce(routes.Set) (routes.Sending, error) { return f.note(&f.on), nil }
func (f *fakeRouter) Withdraw(routes.Set) (routes.Sending, error) { return f.note(&f.off), nil }

func (f *fakeRouter) note(moment *time.Time) routes.Sending {
	f.mu.Lock()
	defer f.mu.Unlock()
	*moment = time.Now()
	return routes.Sending{Began: *moment, Ended: *moment}
}

func (f *fakeRouter) Close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.sessions--
	return nil
}

func (f *fakeRouter) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	began := time.Now()
	for {
		observe(f.count(streams, began))
		select {
		case <-ctx.Done():
			return f.count(streams, began), nil
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// count is what a thousand frames a second have come to.
func (f *fakeRouter) count(streams []trafficgen.Stream, began time.Time) (all []trafficgen.Stats) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for i, s := range streams {
		n := time.Duration(i + 1)
		st := trafficgen.Stats{Stream: s.Name, Started: began, CountedTo: now, CleanSince: now, OfferedFPS: 1000, Uncertainty: time.Millisecond,
			Sent: uint64(now.Sub(began).Milliseconds()) + 1}
		outage := func(from, to time.Time) {
			o := trafficgen.Outage{Start: from, Duration: to.Sub(from), Frames: uint64(to.Sub(from).Milliseconds())}
			st.Outages = append(st.Outages, o)
			st.Lost += o.Frames
		}
		on, off := f.on.Add(n*f.in), f.off.Add(n*f.out)
		switch {
		case f.always:
			st.CleanSince = began
		case f.on.IsZero() || now.Before(on):
			outage(began, now)
		case f.off.IsZero() || now.Before(off):
			outage(began, on)
			st.CleanSince = on
		default:
			outage(began, on)
			outage(off, now)
		}
		st.Received = st.Sent - st.Lost
		all = append(all, st)
	}
	return all
}

// A routesBench is a case on a lab whose router is fake.
type routesBench struct {
	t      *testing.T
	routes *Routes
	in     StepInput
}

func newRoutesBench(t *testing.T, f *fakeRouter) *routesBench {
	ref := LabRef{"fake", "ring"}
	labs := &Labs{}
	labs.remember(ref, &topology.Lab{Name: "ring",
		Topology: &topology.Topology{Name: "ring", Nodes: []*topology.Node{{Name: "h1", Kind: "linux"}, {Name: "h2", Kind: "linux"}, {Name: "far", Kind: "linux"}}},
		Nodes:    []topology.LabNode{{Name: "h1", NetNS: "/proc/1/ns/net"}, {Name: "h2", NetNS: "/proc/1/ns/net"}, {Name: "far"}}})
	return &routesBench{t: t, routes: &Routes{Labs: labs, Generator: f, Open: f.open, Feeds: &Feeds{}},
		in: StepInput{Lab: ref, Evidence: t.TempDir(), At: Place{Run: "ring-1", Case: "FEED-001", Attempt: 1, Phase: results.PhaseSteps, Step: 1},
			Stream: &trafficgen.Stream{Name: "s", From: trafficgen.PortID{Node: "h2", Device: "eth1"}, To: trafficgen.PortID{Node: "h1", Device: "eth1"}}}}
}

func announceStep(change func(*testplans.Routes)) testplans.Routes {
	r := testplans.Routes{Start: "feed", Node: trafficgen.PortID{Node: "h1", Device: "eth1"}, Stream: "s", Sample: 3, Within: testplans.Duration(10 * time.Second),
		Session: &routes.Spec{AS: 65100, PeerAS: 65000, Peer: netip.MustParseAddr("10.1.1.1")},
		Set:     &routes.Set{First: netip.MustParsePrefix("100.64.0.0/24"), Count: 100}}
	if change != nil {
		change(&r)
	}
	return r
}

func (b *routesBench) do(s testplans.Routes, started bool) (*results.Step, error) {
	in := b.in
	in.Step, in.Started = testplans.Step{Routes: &s}, started
	if s.Start != "" {
		return b.routes.AnnounceRoutes(b.t.Context(), in)
	}
	return b.routes.WithdrawRoutes(b.t.Context(), in)
}

func (b *routesBench) want(s testplans.Routes, v check.Verdict, reason string) *results.Step {
	b.t.Helper()
	done, err := b.do(s, true)
	if err != nil {
		b.t.Fatal(err)
	}
	if done.Verdict != v || !strings.Contains(done.Reason, reason) {
		b.t.Errorf("%s (%s), want %s with %q", done.Verdict, done.Reason, v, reason)
	}
	return done
}

func withdrawStep(gone check.Bound) testplans.Routes {
	return testplans.Routes{Stop: "feed", Gone: gone, Within: testplans.Duration(10 * time.Second)}
}

func TestRoutesSteps(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := &fakeRouter{in: 200 * time.Millisecond, out: 300 * time.Millisecond}
		b := newRoutesBench(t, f)
		s := b.want(announceStep(func(r *testplans.Routes) { r.Works = "< 1s" }), check.Pass, "time until traffic to 3 of 100 routes flows is 600ms ± 1ms")
		if len(s.Evidence) != 1 || s.Evidence[0].Path != "FEED-001/1/01/routes-feed.json" || len(s.Events) != 2 || f.at.NetNS == "" {
			t.Errorf("%+v, session at %+v", s, f.at)
		}
		want := results.RouteTime{Routes: "feed", Count: 100, Sample: 3, Took: 600 * time.Millisecond, Uncertainty: time.Millisecond}
		if diff := cmp.Diff(&want, s.RouteTime); diff != "" {
			t.Errorf("announced (-want +got):\n%s", diff)
		}
		b.want(announceStep(nil), check.Error, "routes feed: it is running already")
		s = b.want(withdrawStep("< 500ms"), check.Fail, "saw 900ms ± 1ms")
		if len(s.Evidence) != 1 || f.sessions != 0 {
			t.Errorf("%+v, %d sessions", s, f.sessions)
		}
		want.Withdrawn, want.Took = true, 900*time.Millisecond
		if diff := cmp.Diff(&want, s.RouteTime); diff != "" {
			t.Errorf("withdrawn (-want +got):\n%s", diff)
		}
		b.want(withdrawStep(""), check.Pass, "is 900ms ± 1ms") // as after a report that got lost
	})
}

func TestRoutesThatDoNotWork(t *testing.T) {
	for name, test := range map[string]struct {
		router *fakeRouter
		change func(*testplans.Routes)
		want   check.Verdict
		reason string
	}{
		"slow":           {&fakeRouter{in: time.Second}, func(r *testplans.Routes) { r.Works = "< 2s" }, check.Fail, "saw 3s ± 1ms"},
		"not all":        {&fakeRouter{in: 4 * time.Second}, nil, check.Fail, "that to 1 of them does not"},
		"other route":    {&fakeRouter{always: true}, nil, check.Error, "does another route carry them?"},
		"no session":     {&fakeRouter{}, func(r *testplans.Routes) { r.Session.PeerAS = 1 }, check.Fail, "not established but Active"},
		"no speaker":     {&fakeRouter{}, func(r *testplans.Routes) { r.Session.PeerAS = 2 }, check.Error, "routes feed: no such program"},
		"without stream": {&fakeRouter{}, func(r *testplans.Routes) { r.Stream, r.Sample = "", 0 }, check.Pass, "100 routes are announced"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newRoutesBench(t, test.router)
				if s := b.want(announceStep(test.change), test.want, test.reason); (s.RouteTime != nil) != (name == "slow") {
					t.Errorf("%s: route time %+v", name, s.RouteTime)
				}
				if err := b.routes.EndRoutes(t.Context(), StopInput{Lab: b.in.Lab, Run: "ring-1", Case: "FEED-001"}); err != nil {
					t.Error(err)
				}
				if test.router.sessions != 0 || len(b.routes.Feeds.all) != 0 {
					t.Errorf("%d sessions, %v left", test.router.sessions, b.routes.Feeds.all)
				}
				// synctest fails the test if a stream is left.
			})
		})
	}
}

func TestRoutesThatStay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newRoutesBench(t, &fakeRouter{out: 4 * time.Second})
		b.want(announceStep(nil), check.Pass, "flows is 0s ± 1ms")
		b.want(withdrawStep(""), check.Fail, "some of it still flows")
	})
}

// What is announced ends with its lab, and with the process.
func TestFeedsEnd(t *testing.T) {
	for name, end := range map[string]func(*Feeds, LabRef){
		"lab":     (*Feeds).StopLab,
		"process": func(f *Feeds, _ LabRef) { f.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &fakeRouter{}
				b := newRoutesBench(t, f)
				b.want(announceStep(nil), check.Pass, "")
				end(b.routes.Feeds, b.in.Lab)
				if f.sessions != 0 {
					t.Errorf("%d sessions", f.sessions)
				}
				if _, err := b.do(withdrawStep(""), true); !isFinal(err) || !strings.Contains(err.Error(), "ended with the worker") {
					t.Errorf("%v, want an interruption", err)
				}
				if s, err := b.do(withdrawStep(""), false); err != nil || s.Verdict != check.Error || !strings.Contains(s.Reason, "have not been announced") {
					t.Errorf("%+v, %v", s, err)
				}
			})
		})
	}
}

// A host that is not reachable from here, as on clab without its containers.
func TestRoutesElsewhere(t *testing.T) {
	b := newRoutesBench(t, &fakeRouter{})
	_, err := b.do(announceStep(func(r *testplans.Routes) { r.Node.Node = "far" }), false)
	if !isFinal(err) || !strings.Contains(err.Error(), "its network namespace is not on this host") {
		t.Errorf("%v", err)
	}
}

// The evidence is the whole measurement.
func TestRoutesEvidence(t *testing.T) {
	b := newRoutesBench(t, &fakeRouter{})
	r := &recorder{in: b.in}
	want := routes.Measurement{Routes: 100, Sample: 3, Removal: routes.Removal{First: 1, Full: 2, Complete: true}}
	if err := r.keepMeasured("feed", want); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(b.in.Evidence, "FEED-001/1/01/routes-feed.json"))
	if err != nil {
		t.Fatal(err)
	}
	var got routes.Measurement
	if err := json.Unmarshal(text, &got); err != nil || !cmp.Equal(want, got) {
		t.Errorf("%s: %v", text, err)
	}
	if e := r.Evidence[0]; e.What != "routes feed: 100, seen by traffic to 3 of them" {
		t.Errorf("%+v", e)
	}
}
