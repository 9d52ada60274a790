package activities

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// Feeds are the routes that are announced from this process between the step
// that announces them and the one that withdraws them. When the process ends
// their sessions do, and routers forget them.
type Feeds struct{ registry[*feed] }

// A feed is announced, or has been withdrawn and is kept so that a repeated
// withdrawal finds what was measured.
type feed struct {
	feed   *routes.Feed
	cancel context.CancelFunc // of its streams

	mu                           sync.Mutex // held while something is done with it
	announced, withdrawn, closed bool
}

// add keeps a session with routes to announce on it, and begins to send to a
// sample of them.
func (f *Feeds) add(k streamKey, gen trafficgen.Generator, s routes.Session, set routes.Set, sample []trafficgen.Stream) (*feed, error) {
	life, cancel := context.WithTimeout(context.Background(), maxStreamLife)
	started, err := routes.NewFeed(life, gen, s, set, sample)
	if err != nil {
		cancel()
		return nil, errors.Join(err, s.Close())
	}
	fd := &feed{feed: started, cancel: cancel}
	f.put(k, fd) // what was there has been withdrawn
	return fd, nil
}

// over says that the routes have been withdrawn, or given up.
func (fd *feed) over() bool {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	return fd.closed
}

// announce announces the routes and waits until traffic to them flows. Once that
// was done it does nothing; if it cannot be done the session is ended.
func (fd *feed) announce(ctx context.Context, within time.Duration) error {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if fd.announced {
		return nil
	}
	if err := fd.feed.Announce(ctx, within); err != nil {
		return errors.Join(err, fd.end())
	}
	fd.announced = true
	return nil
}

// withdraw withdraws the routes, waits until traffic to them has ended, and ends
// the session. Once that was done it does nothing.
func (fd *feed) withdraw(ctx context.Context, within time.Duration) error {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	if fd.withdrawn {
		return nil
	}
	if err := fd.feed.Withdraw(ctx, within); err != nil {
		return err
	}
	fd.withdrawn = true
	return fd.end()
}

// measured is what has been measured so far.
func (fd *feed) measured() routes.Measurement {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	return fd.feed.Measured()
}

// close ends the streams and the session without looking at what comes of it.
func (fd *feed) close() error {
	fd.mu.Lock()
	defer fd.mu.Unlock()
	return fd.end()
}

func (fd *feed) end() error {
	if fd.closed {
		return nil
	}
	fd.closed = true
	fd.cancel()
	return fd.feed.Close()
}

// StopLab withdraws everything that is announced in a lab.
func (f *Feeds) StopLab(ref LabRef) { closeFeeds(f.takeLab(ref)) }

// Close does so everywhere.
func (f *Feeds) Close() { closeFeeds(f.takeAll()) }

func closeFeeds(all map[streamKey]*feed) {
	for _, fd := range all {
		_ = fd.close() // nobody wants to know any more
	}
}
