package engine_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/internal/aim"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// A rival is a way to send 64-byte frames (FCS included) as fast as it goes
// over a veth pair.
type rival struct {
	name string
	// send does so until ctx ends and returns the processor time that it took
	// and, if it counted what arrived, the number of frames that were lost.
	send func(ctx context.Context, b *testing.B, w *wire) outcome
}

type outcome struct {
	cpu     time.Duration
	lost    string
	missing uint64 // frames, where they were counted
}

// wire is the veth pair, with addresses on both ends for those who need them.
type wire struct {
	a, b     *porttest.Namespace
	from, to trafficgen.PortID
	dir      string
}

var rivals = []rival{
	{live, ours(engine.Options{Sends: engine.Live}, 1, false)},
	{live1000, ours(engine.Options{Sends: engine.Live}, 1000, false)},
	{afXDP, ours(engine.Options{Sends: engine.AFXDP}, 1, false)},
	{"ccl, sendmmsg+bpf", ours(engine.Options{Sends: engine.SendMmsg}, 1, false)},
	{"ccl, sendmmsg+tpacket-v3", ours(engine.Options{Sends: engine.SendMmsg, Userspace: true}, 1, false)},
	{trafgenAlone, func(ctx context.Context, b *testing.B, w *wire) outcome {
		return outcome{cpu: command(ctx, b, w.a, nil, w.trafgen(b)...), lost: "not counted"}
	}},
	{"trafgen to netsniff-ng", func(ctx context.Context, b *testing.B, w *wire) outcome { return w.trafgenToNetsniff(ctx, b, w.a, w.b) }},
	{liveReplay, func(ctx context.Context, b *testing.B, w *wire) outcome {
		return send(ctx, b, engine.Options{Sends: engine.Live}, trafficgen.Stream{Name: "s", From: w.from, To: w.to, Capture: w.pcap(b), Rate: 2e7})
	}},
	{tcpreplay, func(ctx context.Context, b *testing.B, w *wire) outcome {
		return outcome{cpu: command(ctx, b, w.a, nil, "tcpreplay", "-q", "--topspeed", "--preload-pcap", "--loop=0", "-i", "eth1", w.pcap(b)), lost: "not counted"}
	}},
	{"iperf3 over UDP", iperf},
	{liveBoth, ours(engine.Options{Sends: engine.Live}, 1, true)},
	{bothTrafgen, func(ctx context.Context, b *testing.B, w *wire) outcome {
		back := make(chan outcome, 1)
		go func() { back <- w.trafgenToNetsniff(ctx, b, w.b, w.a) }()
		there := w.trafgenToNetsniff(ctx, b, w.a, w.b)
		o := <-back
		return outcome{cpu: there.cpu + o.cpu, lost: there.lost + ", " + o.lost}
	}},
}

// Those that have an aim, and what they are compared with.
const (
	live       = "ccl, live+xdp"
	live1000   = "ccl, live+xdp, 1000 streams"
	afXDP      = "ccl, af-xdp+bpf"
	liveReplay = "replay: ccl, live+xdp"
	liveBoth   = "both ways: ccl, live+xdp"

	trafgenAlone = "trafgen, nobody receiving"
	tcpreplay    = "replay: tcpreplay, nobody receiving"
	bothTrafgen  = "both ways: 2 trafgen, 2 netsniff-ng"
)

// BenchmarkRivals lets each take its turn, several times over, and reports the
// medians: frames per second by the receiving devices' own counters, and
// processor time a frame. All run at the same, highest, priority. Only what was
// measured here, one beside the other, can be compared: the machine's load is
// in every figure.
func BenchmarkRivals(b *testing.B) {
	porttest.Need(b, "trafgen", "netsniff-ng", "tcpreplay", "iperf3")
	w := newWire(b)
	const rounds = 5
	f := figures{rates: map[string][]float64{}, costs: map[string][]float64{}, lost: map[string]string{}, missing: map[string]uint64{}}
	for b.Loop() {
		for range rounds {
			for _, r := range rivals {
				rate, cost, o := w.measure(b, r)
				f.rates[r.name], f.costs[r.name] = append(f.rates[r.name], rate), append(f.costs[r.name], cost)
				f.lost[r.name] = o.lost
				f.missing[r.name] += o.missing
			}
		}
	}
	fmt.Print(f.table()) // a benchmark's log is cut
	f.aims()
	b.ReportMetric(f.rate(live, trafgenAlone), "×trafgen")
	b.ReportMetric(f.cost(afXDP, trafgenAlone), "×CPU-of-trafgen-by-af-xdp")
	b.ReportMetric(0, "ns/op")
}

// figures are what was measured of rivals, by name.
type figures struct {
	rates, costs map[string][]float64
	lost         map[string]string // in the last round
	missing      map[string]uint64 // in all
}

// rate and cost are the medians' ratios.
func (f *figures) rate(name, reference string) float64 {
	return aim.Median(f.rates[name]) / aim.Median(f.rates[reference])
}

