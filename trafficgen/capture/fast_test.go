package capture

import (
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// At a rate at which a program in the driver would count, and take off, what
// arrives, a captured port's frames are all in the file, and counted as ever.
// Without a capture the program is there.
func TestFastStreamsAreHeard(t *testing.T) {
	a, b := porttest.New(t), porttest.New(t)
	porttest.Veth(t, a, "eth1", b, "eth1")
	from := trafficgen.PortID{Node: "a", Device: "eth1", NetNS: a.Path, Address: netip.MustParsePrefix("10.0.0.1/24")}
	to := trafficgen.PortID{Node: "b", Device: "eth1", NetNS: b.Path, Address: netip.MustParsePrefix("10.0.0.2/24")}
	run := func() trafficgen.Stats {
		all, err := engine.New(engine.Options{}).Run(t.Context(), []trafficgen.Stream{
			{Name: "s", From: from, To: to, Size: 64, Rate: 60_000, Duration: 300 * time.Millisecond}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return all[0]
	}
	open := run()
	if !strings.HasSuffix(open.Engine, "+xdp") {
		if os.Getenv("CI") == "true" {
			t.Fatalf("NOT TESTED: no program takes frames off here (%s)", open.Engine)
		}
		t.Skipf("SKIPPED, NOT TESTED: no program takes frames off here (%s)", open.Engine)
	}
	var st trafficgen.Stats
	_, sum := record(t, Options{Ports: []trafficgen.PortID{to}, Filter: "udp port 5001"}, func(c *Capture) {
		st = run()
		c.heard(t, int(st.Received))
	})
	if st.Received == 0 || st.Received != st.Sent || st.Engine != "live+bpf" {
		t.Errorf("%+v", st)
	}
	// The learning frames come on top.
	if sum.Dropped != 0 || sum.Frames < st.Received || sum.Frames > st.Received+50 {
		t.Errorf("%d frames received, recorded %+v", st.Received, sum)
	}
	if again := run(); again.Engine != open.Engine {
		t.Errorf("after the capture frames are sent and counted by %s, before it by %s", again.Engine, open.Engine)
	}
}
