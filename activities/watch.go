package activities

import (
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/trafficgen"
)

// ofCase returns a function for the counters of every stream of a case that
// runs, in the order of their names.
func (s *Streams) ofCase(ref LabRef, owner string) func() []trafficgen.Stats {
	return func() (all []trafficgen.Stats) {
		s.mu.Lock()
		var mine []*stream
		for key, st := range s.streams {
			if key.lab == ref && key.owner == owner && st.flows() {
				mine = append(mine, st)
			}
		}
		s.mu.Unlock()
		for _, st := range mine {
			all = append(all, st.run.Stats()...)
		}
		slices.SortFunc(all, func(a, b trafficgen.Stats) int { return strings.Compare(a.Stream, b.Stream) })
		return all
	}
}

// deaf is the name of a stream that a capture at a port would not hear: an XDP
// program takes its frames off there. It is "" if there is none.
func (s *Streams) deaf(ref LabRef, at trafficgen.PortID) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	for key, st := range s.streams {
		if key.lab != ref || st.to.Node != at.Node || st.to.Device != at.Device || !st.flows() {
			continue
		}
		for _, stats := range st.run.Stats() {
			if strings.HasSuffix(stats.Engine, xdpEngine) {
				return key.name
			}
		}
	}
	return ""
}

// xdpEngine ends the name of an engine that counts before anybody else hears.
const xdpEngine = "+xdp"

// flows reports whether the stream has been started and has not ended.
func (st *stream) flows() bool {
	select {
	case <-st.ready:
		return !st.ended()
	default:
		return false
	}
}
