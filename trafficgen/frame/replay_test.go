package frame

import (
	"bytes"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
)

// captured writes frames to a file, as pcap or pcapng.
func captured(t testing.TB, ng bool, frames ...[]byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "frames.pcap")
	f, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var write func(gopacket.CaptureInfo, []byte) error
	if ng {
		w, err := pcapgo.NewNgWriter(f, layers.LinkTypeEthernet)
		if err != nil {
			t.Fatal(err)
		}
		defer w.Flush()
		write = w.WritePacket
	} else {
		w := pcapgo.NewWriter(f)
		if err := w.WriteFileHeader(65536, layers.LinkTypeEthernet); err != nil {
			t.Fatal(err)
		}
		write = w.WritePacket
	}
	for _, b := range frames {
		if err := write(gopacket.CaptureInfo{Timestamp: time.Unix(1, 0), Length: len(b), CaptureLength: len(b)}, b); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

// Frames of a capture keep what they are but for the signature; each is found
// where it arrives, and has the checksums that its receivers want.
func TestReplay(t *testing.T) {
	var frames [][]byte
	rng := rand.New(rand.NewPCG(8, 9))
	for _, text := range stacks {
		if strings.Contains(text, "udp") || strings.Contains(text, "tcp") || strings.Contains(text, "icmp") {
			b := bytes.Clone(card(t, layered(text, 300), ID{9, 9}).Bytes())
			if !strings.Contains(text, "vxlan") && !strings.Contains(text, "gre") { // an outer checksum would be out
				for i := len(b) - 40; i < len(b); i++ {
					b[i] = byte(rng.Uint32())
				}
			}
			frames = append(frames, b)
		}
	}
	signed := 0
	for i, b := range frames {
		if _, v := Parse(b); v != Foreign {
			signed++
		}
		frames[i] = b
	}
	arp, err := Solicit(macA, stream(false, 64).Src, stream(false, 64).Dst)
	if err != nil {
		t.Fatal(err)
	}
	short := card(t, stream(false, 200), ID{1, 1}).Bytes()[:60] // a datagram cut short
	for _, ng := range []bool{false, true} {
		s := trafficgen.Stream{Name: "s", Capture: captured(t, ng, append([][]byte{arp, short}, frames...)...)}
		d := deal(t, s, ID{Run: 5, Stream: 6})
		left := len(frames) + 2 - d.Len()
		if d.Omitted() != left || left > 4 || d.Flows() != 1 {
			t.Fatalf("%d of %d frames, %d omitted", d.Len(), len(frames)+2, d.Omitted())
		}
		for i := range d.Len() {
			for range 20 {
				seq, at := rng.Uint32(), int64(rng.Uint64())
				b := d.Card(i).Copy(make([]byte, 400), seq, at)
				sig, v := Parse(b)
				if v != Whole || sig.Seq != seq || sig.Sent != at || sig.ID != (ID{5, 6}) || len(b) != 296 {
					t.Fatalf("card %d of %d bytes: %v %+v\n%x", i, len(b), v, sig, b)
				}
				if !bytes.Equal(b[:6], macB) || !bytes.Equal(b[6:12], macA) {
					t.Fatalf("card %d goes from %x to %x", i, b[6:12], b[:6])
				}
				decodes(t, b)
			}
		}
	}
}

func TestReplayRefusals(t *testing.T) {
	arp, _ := Solicit(macA, stream(false, 64).Src, stream(false, 64).Dst)
	text := filepath.Join(t.TempDir(), "text")
	if err := os.WriteFile(text, []byte("no capture at all, but text"), 0o644); err != nil {
		t.Fatal(err)
	}
	for want, path := range map[string]string{
		"cannot read the frames to replay": "/nonexistent.pcap",
		"is no capture file":               text,
		"no frame with room":               captured(t, false, arp),
	} {
		_, err := New(trafficgen.Stream{Name: "s", Capture: path}, macA, macB, ID{1, 1})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v, want %q", err, want)
		}
	}
}

func FuzzReplay(f *testing.F) {
	for _, text := range stacks {
		f.Add(card(f, layered(text, 200), ID{1, 2}).Bytes())
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		c, ok := sign(b, macA, macB, ID{3, 4})
		if !ok {
			return
		}
		got, v := Parse(c.Copy(make([]byte, c.Len()), 7, 8))
		if v != Whole || got.ID != (ID{3, 4}) || got.Seq != 7 || got.Sent != 8 || c.Len() < len(b) {
			t.Fatalf("%v %+v of %x", v, got, b)
		}
	})
}