func (f *figures) cost(name, reference string) float64 {
	return aim.Median(f.costs[name]) / aim.Median(f.costs[reference])
}

func (f *figures) table() string {
	var table strings.Builder
	fmt.Fprintf(&table, "\n%-36s %8s %8s %14s %8s  %s\n", "64-byte frames, medians", "Mpps", "ratio", "CPU ns/frame", "ratio", "lost")
	for _, r := range rivals {
		reference := trafgenAlone
		switch kind, _, _ := strings.Cut(r.name, ": "); kind {
		case "both ways":
			reference = bothTrafgen
		case "replay":
			reference = tcpreplay
		}
		fmt.Fprintf(&table, "%-36s %8.3f %8.2f %14.0f %8.2f  %s\n", r.name, aim.Median(f.rates[r.name])/1e6, f.rate(r.name, reference),
			aim.Median(f.costs[r.name]), f.cost(r.name, reference), f.lost[r.name])
	}
	return table.String()
}

func (f *figures) aims() {
	aim.AtLeast("live frames, all counted", f.rate(live, trafgenAlone), 3.5, "× trafgen with nobody receiving")
	aim.AtLeast("live frames of 1000 streams", f.rate(live1000, trafgenAlone), 3, "× trafgen with nobody receiving")
	aim.AtLeast("live frames both ways", f.rate(liveBoth, bothTrafgen), 6, "× two trafgen and two netsniff-ng")
	aim.AtLeast("a capture replayed", f.rate(liveReplay, tcpreplay), 3, "× tcpreplay with nobody receiving")
	aim.AtMost("AF_XDP, all counted", f.cost(afXDP, trafgenAlone), 0.95, "× trafgen's CPU time a frame")
	for _, name := range []string{live, live1000, liveBoth, liveReplay, afXDP} {
		aim.AtMost(name+": lost in all rounds", float64(f.missing[name]), 0, "frames")
	}
}

func newWire(b *testing.B) *wire {
	w := &wire{dir: b.TempDir()}
	w.a, w.b = porttest.New(b), porttest.New(b)
	porttest.Veth(b, w.a, "eth1", w.b, "eth1")
	w.from = trafficgen.PortID{Node: "a", Device: "eth1", NetNS: w.a.Path, Address: netip.MustParsePrefix("10.0.0.1/24")}
	w.to = trafficgen.PortID{Node: "b", Device: "eth1", NetNS: w.b.Path, Address: netip.MustParsePrefix("10.0.0.2/24")}
	w.a.Run(b, "ip addr add 10.9.0.1/24 dev eth1")
	w.b.Run(b, "ip addr add 10.9.0.2/24 dev eth1")
	return w
}

// received is what both devices counted.
func (w *wire) received(b *testing.B) (packets float64) {
	for _, ns := range []*porttest.Namespace{w.a, w.b} {
		var links []struct {
			Stats struct{ RX struct{ Packets float64 } } `json:"stats64"`
		}
		if err := json.Unmarshal([]byte(ns.Run(b, "ip -s -j link show dev eth1")), &links); err != nil {
			b.Fatal(err)
		}
		packets += links[0].Stats.RX.Packets
	}
	return packets
}

// measure runs a rival until a second's worth of its frames has been observed.
func (w *wire) measure(b *testing.B, r rival) (rate, cost float64, o outcome) {
	ctx, cancel := context.WithTimeout(b.Context(), 30*time.Second)
	defer cancel()
	done := make(chan struct{})
	begin := w.received(b)
	go func() {
		defer close(done)
		o = r.send(ctx, b, w)
	}()
	const flows = 1000 // more than anything before the measurement
	for w.received(b) < begin+flows {
		select {
		case <-done:
			b.Fatalf("%s ended without sending", r.name)
		case <-time.After(10 * time.Millisecond):
		}
	}
	n0, t0 := w.received(b), time.Now()
	<-time.After(time.Second)
	n1, t1 := w.received(b), time.Now()
	cancel()
	<-done
	return (n1 - n0) / t1.Sub(t0).Seconds(), float64(o.cpu) / (w.received(b) - begin), o
}

// ours offers more than can be sent, in one direction or in both.
func ours(o engine.Options, streams int, both bool) func(context.Context, *testing.B, *wire) outcome {
	return func(ctx context.Context, b *testing.B, w *wire) outcome {
		var all []trafficgen.Stream
		for i := range streams {
			all = append(all, trafficgen.Stream{Name: fmt.Sprint(i), From: w.from, To: w.to, Size: 64, Rate: 2e7 / float64(streams)})
		}
		if both {
			all = append(all, trafficgen.Stream{Name: "back", From: w.to, To: w.from, Size: 64, Rate: 2e7})
		}
		return send(ctx, b, o, all...)
	}
}

