package engine_test

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// back2back is two emulated hosts at the ends of one link.
func back2back(t testing.TB) (from, to trafficgen.PortID) {
	a, b := porttest.New(t), porttest.New(t)
	porttest.Veth(t, a, "eth1", b, "eth1")
	return trafficgen.PortID{Node: "a", Device: "eth1", NetNS: a.Path,
			Address: netip.MustParsePrefix("10.0.0.1/24"), Address6: netip.MustParsePrefix("2001:db8::1/64")},
		trafficgen.PortID{Node: "b", Device: "eth1", NetNS: b.Path,
			Address: netip.MustParsePrefix("10.0.0.2/24"), Address6: netip.MustParsePrefix("2001:db8::2/64")}
}

func layer(kind string, pairs ...string) trafficgen.Layer {
	l := trafficgen.Layer{Kind: kind, Fields: map[string]trafficgen.Values{}}
	for i := 0; i < len(pairs); i += 2 {
		l.Fields[pairs[i]] = trafficgen.Only(pairs[i+1])
	}
	return l
}

// Frames of every kind cross a real link, in either direction and side by side,
// with ten thousand flows in one of the streams. The kernel counts those that
// its program knows; the others are counted here, and none is lost.
func TestLayersOnALink(t *testing.T) { conform(t, layersOnALink) }

func layersOnALink(t *testing.T, o engine.Options) {
	from, to := back2back(t)
	ports := layer("udp")
	ports.Fields["sport"] = trafficgen.Values{From: "1024", Count: 10_000}
	streams := []trafficgen.Stream{
		{Name: "flows", From: from, To: to, Size: 128, Layers: []trafficgen.Layer{layer("eth"), layer("ip"), ports}, Frames: 20_000, Rate: 20_000},
		{Name: "imix", From: from, To: to, Sizes: trafficgen.SimpleIMIX(), Rate: 1000},
		{Name: "vlan", From: from, To: to, Size: 1522, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("vlan", "id", "7"), layer("ip"), layer("udp")}},
		{Name: "qinq", From: to, To: from, Size: 256, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("qinq"), layer("vlan"), layer("ipv6"), layer("tcp", "flags", "syn")}},
		{Name: "mpls", From: from, To: to, Size: 256, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("mpls"), layer("mpls"), layer("ip"), layer("udp")}},
		{Name: "vxlan", From: to, To: from, Size: 256, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("ip"), layer("udp"), layer("vxlan"), layer("eth"), layer("ip"), layer("tcp")}},
		{Name: "gre", From: from, To: to, Size: 256, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("ip"), layer("gre", "key", "5"), layer("ip"), layer("icmp")}},
		{Name: "ping", From: to, To: from, Size: 84, Rate: 500, Layers: []trafficgen.Layer{layer("eth"), layer("ipv6"), layer("icmpv6")}},
		{Name: "arp", From: from, To: to, Size: 84, Rate: 500, Layers: []trafficgen.Layer{layer("eth", "dst", "ff:ff:ff:ff:ff:ff"), layer("arp")}},
		{Name: "raw", From: to, To: from, Size: 64, Rate: 500, Layers: []trafficgen.Layer{layer("eth", "type", "0x9000"), layer("raw", "bytes", "0001")}},
	}
	for i := range streams {
		streams[i].Duration = time.Second
	}
	all, err := engine.New(o).Run(t.Context(), streams, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, st := range all {
		want := uint64(streams[i].Rate)
		clean(t, st, want)
		read := !slices.Contains([]string{"arp", "raw"}, st.Stream)
		if counted := strings.HasSuffix(st.Engine, "bpf") || strings.HasSuffix(st.Engine, "xdp"); counted != (read && !o.Userspace) {
			t.Errorf("%s: counted by %s", st.Stream, st.Engine)
		}
		if st.FlowsLossy != 0 {
			t.Errorf("%s: %d of %d flows lost frames", st.Stream, st.FlowsLossy, st.FlowCount)
		}
	}
	flowsMeasured(t, &all[0], 10_000)
}

// flowsMeasured says that each of so many flows has a latency of its own.
func flowsMeasured(t *testing.T, st *trafficgen.Stats, count int) {
	t.Helper()
	if st.FlowCount != count || len(st.FlowsSlow) != trafficgen.MaxSlowFlows || st.FlowResolution != 1.0/32 {
		t.Errorf("%d flows, of the slow ones %d, known to %v of themselves", st.FlowCount, len(st.FlowsSlow), st.FlowResolution)
	}
	for i, f := range st.FlowsSlow {
		l := f.Latency
		if l.Min <= 0 || l.P50 < l.Min || l.P90 < l.P50 || l.P99 < l.P90 || l.P999 < l.P99 || l.Max < l.P999 || l.Max > st.Latency.Max {
			t.Errorf("flow %s: %+v, the stream's %+v", f.Name, l, st.Latency)
		}
		if i > 0 && l.P99 > st.FlowsSlow[i-1].Latency.P99 {
			t.Errorf("the slow flows are not in order: %+v", st.FlowsSlow)
		}
	}
}

// A load is a share of what the link says it is, and bursts come to the rate
// that they say.
func TestLoadAndBursts(t *testing.T) {
	from, to := back2back(t)
	all, err := engine.New(engine.Options{}).Run(t.Context(), []trafficgen.Stream{
		{Name: "load", From: from, To: to, Size: 1230, Load: 0.001, Duration: time.Second}, // of 10 Gb/s: 1000 frames of 1250 bytes on the wire
		{Name: "bursts", From: to, To: from, Size: 64, Rate: 10_000, Frames: 500, Burst: trafficgen.Burst{Frames: 50, Gap: 95_100 * time.Microsecond}},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	clean(t, all[0], 1000)
	clean(t, all[1], 500)
	if got := strconv.FormatFloat(all[1].WantedFPS, 'f', 3, 64); got != "500.000" {
		t.Errorf("bursts come to %s frames per second", got)
	}
}
