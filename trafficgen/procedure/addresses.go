package procedure

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// rfcAging is the usual time in which a switch forgets an address that it does
// not see any more (IEEE 802.1D, table 7-5).
const rfcAging = 300 * time.Second

var defaultAddresses = map[Procedure]int{AddressCaching: 8192, AddressLearning: 1024}

// Hardware addresses of the tester itself, and the first of those that it
// teaches. They are locally administered.
const (
	testerMAC  = "02:cc:1a:00:00:01"
	monitorMAC = "02:cc:1a:00:00:02"
	taughtMAC  = "02:cc:1b:00:00:01"
)

// An AddressRow is how many addresses a switch learns, or how fast. The
// tester's own come after those that it teaches, and take no room from them.
type AddressRow struct {
	// Addresses is the most that were taught of which none was flooded or lost
	// afterwards; of address-learning how many were taught.
	Addresses int `json:"addresses"`
	// Rate is that of the frames that teach, one address each: the highest at
	// which all were learned; of address-caching the one that was used.
	Rate float64 `json:"rateFps"`
	// Unbounded says that the switch learned all that were tried.
	Unbounded bool `json:"unbounded,omitempty"`
}

func (a *AddressRow) cells(p Procedure, row *Row) []string {
	least := ""
	if a.Unbounded || row.TesterLimited != "" {
		least = "≥ "
	}
	if p == AddressCaching {
		return []string{rate(a.Rate), least + fmt.Sprint(a.Addresses), fmt.Sprint(len(row.Trials))}
	}
	return []string{fmt.Sprint(a.Addresses), least + rate(a.Rate), fmt.Sprint(len(row.Trials))}
}

func (o *Options) checkAddresses(p Procedure) error {
	switch {
	case len(o.Streams) != 1:
		return fmt.Errorf("%s: it takes one stream, from the port that tests to the one that teaches", p)
	case o.Monitor.Device == "":
		return fmt.Errorf("%s: it needs a third port of the switch, to see what is flooded", p)
	case o.Addresses < 0 || o.Addresses > trafficgen.MaxCards:
		return fmt.Errorf("%s: %d addresses are not within 1 to %d", p, o.Addresses, trafficgen.MaxCards)
	}
	return nil
}

// leastRate is the lowest rate of the streams.
func leastRate(streams []trafficgen.Stream) float64 {
	least := math.Inf(1)
	for _, s := range streams {
		least = min(least, s.Rate)
	}
	return least
}

// addressCaching searches how many addresses the switch remembers at a time
// (RFC 2889, section 5.7), teaching them at the stream's rate. The stream goes
// from the port that tests to the one that teaches.
func (b *bench) addressCaching(ctx context.Context) error {
	row := &AddressRow{Rate: b.row.MaxFPS}
	b.row.Addresses = row
	hi, most := b.o.Addresses+1, b.o.Addresses
	for n := most; hi-row.Addresses > 1 && len(b.row.Trials) < b.o.MaxTrials*b.o.Attempts; n = row.Addresses + (hi-row.Addresses)/2 {
		t, err := b.teach(ctx, n, b.row.MaxFPS)
		switch {
		case err != nil:
			return err
		case t.Invalid != "":
			b.row.TesterLimited = t.Invalid
			return nil
		case t.Passed:
			row.Addresses = n
		default:
			hi = n
		}
	}
	row.Unbounded = row.Addresses == most
	return nil
}

// addressLearning searches the highest rate at which the switch learns all of
// the addresses (RFC 2889, section 5.8), from the stream's rate down.
func (b *bench) addressLearning(ctx context.Context) error {
	row := &AddressRow{Addresses: b.o.Addresses}
	b.row.Addresses = row
	s := newSearch(b)
	for rate := b.row.MaxFPS; len(b.row.Trials) < b.o.MaxTrials && !s.known(); rate = (s.lo + s.hi) / 2 {
		t, err := b.teach(ctx, b.o.Addresses, rate)
		if err != nil {
			return err
		}
		s.judge(rate, t)
	}
	row.Rate, b.row.TesterLimited = s.best, s.disowned
	row.Unbounded = s.failed == 0 && s.disowned == ""
	return nil
}

