package engine

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

const (
	// rateTolerance is the share of the wanted rate that must have been offered.
	rateTolerance = 0.99
	// stallMatters is a lateness beyond which a loss may be the transmitter's
	// own doing.
	stallMatters = 10 * time.Millisecond
	clockStep    = 5 * time.Millisecond
)

// hostState is what the generator's own host has to say about its health.
type hostState struct {
	backlog uint64        // frames that its backlog queues dropped, all devices
	clock   time.Duration // wall clock ahead of the monotonic one since the epoch
	ring    []uint64      // dropped by the receive ring, by station
	refused []uint64      // not taken by the sending device, by station
}

func (r *run) readHost() hostState {
	h := hostState{ring: make([]uint64, len(r.stations)), refused: make([]uint64, len(r.stations))}
	now := time.Now()
	h.clock = time.Duration(now.UnixNano()-r.epoch.UnixNano()) - now.Sub(r.epoch)
	for i, s := range r.stations {
		if s.port != nil {
			h.ring[i], _ = s.port.Dropped()
		}
		h.refused[i] = s.refused()
	}
	if f, err := os.Open("/proc/self/net/softnet_stat"); err == nil {
		defer f.Close()
		h.backlog = softnetDrops(f)
	}
	return h
}

// softnetDrops adds up the second column of softnet_stat: packets dropped
// because the backlog of a processor was full. All columns are hexadecimal.
func softnetDrops(r io.Reader) (drops uint64) {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		if fields := strings.Fields(lines.Text()); len(fields) > 1 {
			n, _ := strconv.ParseUint(fields[1], 16, 64)
			drops += n
		}
	}
	return drops
}

// faults lists what the instrument did wrong that spoils its results.
func (r *run) faults(f *flow, st *trafficgen.Stats, end hostState) []string {
	if st.Sent == 0 {
		return []string{"no frame was sent"}
	}
	var faults []string
	few := func(missing float64) bool {
		return missing > 2 && missing > (1-rateTolerance)*(float64(st.Sent)+missing)
	}
	switch {
	case few(float64(f.within(float64(st.Duration))) + 1 - float64(st.Sent)):
		faults = append(faults, fmt.Sprintf("offered %.0f of the wanted %.0f frames per second", st.OfferedFPS, st.WantedFPS))
	case f.expired && few(float64(f.frames-st.Sent)):
		faults = append(faults, fmt.Sprintf("sent %d of %d frames in the time that they should have taken", st.Sent, f.frames))
	}
	if step := end.clock - r.host.clock; step.Abs() > clockStep {
		faults = append(faults, fmt.Sprintf("the host's clock was stepped by %v: latencies are wrong", step))
	}
	return faults
}

// drops lists what this host dropped that may be among the stream's lost frames.
// The receive ring is the stream's own; it may have dropped frames that came
// twice, too.
func (r *run) drops(f *flow, st *trafficgen.Stats, end hostState) (drops []trafficgen.Drop) {
	if st.Sent == 0 { // it ended before there was anything to compare with
		return nil
	}
	add := func(by string, n uint64) {
		if n > 0 {
			drops = append(drops, trafficgen.Drop{By: by, Frames: n})
		}
	}
	for i, s := range r.stations {
		if s == f.to {
			add("the receive ring", end.ring[i]-r.host.ring[i])
		}
	}
	if st.Lost == 0 {
		return drops
	}
	for i, s := range r.stations {
		if s == f.from {
			add("the sending device", end.refused[i]-r.host.refused[i])
		}
	}
	if st.Engine != "memory" {
		add("the packet backlog", end.backlog-r.host.backlog)
	}
	return drops
}
