package tally

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// counts are those of one flow.
type counts [spreadBuckets]uint64

// spreadOf counts delays as the definition of Spreads reads: by walking through
// the buckets.
func spreadOf(delays []uint64) (s counts) {
	for _, d := range delays {
		bucket, width, end := 0, uint64(16), uint64(16)
		for d >= end && bucket < len(s)-1 {
			if bucket++; bucket >= 32 && bucket%16 == 0 {
				width *= 2
			}
			end += width
		}
		s[bucket]++
	}
	return s
}

// of are the counts of a flow.
func (s Spreads) of(flow int) (c counts) {
	for b := range c {
		c[b] = s.count(flow, b)
	}
	return c
}

// Delays fall into the buckets of the definition, at the ends of each of them
// above all, and what is read from a bucket is as near as SpreadError says.
func TestSpreadBuckets(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	var delays []uint64
	for b := range 40 {
		delays = append(delays, 1<<b-1, 1<<b, 1<<b+1, 1<<b+rng.Uint64N(1<<b), 3<<b-1, 3<<b)
	}
	delays = append(delays, 0, uint64(SpreadMax)-1, uint64(SpreadMax), uint64(MaxDelay), math.MaxInt64)
	for _, d := range delays {
		s := NewSpreads(3)
		s.Record(1, d)
		if s.of(1) != spreadOf([]uint64{d}) || s.of(0) != s.of(2) || s.of(0) != (counts{}) {
			t.Errorf("%d ns is in bucket %d", d, spreadBucket(d))
		}
		off := math.Abs(float64(spreadMiddle(spreadBucket(d))) - float64(d))
		if d < uint64(SpreadMax) && off > max(8, float64(d)*SpreadError) {
			t.Errorf("%d ns is read as %d", d, spreadMiddle(spreadBucket(d)))
		}
	}
}

// Quantiles are those of the delays themselves, as near as SpreadError says.
func TestSpreadQuantiles(t *testing.T) {
	shares := []float64{0.5, 0.9, 0.99, 0.999}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 1))
		s := NewSpreads(2)
		var c Counters
		c.Reset()
		delays := make([]uint64, 1+rng.IntN(5000))
		for i := range delays {
			delays[i] = uint64(math.Exp(rng.Float64() * math.Log(5e9)))
			s.Record(1, delays[i])
			s.Record(0, 1)
			c.Arrive(uint64(i), delays[i])
		}
		slices.Sort(delays)
		for i, got := range s.Quantiles(1, &c, shares...) {
			rank := max(1, int(shares[i]*float64(len(delays))+0.5))
			want := float64(delays[rank-1])
			if math.Abs(float64(got)-want) > max(8, want*SpreadError) {
				t.Errorf("seed %d: the %v quantile of %d delays is %v, want %v", seed, shares[i], len(delays), got, time.Duration(want))
			}
		}
	}
}

// The quantile of each flow is the one that is asked for by itself.
func TestSpreadQuantileOfEach(t *testing.T) {
	const flows = 50
	rng := rand.New(rand.NewPCG(2, 2))
	s, counters := NewSpreads(flows), make([]Counters, flows)
	for i := range counters {
		counters[i].Reset()
		for n := range i * i { // of the first none
			delay := uint64(math.Exp(rng.Float64() * math.Log(2e10)))
			s.Record(i, delay)
			counters[i].Arrive(uint64(n), delay)
		}
	}
	for _, share := range []float64{0.01, 0.5, 0.99, 1} {
		for i, got := range s.QuantileOfEach(share, counters) {
			if want := s.Quantiles(i, &counters[i], share)[0]; got != want {
				t.Errorf("flow %d: the %v quantile is %v, asked for alone %v", i, share, got, want)
			}
		}
	}
}

// Beyond what it tells apart a Spread says the highest delay, of none 0, and of
// one delay just that.
func TestSpreadEnds(t *testing.T) {
	for _, tc := range []struct {
		delays []uint64
		want   []time.Duration // p50 and p99
	}{
		{nil, []time.Duration{0, 0}},
		{[]uint64{1234567}, []time.Duration{1234567, 1234567}},
		{[]uint64{0, 0}, []time.Duration{0, 0}},
		{[]uint64{2e9, 2e9, uint64(20 * time.Second), uint64(30 * time.Second)}, []time.Duration{2e9, 30 * time.Second}},
	} {
		s := NewSpreads(2)
		var c Counters
		c.Reset()
		for i, d := range tc.delays {
			s.Record(1, d)
			c.Arrive(uint64(i), d)
		}
		if got := s.Quantiles(1, &c, 0.5, 0.99); !slices.Equal(got, tc.want) {
			t.Errorf("%v: %v, want %v", tc.delays, got, tc.want)
		}
	}
}

// A full bucket stays full, in the programs too.
func TestSpreadFills(t *testing.T) {
	const full = math.MaxUint32 - 1<<10
	s := NewSpreads(1)
	s.counts[spreadBucket(1000)] = full - 1
	for range 3 {
		s.Record(0, 1000)
	}
	if got := s.count(0, spreadBucket(1000)); got != full {
		t.Errorf("a bucket has %d", got)
	}
	kinds(t, spreadFills)
}

func spreadFills(t *testing.T, v variant) {
	const full, last = math.MaxUint32 - 1<<10, spreadBuckets - 1
	deck := mixed(t)
	table, e := begun(t, v, deck, 1<<40)
	for i := range e.Spreads.counts {
		e.Spreads.counts[i] = full - 1
	}
	for i := range uint64(3) {
		seq := i * uint64(deck.Flows()) // of the first flow
		counted(t, table, deck.For(seq).Copy(make([]byte, 2000), uint32(seq), time.Now().UnixNano()-int64(time.Hour)))
	}
	want := slices.Repeat([]uint32{full - 1}, len(e.Spreads.counts))
	want[last*e.Spreads.flows] = full
	if !slices.Equal(e.Spreads.counts, want) || e.Flows[0].Received != 3 {
		t.Errorf("an hour was counted elsewhere than in bucket %d, or went round; %d frames", last, e.Flows[0].Received)
	}
}
