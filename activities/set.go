package activities

import (
	"context"
	"os"

	"go.temporal.io/sdk/worker"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
	"github.com/ccl-lab/ccl/trafficgen"
)

// Options are what the activities of a worker need.
type Options struct {
	Backends  map[string]topology.Backend // by name
	Topology  testplans.TopologyLoader    // clabfile.Load
	Dial      device.Dial                 // junos.Dial
	Generator trafficgen.Generator
	Store     *results.Store
	// Webhook finds where notices go by name; nil knows none.
	Webhook func(name string) (Webhook, error)
	// RunClosed reports whether a run is known to have ended, so that it keeps
	// no lab from others; nil knows of none.
	RunClosed func(ctx context.Context, run string) (bool, error)
	// Host names the machine whose labs these activities reach; its host name
	// when empty. Only one worker process a host may use a name.
	Host string
	// BGP opens the sessions that plans announce routes on.
	BGP OpenSession
}

// A Set is every activity of a worker, sharing labs, sessions, and what runs
// between steps.
type Set struct {
	Plan       *Plan
	Lab        *Lab
	Device     *Device
	Traffic    *Traffic
	Captures   *Captures
	Routes     *Routes
	Benchmarks *Benchmarks
	Results    *Results
	Report     *Report
	Nights     *Nights
	Notify     *Notify
	Engagement *Engagement
}

// New makes the activities.
func New(o Options) *Set {
	if o.Host == "" {
		o.Host, _ = os.Hostname()
	}
	labs := &Labs{Backends: o.Backends, Closed: o.RunClosed}
	sessions := &Sessions{Dial: o.Dial}
	streams := &Streams{Generator: o.Generator}
	recordings, feeds := &Recordings{}, &Feeds{}
	lab := &Lab{Labs: labs, Sessions: sessions, Streams: streams, Captures: recordings, Feeds: feeds,
		Topology: o.Topology, Queue: HostQueue(o.Host)}
	return &Set{
		Plan:       &Plan{Topology: o.Topology, Store: o.Store},
		Lab:        lab,
		Device:     &Device{Labs: labs, Sessions: sessions, Streams: streams, Topology: o.Topology},
		Traffic:    &Traffic{Labs: labs, Streams: streams},
		Captures:   &Captures{Labs: labs, Streams: streams, Recordings: recordings},
		Routes:     &Routes{Labs: labs, Generator: o.Generator, Open: o.BGP, Feeds: feeds},
		Benchmarks: &Benchmarks{Lab: lab, Generator: o.Generator},
		Results:    &Results{Store: o.Store},
		Report:     &Report{Store: o.Store},
		Nights:     &Nights{Store: o.Store},
		Notify:     &Notify{Webhook: o.Webhook},
		Engagement: &Engagement{Topology: o.Topology, Store: o.Store},
	}
}

// HostQueue is the task queue of the activities that touch a host's labs.
func HostQueue(host string) string { return "ccl-host-" + host }

// Queue is the host queue of this set.
func (s *Set) Queue() string { return s.Lab.Queue }

// RegisterMain registers what any worker may do: plans, records, reports,
// notices, and the decision to deploy.
func (s *Set) RegisterMain(w worker.ActivityRegistry) {
	w.RegisterActivity(s.Plan)
	w.RegisterActivity(s.Results)
	w.RegisterActivity(s.Report)
	w.RegisterActivity(s.Nights)
	w.RegisterActivity(s.Notify)
	w.RegisterActivity(s.Engagement)
	w.RegisterActivity(s.Lab)
}

// RegisterHost registers what must run on the lab's host.
func (s *Set) RegisterHost(w worker.ActivityRegistry) {
	w.RegisterActivity(s.Lab)
	w.RegisterActivity(s.Device)
	w.RegisterActivity(s.Traffic)
	w.RegisterActivity(s.Captures)
	w.RegisterActivity(s.Routes)
	w.RegisterActivity(s.Benchmarks)
}

// Close ends the streams, captures, announced routes and sessions. Labs stay up,
// and with the runs that have them.
func (s *Set) Close() {
	s.Lab.Labs.close()
	s.Lab.Streams.Close()
	s.Lab.Captures.Close()
	s.Lab.Feeds.Close()
	s.Lab.Sessions.Close()
}
