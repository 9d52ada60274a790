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
	cancel context.CancelFunc
	ready  chan struct{} // closed when the first frames have left
	done   chan struct{} // closed when the generator has returned

	mu     sync.Mutex
	latest trafficgen.Stats
	marks  []progressMark // of the last few seconds, oldest first

	final trafficgen.Stats // valid after done
	err   error            // likewise
}

// A progressMark is a stream's counters at a time.
type progressMark struct {
	at                   time.Time
	sent, received, lost uint64
}

// start begins a stream and returns when its first frames have left.
func (s *Streams) start(ctx context.Context, key streamKey, spec trafficgen.Stream) error {
	s.mu.Lock()
	if old := s.streams[key]; old != nil && !old.ended() {
		s.mu.Unlock()
		if repeated(ctx) {
			return old.awaitReady(ctx)
		}
		return &streamError{fmt.Sprintf("stream %s is running already", key.name)}
	}
	life, cancel := context.WithTimeout(context.Background(), maxStreamLife)
	st := &stream{cancel: cancel, ready: make(chan struct{}), done: make(chan struct{})}
	if s.streams == nil {
		s.streams = map[streamKey]*stream{}
	}
	s.streams[key] = st
	s.mu.Unlock()

	spec.Duration = 0 // until stopped
	go st.run(life, s.Generator, spec)
	err := st.awaitReady(ctx)
	if err != nil {
		st.stop()
		s.mu.Lock()
		delete(s.streams, key)
		s.mu.Unlock()
	}
	return err
}

// A streamError is a plan's or the generator's trouble with one stream. It is
// a verdict (error), not a reason to retry.
type streamError struct{ text string }

func (e *streamError) Error() string { return e.text }

func (s *Streams) get(key streamKey) *stream {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.streams[key]
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
		<-st.done
	}
	return len(mine)
}

func (st *stream) run(ctx context.Context, g trafficgen.Generator, spec trafficgen.Stream) {
	defer close(st.done)
	defer st.cancel()
	first := true
	stats, err := g.Run(ctx, []trafficgen.Stream{spec}, func(now []trafficgen.Stats) {
		st.observe(now[0])
		if first {
			first = false
			close(st.ready)
		}
	})
	if err == nil && len(stats) != 1 {
		err = fmt.Errorf("the generator reported %d streams instead of 1", len(stats))
	}
	if err != nil {
		st.err = &streamError{fmt.Sprintf("traffic: stream %s: %v", spec.Name, err)}
		return
	}
	st.final = stats[0]
}

// memory is how long a stream's marks are kept.
const memory = 5 * time.Second

func (st *stream) observe(now trafficgen.Stats) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.latest = now
	st.marks = append(st.marks, progressMark{time.Now(), now.Sent, now.Received, now.Lost})
	for len(st.marks) > 1 && time.Since(st.marks[0].at) > memory {
		st.marks = st.marks[1:]
	}
}

// awaitReady waits until the stream flows, has failed, or ctx is done.
func (st *stream) awaitReady(ctx context.Context) error {
	select {
	case <-st.ready:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	case <-st.done:
	}
	if st.err != nil {
		return st.err
	}
	return &streamError{"the stream ended before it began"}
}

func (st *stream) ended() bool {
	select {
	case <-st.done:
		return true
	default:
		return false
	}
}

// stop ends the stream, waits for what was in flight, and returns its counts.
func (st *stream) stop() (trafficgen.Stats, error) {
	st.cancel()
	<-st.done
	return st.final, st.err
}

// snapshot returns the counts so far.
func (st *stream) snapshot() trafficgen.Stats {
	st.mu.Lock()
	defer st.mu.Unlock()
	return st.latest
}

// flowing reports whether, over the last quiet period, frames were sent,
// nearly all arrived, and none was found to be lost.
func (st *stream) flowing(quiet time.Duration) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	if len(st.marks) == 0 {
		return false
	}
	now := st.marks[len(st.marks)-1]
	for i := len(st.marks) - 1; i >= 0; i-- {
		then := st.marks[i]
		if now.at.Sub(then.at) < quiet {
			continue
		}
		sent, received := now.sent-then.sent, now.received-then.received
		return sent > 0 && now.lost == then.lost && float64(received) >= 0.9*float64(sent)
	}
	return false
}

var errStreamEnded = errors.New("the stream ended by itself")