func send(ctx context.Context, b *testing.B, o engine.Options, streams ...trafficgen.Stream) outcome {
	used := cpu(b)
	stats, err := engine.New(o).Run(ctx, streams, nil)
	if err != nil {
		b.Error(err)
		return outcome{}
	}
	lost, sent := uint64(0), uint64(0)
	for _, st := range stats {
		lost, sent = lost+st.Lost, sent+st.Sent
	}
	return outcome{cpu: cpu(b) - used, lost: fmt.Sprintf("%d of %d", lost, sent), missing: lost}
}

// command runs a program until ctx ends and returns its processor time.
func command(ctx context.Context, b *testing.B, ns *porttest.Namespace, out *strings.Builder, args ...string) time.Duration {
	// With the priority that our transmitters take.
	cmd := exec.CommandContext(ctx, "nice", append([]string{"-n", "-20"}, args...)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // trafgen sends in a child
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGINT) }
	if out != nil {
		cmd.Stdout, cmd.Stderr = out, out
	}
	err := ns.Do(cmd.Run)
	if cmd.ProcessState == nil {
		b.Errorf("%s: %v", args[0], err)
		return 0
	}
	_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // whatever is left of it
	// Being stopped is how it is to end, with whatever status.
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func (w *wire) trafgen(b *testing.B) []string {
	file := filepath.Join(w.dir, "trafgen.cfg")
	const packet = `{ eth(da=02:00:00:00:00:02, sa=02:00:00:00:00:01),
		ipv4(saddr=10.0.0.1, daddr=10.0.0.2, ttl=64), udp(sp=49184, dp=5001), fill(0x42, 18) }`
	if err := os.WriteFile(file, []byte(packet), 0o600); err != nil {
		b.Error(err)
	}
	return []string{"trafgen", "--dev", "eth1", "--conf", file, "--cpus", "1"}
}

func (w *wire) trafgenToNetsniff(ctx context.Context, b *testing.B, from, to *porttest.Namespace) outcome {
	var out strings.Builder
	listening, stop := context.WithCancel(b.Context())
	received := make(chan time.Duration, 1)
	go func() {
		received <- command(listening, b, to, &out, "netsniff-ng", "--in", "eth1", "--silent", "-S", "64MiB", "-f", "udp")
	}()
	used := command(ctx, b, from, nil, w.trafgen(b)...)
	stop()
	used += <-received
	m := regexp.MustCompile(`(\d+)\s+packets failed filter`).FindStringSubmatch(out.String())
	if m == nil {
		b.Errorf("netsniff-ng: %s", out.String())
		return outcome{}
	}
	return outcome{cpu: used, lost: m[1] + " by the ring"}
}

// pcap is a capture of a thousand of the frames.
func (w *wire) pcap(b *testing.B) string {
	file := filepath.Join(w.dir, "frames.pcap")
	f, err := os.Create(file)
	if err != nil {
		b.Error(err)
		return file
	}
	defer f.Close()
	out := pcapgo.NewWriter(f)
	if err := out.WriteFileHeader(100, layers.LinkTypeEthernet); err != nil {
		b.Error(err)
	}
	frame := rivalFrame(b)
	for range 1000 {
		if err := out.WritePacket(captured(frame), frame); err != nil {
			b.Error(err)
		}
	}
	return file
}

func iperf(ctx context.Context, b *testing.B, w *wire) outcome {
	listening, stop := context.WithCancel(b.Context())
	served := make(chan time.Duration, 1)
	go func() { served <- command(listening, b, w.b, nil, "iperf3", "-s", "-1") }()
	var used time.Duration
	var out strings.Builder
	for used == 0 || strings.Contains(out.String(), "unable to connect") { // until the server listens
		out.Reset()
		used = command(ctx, b, w.a, &out, "iperf3", "-c", "10.9.0.2", "-u", "-b", "0", "-l", "18", "-t", "2", "-f", "k")
		if ctx.Err() != nil {
			break
		}
	}
	stop()
	used += <-served
	lost := "?"
	if all := regexp.MustCompile(`\((\d[\d.e+-]*)%\)`).FindAllStringSubmatch(out.String(), -1); all != nil {
		if v, err := strconv.ParseFloat(all[len(all)-1][1], 64); err == nil {
			lost = fmt.Sprintf("%.1f %%", v)
		}
	}
	return outcome{cpu: used, lost: lost}
}

// rivalFrame is what the others send: the same length as ours.
func rivalFrame(b *testing.B) []byte {
	deck, err := frame.New(trafficgen.Stream{Name: "s", Size: 64,
		Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2")},
		net.HardwareAddr{2, 0, 0, 0, 0, 1}, net.HardwareAddr{2, 0, 0, 0, 0, 2}, frame.ID{Run: 1, Stream: 1})
	if err != nil {
		b.Error(err)
		return nil
	}
	return deck.Card(0).Copy(make([]byte, 64), 0, 0)
}

func captured(b []byte) gopacket.CaptureInfo {
	return gopacket.CaptureInfo{Timestamp: time.Unix(0, 0), CaptureLength: len(b), Length: len(b)}
}
