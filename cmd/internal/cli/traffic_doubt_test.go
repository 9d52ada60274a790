package cli

import (
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
)

// Below the table stands how many of the lost frames may be the generator's own
// doing, and why.
func TestTrafficNotesOfDoubt(t *testing.T) {
	s := trafficgen.Stats{Stream: "s", Sent: 1000, Lost: 12,
		Outages: []trafficgen.Outage{{FirstSeq: 600, LastSeq: 609, Frames: 10, Duration: 10 * time.Millisecond}, {FirstSeq: 900, Frames: 2}},
		Stalls:  []trafficgen.Stall{{FirstSeq: 500, LastSeq: 700, Late: 40 * time.Millisecond}}}
	const want = "s: 10 of 12 lost frames may be the generator's own doing: the generator itself stood still for 40ms meanwhile\n"
	if got := trafficNotes([]trafficgen.Stats{s}); !strings.HasSuffix(got, want) {
		t.Errorf("%s\nwant at its end\n%s", got, want)
	}
}
