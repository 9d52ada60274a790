package testplans

import (
	"bytes"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/ccl-lab/ccl/topology/clabfile"
)

// Every plan that is shipped, and the one that uses everything, is the same
// after it was kept.
func TestCopyIsThePlan(t *testing.T) {
	shipped, err := filepath.Glob("plans/*.yaml")
	if err != nil || len(shipped) == 0 {
		t.Fatalf("shipped plans: %v, %v", shipped, err)
	}
	for file, lookup := range map[string]TopologyLoader{"testdata/ring.yaml": ringLookup} {
		copyAndCompare(t, file, lookup)
	}
	for _, file := range shipped {
		copyAndCompare(t, file, clabfile.Load)
	}
}

func copyAndCompare(t *testing.T, file string, lookup TopologyLoader) {
	t.Helper()
	c, err := CopyOf(file, lookup)
	if err != nil {
		t.Fatal(err)
	}
	kept := encoded(t, c)
	if !bytes.Equal(kept, encoded(t, c)) {
		t.Errorf("%s: two copies of one plan differ", file)
	}
	back, err := DecodeCopy(kept)
	if err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	if diff := cmp.Diff(c.Plan, back.Plan, cmpopts.EquateEmpty(), cmpopts.EquateComparable(netip.Addr{}, netip.Prefix{})); diff != "" {
		t.Errorf("%s (-read +kept):\n%s", file, diff)
	}
}

func encoded(t *testing.T, c *Copy) []byte {
	t.Helper()
	kept, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return kept
}

// writeFiles writes files below a folder, by their names.
func writeFiles(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, text := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// A kept plan has the files that it named, wherever they were and whatever has
// become of them.
func TestUnpack(t *testing.T) {
	const pcapng, other = "\x0a\x0d\x0d\x0a the first", "\x0a\x0d\x0d\x0a the second"
	dir := t.TempDir()
	plan := head + `streams:
  near: {from: h1, to: h2, pcap: captures/voice.pcap, rate: 50fps}
  far: {from: h1, to: h2, pcap: ../video.pcap, rate: 50fps}
  again: {from: h2, to: h1, pcap: ./captures/voice.pcap, rate: 50fps}
cases:
  - id: A-1
    title: A
    matrix: {n: [1, 2, 3]}
    steps:
      - configure: {node: r1, file: r1.set}
      - configure: {node: r2, file: ./r1.set}
      - traffic: {run: near, duration: 1s}
      - traffic: {run: far, duration: 1s}
`
	writeFiles(t, dir, map[string]string{
		"plans/plan.yaml": plan, "plans/r1.set": "set system host-name r1\n", "plans/captures/voice.pcap": pcapng, "video.pcap": other,
	})
	c, err := CopyOf(filepath.Join(dir, "plans/plan.yaml"), ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	kept := encoded(t, c)
	if !c.Unchanged() {
		t.Error("files that nobody has touched are changed")
	}
	writeFiles(t, dir, map[string]string{"plans/plan.yaml": "", "plans/captures/voice.pcap": "", "video.pcap": ""})
	if c, err = DecodeCopy(kept); err != nil {
		t.Fatal(err)
	}
	if c.Unchanged() {
		t.Error("files that were emptied are unchanged")
	}
	out := filepath.Join(dir, "out")
	unpacked, err := c.Unpack(out)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{"plan.yaml": plan, "r1.set": "set system host-name r1\n", "captures/voice.pcap": pcapng, "files/2-video.pcap": other}
	found := map[string]string{}
	err = filepath.WalkDir(out, func(path string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		name, _ := filepath.Rel(out, path)
		found[name] = string(text)
		return err
	})
	if diff := cmp.Diff(want, found); err != nil || diff != "" {
		t.Errorf("unpacked (-want +got), %v:\n%s", err, diff)
	}
	for stream, file := range map[string]string{
		"near": "captures/voice.pcap", "far": "files/2-video.pcap", "again": "captures/voice.pcap",
	} {
		if got := unpacked.Streams[stream].Capture; got != filepath.Join(out, file) {
			t.Errorf("stream %s replays %q, want %s", stream, got, file)
		}
	}
	if c.Plan.Streams["near"].Capture != filepath.Join(dir, "plans/captures/voice.pcap") {
		t.Error("the copy itself was changed")
	}
}

func TestCopyTooLarge(t *testing.T) {
	dir := t.TempDir()
	writeFiles(t, dir, map[string]string{
		"plan.yaml":  strings.Replace(oneStep("traffic: {run: s, duration: 1s}"), "to: h2", "to: h2, pcap: voice.pcap", 1),
		"voice.pcap": "\x0a\x0d\x0d\x0a" + strings.Repeat("x", MaxCopy),
	})
	c, err := CopyOf(filepath.Join(dir, "plan.yaml"), ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	want := "plan p and the files that it names are 32.0 MiB; at most 32.0 MiB can be kept of one plan, and voice.pcap alone is 32.0 MiB"
	if _, err := c.Encode(); err == nil || err.Error() != want {
		t.Errorf("%v, want %s", err, want)
	}
}

// What would not run as it was signed is no copy.
func TestDecodeCopyNotices(t *testing.T) {
	c, err := CopyOf("testdata/ring.yaml", ringLookup)
	if err != nil {
		t.Fatal(err)
	}
	text := string(encoded(t, c))
	for name, change := range map[string][2]string{
		"another step":      {`"state":"full"`, `"state":"2way"`},
		"a key that is new": {`"state":"full"`, `"state":"full","colour":"red"`},
		"another form":      {`"format":1`, `"format":2`},
		"no plan":           {text, `{"format":1,"files":[{"name":"a"}]}`},
		"not the end":       {text, text[:len(text)/2]},
	} {
		changed := strings.Replace(text, change[0], change[1], 1)
		if changed == text {
			t.Fatalf("%s: the copy has no %s", name, change[0])
		}
		if _, err := DecodeCopy([]byte(changed)); err == nil {
			t.Errorf("%s goes unnoticed", name)
		}
	}
}

// FuzzDecodeCopy: what is no copy is an error, and what is one stays below the
// folder that it is unpacked into.
func FuzzDecodeCopy(f *testing.F) {
	f.Add([]byte(`{"format":1,"plan":{"plan":"p","cases":[]},"files":[{"name":"../../p.yaml","path":"/p.yaml","content":"cA=="}],"hashes":[]}`))
	f.Add([]byte(`{"format":1,"plan":{"plan":"p"},"files":[{"name":"p"},{"name":"p"},{"name":"/etc/x"},{"name":""}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := DecodeCopy(data)
		if err != nil {
			return
		}
		for i := range c.Files {
			if place := c.place(i); !filepath.IsLocal(place) {
				t.Errorf("%q goes to %q", c.Files[i].Name, place)
			}
		}
	})
}
