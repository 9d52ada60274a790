package capture

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// wire is two namespaces, a veth pair between them, and frames of one stream.
type wire struct {
	a, b trafficgen.PortID
	from port.Port
	deck *frame.Deck
	next uint32
}

func newWire(t *testing.T) *wire {
	left, right := porttest.New(t), porttest.New(t)
	porttest.Veth(t, left, "a0", right, "b0")
	w := &wire{a: trafficgen.PortID{Node: "h1", Device: "a0", NetNS: left.Path}, b: trafficgen.PortID{Node: "h2", Device: "b0", NetNS: right.Path}}
	var err error
	if w.from, err = port.Open(w.a, port.Settings{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { w.from.Close() })
	s := trafficgen.Stream{Name: "s", Src: netip.MustParseAddr("10.0.0.1"), Dst: netip.MustParseAddr("10.0.0.2"), Size: 128}
	mac := net.HardwareAddr{2, 0, 0, 0, 0, 9}
	if w.deck, err = frame.New(s, w.from.Link().MAC, mac, frame.ID{Run: 0xabcd, Stream: 7}); err != nil {
		t.Fatal(err)
	}
	return w
}

// send sends n frames of the stream.
func (w *wire) send(t *testing.T, n int) {
	t.Helper()
	for range n {
		buf := make([]byte, w.deck.Longest())
		if _, err := w.from.Send([][]byte{w.deck.For(uint64(w.next)).Copy(buf, w.next, time.Now().UnixNano())}); err != nil {
			t.Fatal(err)
		}
		w.next++
	}
}

// record captures what happens during do, which ends when the capture has
// heard the last frame on every port: that is sent as a marker until then.
func record(t *testing.T, o Options, do func(c *Capture)) (*bytes.Buffer, Summary) {
	t.Helper()
	var out bytes.Buffer
	c, err := Start(t.Context(), &out, o)
	if err != nil {
		t.Fatal(err)
	}
	do(c)
	s, err := c.Stop()
	if err != nil {
		t.Fatal(err)
	}
	return &out, s
}

// heard waits until the capture has n frames, in its file or its ring.
func (c *Capture) heard(t *testing.T, n int) {
	t.Helper()
	for end := time.Now().Add(time.Minute); ; time.Sleep(2 * time.Millisecond) {
		c.mu.Lock()
		have := int(c.file.frames)
		if c.ring != nil {
			for range c.ring.all() {
				have++
			}
		}
		c.mu.Unlock()
		if have >= n {
			return
		}
		if time.Now().After(end) {
			t.Fatalf("%d of %d frames heard", have, n)
		}
	}
}

// sequences reads a file: the signed frames of each port.
func sequences(t *testing.T, file io.Reader) map[string][]uint32 {
	t.Helper()
	r, err := pcapgo.NewNgReader(file, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	got := map[string][]uint32{}
	for {
		data, ci, err := r.ReadPacketData()
		if err == io.EOF {
			return got
		}
		if err != nil {
			t.Fatal(err)
		}
		intf, err := r.Interface(ci.InterfaceIndex)
		if err != nil {
			t.Fatal(err)
		}
		if sig, verdict := frame.Parse(data); verdict == frame.Whole {
			got[intf.Name] = append(got[intf.Name], sig.Seq)
			if age := ci.Timestamp.Sub(time.Unix(0, sig.Sent)); age < 0 || age > time.Minute {
				t.Errorf("frame %d captured %v after it was sent", sig.Seq, age)
			}
		}
	}
}

// TestEveryFrameOnce captures on two ports what arrives at one.
func TestEveryFrameOnce(t *testing.T) {
	w := newWire(t)
	out, s := record(t, Options{Ports: []trafficgen.PortID{w.a, w.b}, Filter: "udp"}, func(c *Capture) {
		w.send(t, 300)
		c.heard(t, 300)
	})
	got := sequences(t, out)["h2:b0"]
	if len(got) != 300 || got[0] != 0 || got[299] != 299 {
		t.Errorf("%d frames", len(got))
	}
	if s.Frames != 300 || s.Dropped != 0 || s.Bytes != 300*124 || s.Triggered != "" {
		t.Errorf("%+v", s)
	}
}

// TestBothDirections has a host ping another: each hears the requests and the
// answers.
func TestBothDirections(t *testing.T) {
	left, right := porttest.New(t), porttest.New(t)
	porttest.Veth(t, left, "a0", right, "b0")
	left.Run(t, "ip address add 10.0.0.1/24 dev a0")
	right.Run(t, "ip address add 10.0.0.2/24 dev b0")
	ports := []trafficgen.PortID{{Node: "h1", Device: "a0", NetNS: left.Path}, {Node: "h2", Device: "b0", NetNS: right.Path}}
	_, s := record(t, Options{Ports: ports, Filter: "icmp"}, func(c *Capture) {
		left.Run(t, "ping -q -c 5 -i 0.01 10.0.0.2")
		c.heard(t, 20)
	})
	if s.Frames != 20 {
		t.Errorf("%d frames, want 5 requests and 5 answers at both ends", s.Frames)
	}
}

func TestFilter(t *testing.T) {
	w := newWire(t)
	for filter, want := range map[string]int{"udp dst port 5001": 20, "udp and greater 125": 0, "icmp or arp": 0, "host 10.0.0.2": 20} {
		out, _ := record(t, Options{Ports: []trafficgen.PortID{w.b}, Filter: "(" + filter + ") or ether proto 0x88b5"}, func(c *Capture) {
			w.send(t, 20)
			marker := append(bytes.Repeat([]byte{0xff}, 12), 0x88, 0xb5, 1, 2)
			if _, err := w.from.Send([][]byte{append(marker, make([]byte, 44)...)}); err != nil {
				t.Fatal(err)
			}
			c.heard(t, want+1) // the marker is the last
		})
		if got := len(sequences(t, out)["h2:b0"]); got != want {
			t.Errorf("%s lets %d frames pass, want %d", filter, got, want)
		}
	}
	_, err := Start(t.Context(), io.Discard, Options{Ports: []trafficgen.PortID{w.b}, Filter: "icmq"})
	if err == nil || !strings.Contains(err.Error(), "icmq") || !strings.Contains(err.Error(), "syntax error") {
		t.Errorf("a wrong filter: %v", err)
	}
}

// TestAroundAMoment has frames before a moment, which the ring keeps, and
// after it, of which only those soon enough are recorded.
func TestAroundAMoment(t *testing.T) {
	w := newWire(t)
	out, s := record(t, Options{Ports: []trafficgen.PortID{w.b}, Filter: "udp", Ring: 1 << 20, After: time.Hour}, func(c *Capture) {
		w.send(t, 100)
		c.heard(t, 100)
		if c.file.frames != 0 {
			t.Errorf("%d frames written before the moment", c.file.frames)
		}
		c.Trigger("the first loss")
		c.Trigger("another")
		w.send(t, 50)
		c.heard(t, 150)
	})
	if got := len(sequences(t, out)["h2:b0"]); got != 150 || s.Frames != 150 || s.Triggered != "the first loss" {
		t.Errorf("%d frames, %+v", got, s)
	}
	out, _ = record(t, Options{Ports: []trafficgen.PortID{w.b}, Filter: "udp", Ring: 1 << 20}, func(c *Capture) {
		w.send(t, 100)
		c.heard(t, 100)
		c.Trigger("now, and nothing after it")
		w.send(t, 50)
	})
	if got := len(sequences(t, out)["h2:b0"]); got != 100 {
		t.Errorf("%d frames without an afterwards, want the 100 before it", got)
	}
}

// TestDissector has tshark read a capture with the script.
func TestDissector(t *testing.T) {
	porttest.Need(t, "tshark")
	w := newWire(t)
	out, _ := record(t, Options{Ports: []trafficgen.PortID{w.b}, Filter: "udp"}, func(c *Capture) {
		w.send(t, 3)
		c.heard(t, 3)
	})
	dir := t.TempDir()
	files := map[string][]byte{"ccl.lua": []byte(Dissector), "c.pcapng": out.Bytes()}
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("tshark", "-X", "lua_script:ccl.lua", "-r", "c.pcapng", "-Y", "ccl.seq >= 1", "-T", "fields",
		"-e", "ccl.run", "-e", "ccl.stream", "-e", "ccl.learning", "-e", "ccl.seq", "-e", "ccl.delay", "-e", "_ws.col.Protocol", "-e", "frame.interface_name")
	cmd.Dir = dir
	got, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, got)
	}
	var lines []string
	for line := range strings.Lines(string(got)) {
		f := strings.Fields(line)
		if len(f) != 7 || !strings.HasPrefix(f[0], "0x") {
			continue // a warning about root
		}
		var us float64
		if _, err := fmt.Sscan(f[4], &us); err != nil || us < -1 || us > 60e6 {
			t.Errorf("delay %s µs", f[4])
		}
		f[4] = "-"
		lines = append(lines, strings.Join(f, " "))
	}
	want := "0xabcd 7 0 1 - CCL h2:b0\n0xabcd 7 0 2 - CCL h2:b0"
	if strings.Join(lines, "\n") != want {
		t.Errorf("tshark says\n%s\nwant\n%s", got, want)
	}
}
