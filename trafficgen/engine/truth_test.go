package engine_test

import (
	"context"
	"encoding/binary"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// tcpdump captures UDP on a device until the function it returns is called,
// which gives the captured frames. It is an independent witness, and one that
// says itself how many frames it has missed: those for which its buffer had no
// room, and those that were still in there when it was told to end.
func tcpdump(t *testing.T, ns *porttest.Namespace, device string) func() (frames [][]byte, missed int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "capture.pcap")
	// A short snapshot makes the slots of the buffer small: a hundred thousand.
	cmd := exec.Command("tcpdump", "-i", device, "-w", file, "--immediate-mode", "-B", "65536", "-s", "512", "udp")
	stderr, err := cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := ns.Do(cmd.Start); err != nil {
		t.Fatal(err)
	}
	// It says "listening on …" when it is.
	if _, err := io.ReadFull(stderr, make([]byte, 20)); err != nil {
		t.Fatal("tcpdump:", err)
	}
	return func() ([][]byte, int) {
		t.Helper()
		_ = cmd.Process.Signal(os.Interrupt)
		says, _ := io.ReadAll(stderr)
		var counts [3]int
		for i, word := range []string{"captured", "received by filter", "dropped by kernel"} {
			m := regexp.MustCompile(`(?m)^(\d+) packets? ` + word).FindSubmatch(says)
			if m == nil {
				t.Fatalf("tcpdump does not say how many frames it %s:\n%s", word, says)
			}
			counts[i], _ = strconv.Atoi(string(m[1]))
		}
		if err := cmd.Wait(); err != nil {
			t.Fatalf("tcpdump: %v\n%s", err, says)
		}
		captured, filtered, dropped := counts[0], counts[1], counts[2]
		return readCapture(t, file), max(dropped, filtered-captured)
	}
}

func readCapture(t *testing.T, file string) (frames [][]byte) {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	for {
		b, _, err := r.ReadPacketData()
		if err == io.EOF {
			return frames
		}
		if err != nil {
			t.Fatal(err)
		}
		frames = append(frames, b)
	}
}

// sequences decodes the signature by its documented layout, without the code
// under test, and returns the counted frames' sequences.
func sequences(t *testing.T, frames [][]byte) (seqs []uint32) {
	t.Helper()
	for _, b := range frames {
		p := gopacket.NewPacket(b, layers.LayerTypeEthernet, gopacket.NoCopy)
		udp, ok := p.Layer(layers.LayerTypeUDP).(*layers.UDP)
		if !ok || udp.DstPort != frame.DefaultDstPort || binary.BigEndian.Uint16(udp.Payload) != 0xCC1A {
			t.Fatalf("a foreign packet: %v", p)
		}
		if udp.Payload[4]&0x80 == 0 { // not a learning frame
			seqs = append(seqs, binary.BigEndian.Uint32(udp.Payload[6:]))
		}
	}
	return seqs
}

// tcpdump at the receiver, counted frame by frame, agrees with the generator:
// which frames arrived, which were lost and the longest outages. On a machine
// too busy for tcpdump, which then says so, there is no witness: it is tried
// again.
func TestTcpdumpAgrees(t *testing.T) { conform(t, tcpdumpAgrees) }

func tcpdumpAgrees(t *testing.T, o engine.Options) {
	porttest.Need(t, "nft", "tcpdump")
	l := newLab(t)
	from, to := l.emulated()
	l.router.Run(t, `
		nft add table ip t
		nft add chain ip t f { type filter hook forward priority 0 ; }
		nft add rule ip t f @th,96,1 0 numgen random mod 100 < 5 drop`)
	for try := 1; ; try++ {
		witness := tcpdump(t, l.b, "eth1")
		st := run(t, o, trafficgen.Stream{Name: "s", From: from, To: to, Size: 256, Rate: 2000, Duration: 2 * time.Second})[0]
		frames, missed := witness()
		if missed == 0 {
			agree(t, st, sequences(t, frames))
			return
		}
		if try == 5 {
			t.Fatalf("tcpdump missed frames in %d captures, %d of them in the last", try, missed)
		}
	}
}

// agree compares what was counted with the sequences that somebody else saw.
func agree(t *testing.T, st trafficgen.Stats, seqs []uint32) {
	t.Helper()
	if st.Lost < 100 || uint64(len(seqs)) != st.Received || st.Received+st.Lost != st.Sent {
		t.Errorf("sent %d, received %d, lost %d; tcpdump saw %d", st.Sent, st.Received, st.Lost, len(seqs))
	}
	missing := map[uint64]bool{}
	for seq := range st.Sent {
		missing[seq] = true
	}
	for _, s := range seqs {
		delete(missing, uint64(s))
	}
	for _, o := range st.Outages {
		for i := range o.Frames {
			if !missing[o.FirstSeq+i] {
				t.Errorf("frame %d is in an outage, but tcpdump saw it", o.FirstSeq+i)
			}
		}
		if o.FirstSeq > 0 && missing[o.FirstSeq-1] || o.FirstSeq+o.Frames < st.Sent && missing[o.FirstSeq+o.Frames] {
			t.Errorf("outage of %d at %d: tcpdump missed a frame beside it too", o.Frames, o.FirstSeq)
		}
	}
}

// Runs of several engines over the same ports do not count each other's
// frames, and a stream in the background can be watched and stopped.
func TestRunsOverlap(t *testing.T) {
	l := newLab(t)
	from, to := l.emulated()
	stream := func(rate float64) []trafficgen.Stream {
		return []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 64, Rate: rate}}
	}
	a, err := trafficgen.Start(t.Context(), engine.New(engine.Options{}), stream(1000))
	if err != nil {
		t.Fatal(err)
	}
	b, err := trafficgen.Start(t.Context(), engine.New(engine.Options{}), stream(300))
	if err != nil {
		t.Fatal(err)
	}
	deadline := time.After(time.Minute)
	for b.Stats()[0].Received < 100 {
		select {
		case <-time.After(20 * time.Millisecond):
		case <-deadline:
			t.Fatalf("%+v", b.Stats())
		}
	}
	for _, r := range []*trafficgen.Running{b, a} {
		select {
		case <-r.Done():
			t.Error("it ended by itself")
		default:
		}
		st, err := r.Stop()
		if err != nil {
			t.Fatal(err)
		}
		clean(t, st[0], st[0].Sent)
		if st[0].Sent < 100 {
			t.Errorf("%+v", st[0])
		}
	}
}

func TestStartSaysWhyNot(t *testing.T) {
	l := newLab(t)
	from, to := l.emulated()
	from.Device = "eth7"
	_, err := trafficgen.Start(context.Background(), engine.New(engine.Options{}), []trafficgen.Stream{{Name: "s", From: from, To: to, Size: 64, Rate: 1}})
	if err == nil {
		t.Error("a stream from a device that is not there was started")
	}
}
