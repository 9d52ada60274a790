package trafficgen

import (
	"slices"
	"testing"
	"time"
)

const ms = time.Millisecond

// lossy is a stream of 1000 frames a second with outages of so many frames, each
// after its first.
func lossy(outages ...[2]uint64) *Stats {
	s := &Stats{Sent: 3000, WantedFPS: 1000, OfferedFPS: 1000}
	for _, o := range outages {
		s.Lost += o[1]
		s.Outages = append(s.Outages, Outage{FirstSeq: o[0], LastSeq: o[0] + o[1] - 1, Frames: o[1], Duration: time.Duration(o[1]) * ms})
	}
	slices.SortStableFunc(s.Outages, func(a, b Outage) int { return int(b.Frames) - int(a.Frames) })
	return s
}

func (s *Stats) stalled(first, last uint64, late time.Duration) *Stats {
	s.Stalls = append(s.Stalls, Stall{FirstSeq: first, LastSeq: last, Late: late})
	return s
}

func (s *Stats) dropped(n uint64) *Stats {
	s.Drops = append(s.Drops, Drop{"the receive ring", n})
	return s
}

func TestDoubt(t *testing.T) {
	for _, tc := range []struct {
		name        string
		s           *Stats
		leastLost   uint64
		least, most time.Duration
		beside      time.Duration
		doubts      int
	}{
		{"nothing", lossy(), 0, 0, 0, 0, 0},
		{"no doubt", lossy([2]uint64{100, 50}), 50, 50 * ms, 50 * ms, 0, 0},
		{"no loss, yet a stall that hides what it hides", lossy().stalled(500, 900, 80*ms), 0, 0, 80 * ms, 80 * ms, 0},
		{"stall elsewhere", lossy([2]uint64{100, 50}).stalled(500, 700, 40*ms), 50, 50 * ms, 50 * ms, 0, 0},
		{"longer stall elsewhere", lossy([2]uint64{100, 50}).stalled(500, 900, 80*ms), 50, 50 * ms, 80 * ms, 0, 0},
		{"lost while it caught up, perhaps in a second stall", lossy([2]uint64{600, 5}).stalled(500, 900, 80*ms), 0, 0, 85 * ms, 80 * ms, 1},
		{"just after", lossy([2]uint64{901, 5}).stalled(500, 900, 80*ms), 5, 5 * ms, 80 * ms, 80 * ms, 0},
		{"later", lossy([2]uint64{902, 5}).stalled(500, 900, 80*ms), 5, 5 * ms, 80 * ms, 0, 0},
		{"it stood still when the outage ended", lossy([2]uint64{320, 180}).stalled(500, 1900, 280*ms), 180, 180 * ms, 460 * ms, 280 * ms, 0},
		{"it stood still within", lossy([2]uint64{100, 460}).stalled(200, 349, 30*ms), 460, 460 * ms, 460 * ms, 30 * ms, 0},
		{"it stood still at the beginning", lossy([2]uint64{200, 400}).stalled(150, 349, 40*ms), 250, 250 * ms, 400 * ms, 40 * ms, 1},
		{"it stood still near the end", lossy([2]uint64{200, 400}).stalled(550, 749, 40*ms), 350, 350 * ms, 440 * ms, 40 * ms, 1},
		{"at both ends", lossy([2]uint64{200, 400}).stalled(550, 749, 40*ms).stalled(100, 249, 30*ms), 300, 300 * ms, 440 * ms, 70 * ms, 1},
		{"one after the other", lossy([2]uint64{200, 400}).stalled(100, 249, 30*ms).stalled(250, 399, 30*ms), 200, 200 * ms, 400 * ms, 60 * ms, 1},
		{"several outages", lossy([2]uint64{510, 30}, [2]uint64{600, 30}, [2]uint64{2000, 7}).stalled(500, 700, 40*ms), 7, 7 * ms, 70 * ms, 40 * ms, 1},
		{"drops", lossy([2]uint64{100, 50}).dropped(4), 46, 10 * ms, 50 * ms, 0, 1},
		{"drops are all", lossy([2]uint64{100, 3}).dropped(4), 0, 0, 3 * ms, 0, 1},
		{"drops and a stall", lossy([2]uint64{100, 50}).stalled(90, 120, 21*ms).dropped(1), 28, 14 * ms, 50 * ms, 21 * ms, 2},
		{"drops without a loss", lossy().dropped(1), 0, 0, 0, 0, 0},
	} {
		least, most := tc.s.OutageRange()
		if got := tc.s.LeastLost(); got != tc.leastLost || least != tc.least || most != tc.most || tc.s.StoodBeside() != tc.beside {
			t.Errorf("%s: %d lost for certain, an outage of %v to %v, %v beside it; want %d, %v to %v, %v", tc.name,
				got, least, most, tc.s.StoodBeside(), tc.leastLost, tc.least, tc.most, tc.beside)
		}
		if why := tc.s.Doubts(); len(why) != tc.doubts {
			t.Errorf("%s: %q", tc.name, why)
		}
	}
}

// Of frames in bursts, and of outages that are not kept, less is known.
func TestDoubtOfWhatIsNotKnown(t *testing.T) {
	bursts := lossy([2]uint64{100, 50}).stalled(90, 120, 10*ms)
	bursts.Outages[0].Duration = time.Second
	if least, most := bursts.OutageRange(); least != 0 || most != time.Second {
		t.Errorf("bursts: %v to %v", least, most)
	}
	many := lossy([2]uint64{100, 50}).stalled(2000, 2019, 10*ms)
	many.Lost += 30
	if got := many.LeastLost(); got != 60 || len(many.Doubts()) != 1 {
		t.Errorf("%d lost for certain of %d, for %q", got, many.Lost, many.Doubts())
	}
}
