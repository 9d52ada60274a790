// Package metrics shows running traffic to Prometheus.
package metrics

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/ccl-lab/ccl/trafficgen"
)

// A Watched generator is another one whose counters can be looked at while
// streams run. It is a prometheus.Collector. A stream that is run again goes
// on counting from where it was, as counters must.
type Watched struct {
	generator trafficgen.Generator

	mu      sync.Mutex
	running map[*observed]bool
	ended   map[series]total
}

// observed is one Run.
type observed struct {
	streams []trafficgen.Stream
	stats   []trafficgen.Stats
}

// series is what tells one stream's numbers from another's.
type series struct{ stream, from, to string }

// total is what runs of a stream add up to, and the numbers of its last one.
type total struct {
	running int
	trafficgen.Stats
}

var (
	_ trafficgen.Generator = (*Watched)(nil)
	_ prometheus.Collector = (*Watched)(nil)
)

// Watch returns a generator that runs g's streams.
func Watch(g trafficgen.Generator) *Watched {
	return &Watched{generator: g, running: map[*observed]bool{}, ended: map[series]total{}}
}

// Run implements trafficgen.Generator.
func (w *Watched) Run(ctx context.Context, streams []trafficgen.Stream, observe func([]trafficgen.Stats)) ([]trafficgen.Stats, error) {
	o := &observed{streams: streams}
	w.see(o, nil)
	stats, err := w.generator.Run(ctx, streams, func(stats []trafficgen.Stats) {
		w.see(o, stats)
		if observe != nil {
			observe(stats)
		}
	})
	w.end(o, stats)
	return stats, err
}

func (w *Watched) see(o *observed, stats []trafficgen.Stats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.stats = stats
	w.running[o] = true
}

func (w *Watched) end(o *observed, stats []trafficgen.Stats) {
	w.mu.Lock()
	defer w.mu.Unlock()
	o.stats = stats
	delete(w.running, o)
	o.addTo(w.ended, 0)
}

// totals are what there is to show.
func (w *Watched) totals() map[series]total {
	w.mu.Lock()
	defer w.mu.Unlock()
	all := maps.Clone(w.ended)
	for o := range w.running {
		o.addTo(all, 1)
	}
	return all
}

func (o *observed) addTo(all map[series]total, running int) {
	ports := map[string]trafficgen.Stream{}
	for _, s := range o.streams {
		ports[s.Name] = s
	}
	for _, st := range o.stats {
		s := ports[st.Stream]
		key := series{st.Stream, portName(s.From), portName(s.To)}
		sum := all[key]
		st.Sent += sum.Sent
		st.Received += sum.Received
		st.Lost += sum.Lost
		st.Duplicate += sum.Duplicate
		st.Reordered += sum.Reordered
		st.Corrupted += sum.Corrupted
		st.Misrouted += sum.Misrouted
		all[key] = total{sum.running + running, st}
	}
}

func portName(id trafficgen.PortID) string {
	if id == (trafficgen.PortID{}) {
		return ""
	}
	return id.Node + ":" + id.Device
}

// metric is one number of a stream.
type metric struct {
	desc  *prometheus.Desc
	kind  prometheus.ValueType
	value func(total) float64
}

var labels = []string{"stream", "from", "to"}

func counter(name, help string, value func(total) uint64) metric {
	return metric{prometheus.NewDesc("ccl_traffic_"+name+"_total", help, labels, nil), prometheus.CounterValue,
		func(t total) float64 { return float64(value(t)) }}
}

func gauge(name, help string, value func(total) float64) metric {
	return metric{prometheus.NewDesc("ccl_traffic_"+name, help, labels, nil), prometheus.GaugeValue, value}
}

var all = []metric{
	counter("frames_sent", "Frames handed to the sending port.", func(t total) uint64 { return t.Sent }),
	counter("frames_received", "Distinct frames that arrived whole at the right port.", func(t total) uint64 { return t.Received }),
	counter("frames_duplicate", "Copies of frames that had arrived.", func(t total) uint64 { return t.Duplicate }),
	counter("frames_reordered", "Frames that came after a later one (RFC 4737).", func(t total) uint64 { return t.Reordered }),
	counter("frames_corrupted", "Frames that arrived damaged.", func(t total) uint64 { return t.Corrupted }),
	counter("frames_misrouted", "Frames that arrived at another port of the generator.", func(t total) uint64 { return t.Misrouted }),
	// Not a counter: a frame given up for lost may still arrive.
	gauge("frames_lost", "Frames sent and not received, of those old enough to have arrived.", func(t total) float64 { return float64(t.Lost) }),
	gauge("offered_fps", "Frames per second that leave.", func(t total) float64 { return t.OfferedFPS }),
	gauge("longest_outage_seconds", "Longest run of lost frames, of the last run.", func(t total) float64 { return t.MaxOutage().Seconds() }),
	gauge("running", "How many runs of the stream are going on.", func(t total) float64 { return float64(t.running) }),
}

var latency = prometheus.NewDesc("ccl_traffic_latency_seconds", "One-way delay, of the last run.", labels, nil)

// Describe implements prometheus.Collector.
func (w *Watched) Describe(ch chan<- *prometheus.Desc) {
	for _, m := range all {
		ch <- m.desc
	}
	ch <- latency
}

// Collect implements prometheus.Collector.
func (w *Watched) Collect(ch chan<- prometheus.Metric) {
	totals := w.totals()
	for _, key := range slices.SortedFunc(maps.Keys(totals), compare) {
		t, values := totals[key], []string{key.stream, key.from, key.to}
		for _, m := range all {
			ch <- prometheus.MustNewConstMetric(m.desc, m.kind, m.value(t), values...)
		}
		ch <- prometheus.MustNewConstSummary(latency, t.Received, t.Latency.Mean.Seconds()*float64(t.Received),
			map[float64]float64{0.5: t.Latency.P50.Seconds(), 0.99: t.Latency.P99.Seconds()}, values...)
	}
}

func compare(a, b series) int {
	return slices.Compare([]string{a.stream, a.from, a.to}, []string{b.stream, b.from, b.to})
}

// Handler serves the numbers in the format that Prometheus asks for.
func (w *Watched) Handler() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(w)
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}
