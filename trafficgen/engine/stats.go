package engine

import (
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

const (
	// maxSamples bounds a stream's series; a longer one is thinned to half.
	maxSamples = 600
	// maxLiveStalls bounds the stalls that are told of all streams together while
	// they run, ten times a second.
	maxLiveStalls = 500
)

// sample adds a point to every series and forgets old marks.
func (r *run) sample() {
	now := time.Now()
	for _, f := range r.flows {
		sent, received := f.sent.Load(), f.count()
		f.marks = append(f.marks, mark{now, sent})
		for len(f.marks) > 1 && now.Sub(f.marks[1].at) >= r.opts.Grace {
			f.marks = f.marks[1:]
		}
		if f.ticks++; sent == 0 || (f.ticks-1)%f.every != 0 {
			continue
		}
		offset := max(0, time.Duration(now.UnixNano()-f.first.Load()))
		f.samples = append(f.samples, trafficgen.Sample{Offset: offset, Sent: sent, Received: received})
		if len(f.samples) == maxSamples {
			for i := range maxSamples / 2 {
				f.samples[i] = f.samples[2*i]
			}
			f.samples = f.samples[:maxSamples/2]
			f.every *= 2
		}
	}
}

// count is how many frames have come. It keeps the window in motion.
func (f *flow) count() uint64 {
	f.to.mu.Lock()
	defer f.to.mu.Unlock()
	f.settle()
	return f.received
}

// horizon is the sequence before which frames are old enough to have arrived.
func (f *flow) horizon(now time.Time, grace time.Duration) uint64 {
	if len(f.marks) == 0 || now.Sub(f.marks[0].at) < grace {
		return 0
	}
	return f.marks[0].sent
}

// snapshot is the counters of running streams, without series.
func (r *run) snapshot() []trafficgen.Stats {
	now := time.Now()
	all := make([]trafficgen.Stats, len(r.flows))
	stalls := min(trafficgen.MaxStalls, 1+maxLiveStalls/len(r.flows))
	lossy := false
	for i, f := range r.flows {
		worst := time.Duration(f.latest.Load())
		if e := f.from.engine; e != nil && worst > stallMatters {
			e.note(f, stallMatters)
		}
		st, _ := f.stats(f.horizon(now, r.opts.Grace))
		f.trust(&st, worst, stalls)
		all[i], lossy = st, lossy || st.Lost > 0
	}
	if lossy {
		host := r.readHost()
		for i, f := range r.flows {
			all[i].Drops = r.drops(f, &all[i], host)
		}
	}
	return all
}

// final is the counters after the drain, with series, faults and all.
func (r *run) final() []trafficgen.Stats {
	host := r.readHost()
	all := make([]trafficgen.Stats, len(r.flows))
	for i, f := range r.flows {
		if e := f.from.engine; e != nil {
			e.note(f, 0)
		}
		st, gaps := f.stats(f.sent.Load())
		f.byFlow(&st, f.sent.Load())
		if f.deck != nil {
			st.Omitted = f.deck.Omitted()
		}
		st.Series = f.samples
		worst := f.late.max()
		if len(gaps) > 0 {
			worst = 0
			for _, g := range gaps {
				worst = max(worst, f.late.around(g))
			}
		}
		f.trust(&st, worst, trafficgen.MaxStalls)
		st.LatencyLeast = f.latencyLeast(&st)
		st.Drops = r.drops(f, &st, host)
		st.Faults = r.faults(f, &st, host)
		all[i] = st
	}
	return all
}

// trust says how far the stream's times can be trusted where frames left as late
// as that, and tells of so many stalls.
func (f *flow) trust(st *trafficgen.Stats, late time.Duration, stalls int) {
	st.Uncertainty, st.Precision = f.step()+late, f.step()+min(late, stallMatters)
	if st.Sent > 0 {
		st.Stalls = f.stalled(stalls, f.sendTimes(st))
	}
}

// engine names what sends the flow's frames and what counts them.
func (f *flow) engine() string {
	sends, receives := f.from.sends(), f.to.port.Link().Receives
	switch {
	case f.kernel != nil:
		return sends + "+" + f.to.counts
	case f.delegated: // until the tracker took over
		return sends + "+" + f.to.counts + "+" + receives
	case sends == receives:
		return sends
	}
	return sends + "+" + receives
}

// step is the time from frame to frame, or from burst to burst.
func (f *flow) step() time.Duration { return time.Duration(f.interval + f.extra) }

// stats reads the counters; losses are those below horizon.
func (f *flow) stats(horizon uint64) (trafficgen.Stats, []gap) {
	if f.stream.Elsewhere() {
		horizon = 0 // who knows
	}
	f.to.mu.Lock()
	f.pull()
	lost := f.losses(horizon, false)
	st := trafficgen.Stats{
		Stream: f.stream.Name, Elsewhere: f.stream.Elsewhere(), FrameBytes: int(f.stream.MeanSize() + 0.5), WantedFPS: f.rate(),
		Sent: f.sent.Load(), Received: f.received, Lost: lost.lost,
		Duplicate: f.duplicate, Reordered: f.reordered, ReorderExtent: f.extent, Corrupted: f.corrupted,
		Misrouted: f.misrouted.Load(), Latency: f.delay.latency(),
	}
	if f.from.port != nil && f.to.port != nil {
		st.Engine = f.engine()
	}
	f.to.mu.Unlock()
	if st.Sent == 0 {
		return st, nil
	}
	first := f.first.Load()
	st.Started = time.Unix(0, first)
	st.Duration = max(0, time.Duration(f.last.Load()-first))
	st.OfferedFPS = f.offered(st.Sent, st.Duration)
	at := f.sendTimes(&st)
	st.CountedTo, st.CleanSince = at(horizon), at(lost.open.first+lost.open.n)
	gaps := lost.gaps()
	for _, g := range gaps {
		st.Outages = append(st.Outages, outage(g, 1, at))
	}
	return st, gaps
}

// sendTimes tells when a sequence was due, the frames having been offered as
// stats says. Where the wanted rate was not reached, they were that much
// further apart.
func (f *flow) sendTimes(st *trafficgen.Stats) func(seq uint64) time.Time {
	stretch := 1.0
	if st.OfferedFPS < st.WantedFPS*rateTolerance {
		stretch = st.WantedFPS / st.OfferedFPS
	}
	return func(seq uint64) time.Time { return st.Started.Add(time.Duration(f.at(seq) * stretch)) }
}

// outage is a gap whose sequences are so far apart: by one in a stream, by the
// number of flows in one of them.
func outage(g gap, apart uint64, at func(seq uint64) time.Time) trafficgen.Outage {
	start, last := at(g.first), g.first+(g.n-1)*apart
	return trafficgen.Outage{FirstSeq: g.first, LastSeq: last, Frames: g.n,
		Start: start, End: at(last), Duration: at(last + apart).Sub(start)}
}

// offered is the rate at which frames really left. One frame has none and is
// taken at its word. Bursts are compared with how long theirs were to take.
func (f *flow) offered(sent uint64, took time.Duration) float64 {
	if sent < 2 || took <= 0 {
		return f.rate()
	}
	return f.rate() * f.at(sent-1) / float64(took)
}