// teach teaches n addresses at a rate and then tests each, until a trial counts
// or the attempts are used up. A trial passes if no test frame was lost or
// flooded.
func (b *bench) teach(ctx context.Context, n int, fps float64) (t Trial, err error) {
	for range b.o.Attempts {
		if *b.number > 0 {
			if err := pause(ctx, b.o.Rest); err != nil {
				return t, err
			}
		}
		*b.number++
		if t, err = b.taught(ctx, n, fps); err != nil {
			return t, err
		}
		b.keep(t)
		if t.Invalid == "" {
			break
		}
	}
	return t, nil
}

func (b *bench) taught(ctx context.Context, n int, fps float64) (Trial, error) {
	begin := time.Now()
	lessons, err := b.gen.Run(ctx, []trafficgen.Stream{b.lesson(n, fps)}, b.observer(fps))
	if err == nil && ctx.Err() == nil {
		var stats []trafficgen.Stats
		if stats, err = b.gen.Run(ctx, b.questions(n), b.observer(fps)); err == nil && ctx.Err() == nil {
			return b.graded(fps, begin, lessons, stats)
		}
	}
	return Trial{}, errors.Join(err, context.Cause(ctx))
}

// graded makes a trial of what was counted of the lesson and of the questions.
func (b *bench) graded(fps float64, begin time.Time, lessons, stats []trafficgen.Stats) (Trial, error) {
	if len(lessons) != 1 || len(stats) != 2 {
		return Trial{}, errNoStatistics
	}
	// What was lost of the lesson is the switch's affair: it shows below.
	lesson := lessons[0]
	doubts := lesson.Doubts()
	lesson.Lost = 0
	t := b.sum(fps, stats[:1])
	t.Received -= min(t.Received, stats[0].Misrouted) // flooded ones were not known
	t.Lost += stats[0].Misrouted
	t.OfferedFPS = lesson.OfferedFPS
	if why := disowned(&lesson, 0); why != "" {
		t.Invalid = why
	} else if len(doubts) > 0 {
		t.Invalid = "the lesson lost frames: " + strings.Join(doubts, "; ")
	}
	t.Passed = t.Invalid == "" && t.Sent > 0 && t.Lost == 0
	t.Started, t.Took = begin, time.Since(begin)
	return t, nil
}

// lesson is n frames from the port that teaches, each from another address.
func (b *bench) lesson(n int, fps float64) trafficgen.Stream {
	s := b.streams[0]
	s.From, s.To = s.To, s.From
	s.Name += " (learning)"
	s.Rate, s.Frames, s.Duration = fps, uint64(n), seconds(float64(n)/fps)
	s.Layers = ethernet(trafficgen.Values{From: taughtMAC, Count: n}, trafficgen.Only(testerMAC))
	return s
}

// questions are n frames, one to each address, and a frame from the monitor,
// without which nobody would listen there.
func (b *bench) questions(n int) []trafficgen.Stream {
	s := b.streams[0]
	s.Frames, s.Duration = uint64(n), seconds(float64(n)/s.Rate)
	s.Layers = ethernet(trafficgen.Only(testerMAC), trafficgen.Values{From: taughtMAC, Count: n})
	watch := s
	watch.Name, watch.From, watch.Frames, watch.Duration = s.Name+" (monitor)", b.o.Monitor, 1, seconds(1/s.Rate)
	watch.Layers = ethernet(trafficgen.Only(monitorMAC), trafficgen.Only(taughtMAC))
	return []trafficgen.Stream{s, watch}
}

func ethernet(src, dst trafficgen.Values) []trafficgen.Layer {
	return []trafficgen.Layer{{Kind: "eth", Fields: map[string]trafficgen.Values{"src": src, "dst": dst}}}
}
