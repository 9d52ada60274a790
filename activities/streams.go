package activities

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// maxStreamLife is the hard end of every stream that a plan starts, so that
// nothing runs for ever when a stop is never heard.
const maxStreamLife = 2 * time.Hour

// Streams are the streams that run in this process between the step that
// starts them and the one that stops them. When the process ends they end.
type Streams struct {
	Generator trafficgen.Generator

	mu      sync.Mutex
	streams map[streamKey]*stream
}

type streamKey struct {
	lab   LabRef
	owner string // run/case
	name  string
}

// A stream runs, or has been stopped and is kept so that a repeated stop
// finds its counts.
type stream struct {
	name   string
	to     trafficgen.PortID
	run    *trafficgen.Running // valid once ready is closed, unless err is set
	cancel context.CancelFunc
	ready  chan struct{}
	err    error // why it could not be started

	mu       sync.Mutex
	reported map[uint64]bool // first sequences of the outages on the timeline
}

// A streamError is a plan's or the generator's trouble with one stream. It is
// a verdict (error), not a reason to retry.
type streamError struct{ text string }

func (e *streamError) Error() string { return e.text }

func troubleWith(stream string, err error) error {
	return &streamError{fmt.Sprintf("traffic: stream %s: %v", stream, err)}
}

var (
	errRunning    = errors.New("it is running already")
	errEnded      = errors.New("it ended by itself")
	errNotStarted = errors.New("it has not been started in this case")
)

// start begins a stream and returns when its first frames have left.
func (s *Streams) start(ctx context.Context, key streamKey, spec trafficgen.Stream) error {
	s.mu.Lock()
	if old := s.streams[key]; old != nil && !old.ended() {
		s.mu.Unlock()
		if repeated(ctx) {
			return old.await()
		}
		return troubleWith(key.name, errRunning)
	}
	life, cancel := context.WithTimeout(context.Background(), maxStreamLife)
	st := &stream{name: key.name, to: spec.To, cancel: cancel, ready: make(chan struct{})}
	if s.streams == nil {
		s.streams = map[streamKey]*stream{}
	}
	s.streams[key] = st
	s.mu.Unlock()

	spec.Duration = 0 // until stopped
	defer context.AfterFunc(ctx, cancel)()
	st.run, st.err = trafficgen.Start(life, s.Generator, []trafficgen.Stream{spec})
	close(st.ready)
	if err := st.await(); err != nil {
		cancel()
		s.forget(key)
		return err
	}
	return ctx.Err()
}

func (s *Streams) get(key streamKey) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[key]
}

func (s *Streams) forget(key streamKey) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.streams, key)
}

// StopCase stops and forgets every stream of one case, and returns how many.
func (s *Streams) StopCase(ref LabRef, owner string) int {
	return s.stopWhere(func(k streamKey) bool { return k.lab == ref && k.owner == owner })
}

// StopLab does so for every stream in a lab.
func (s *Streams) StopLab(ref LabRef) int {
	return s.stopWhere(func(k streamKey) bool { return k.lab == ref })
}

// Close stops every stream.
func (s *Streams) Close() { s.stopWhere(func(streamKey) bool { return true }) }

func (s *Streams) stopWhere(match func(streamKey) bool) int {
	s.mu.Lock()
	var mine []*stream
	for key, st := range s.streams {
		if match(key) {
			mine = append(mine, st)
			delete(s.streams, key)
		}
	}
	s.mu.Unlock()
	for _, st := range mine {
		st.cancel() // all at once: each drains for a while
	}
	for _, st := range mine {
		_, _ = st.stop() // its counts are of no interest any more
	}
	return len(mine)
}

// await waits until the stream flows, and returns why it does not.
func (st *stream) await() error {
	<-st.ready
	if st.err != nil {
		return troubleWith(st.name, st.err)
	}
	return nil
}

// unreported returns those of the outages that it was not given before, so that
// each is on the timeline once.
func (st *stream) unreported(outages []trafficgen.Outage) []trafficgen.Outage {
	st.mu.Lock()
	defer st.mu.Unlock()
	var fresh []trafficgen.Outage
	for _, o := range outages {
		if st.reported[o.FirstSeq] {
			continue
		}
		if st.reported == nil {
			st.reported = map[uint64]bool{}
		}
		st.reported[o.FirstSeq] = true
		fresh = append(fresh, o)
	}
	return fresh
}

// ended reports whether the generator has returned.
func (st *stream) ended() bool {
	select {
	case <-st.ready:
	default:
		return false
	}
	if st.err != nil {
		return true
	}
	select {
	case <-st.run.Done():
		return true
	default:
		return false
	}
}

// stop ends the stream, waits for what was in flight, and returns its counts.
func (st *stream) stop() (trafficgen.Stats, error) {
	st.cancel()
	if err := st.await(); err != nil {
		return trafficgen.Stats{}, err
	}
	return st.one(st.run.Stop())
}

// snapshot returns the counts so far.
func (st *stream) snapshot() (trafficgen.Stats, error) {
	if err := st.await(); err != nil {
		return trafficgen.Stats{}, err
	}
	return st.one(st.run.Stats(), nil)
}

// sampled is snapshot with the series of the last minutes.
func (st *stream) sampled() (trafficgen.Stats, error) {
	if err := st.await(); err != nil {
		return trafficgen.Stats{}, err
	}
	return st.one(st.run.Sampled(), nil)
}

// one returns the counts of the stream, which is the only one of its run.
func (st *stream) one(stats []trafficgen.Stats, err error) (trafficgen.Stats, error) {
	if err == nil && len(stats) != 1 {
		err = fmt.Errorf("the generator reported %d streams instead of 1", len(stats))
	}
	if err != nil {
		return trafficgen.Stats{}, troubleWith(st.name, err)
	}
	return stats[0], nil
}
