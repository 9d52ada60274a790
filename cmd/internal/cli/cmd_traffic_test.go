package cli

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/gopacket/pcapgo"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
	"github.com/ccl-lab/ccl/trafficgen/procedure"
)

// ccl runs a command line in this process.
func ccl(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, complaints bytes.Buffer
	app := App{Stdout: &out, Stderr: &complaints}
	code = app.Run(args)
	return code, out.String(), complaints.String()
}

// measured runs a command until the generator, in want of a processor perhaps,
// has no fault of its own to report.
func measured(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	for range 20 {
		code, stdout, stderr = ccl(t, args...)
		if !strings.Contains(stdout+stderr, "the generator was at fault") {
			return code, stdout, stderr
		}
	}
	t.Fatalf("the generator is at fault again and again: %s", stderr)
	return
}

// pair is two namespaces with a veth pair between hosts, as words of the
// command line.
func pair(t *testing.T) (a, b string) {
	t.Setenv("CCL_STATE_DIR", t.TempDir())
	left, right := porttest.New(t), porttest.New(t)
	porttest.Veth(t, left, "a0", right, "b0")
	left.Run(t, "ip address add 192.0.2.1/24 dev a0")
	right.Run(t, "ip address add 192.0.2.2/24 dev b0")
	return left.Path + ":a0", right.Path + ":b0"
}

// routed is two hosts with a router between them.
func routed(t *testing.T) (a, b string, router *porttest.Namespace) {
	t.Setenv("CCL_STATE_DIR", t.TempDir())
	left, router, right := porttest.New(t), porttest.New(t), porttest.New(t)
	porttest.Veth(t, left, "a0", router, "r0")
	porttest.Veth(t, router, "r1", right, "b0")
	left.Run(t, `
		ip address add 192.0.2.1/25 dev a0
		ip route add default via 192.0.2.2`)
	router.Run(t, `
		ip address add 192.0.2.2/25 dev r0
		ip address add 192.0.2.129/25 dev r1
		sysctl -q net.ipv4.ip_forward=1`)
	right.Run(t, `
		ip address add 192.0.2.130/25 dev b0
		ip route add default via 192.0.2.129`)
	return left.Path + ":a0", right.Path + ":b0", router
}

func TestTrafficLoop(t *testing.T) {
	a, b := pair(t)
	code, out, complaint := measured(t, "traffic", "loop", a, b, "--json", "--rate", "2kfps", "-t", "500ms", "--size", "128", "--flows", "4", "--loss", "= 0")
	if code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	var stats []trafficgen.Stats
	if err := json.Unmarshal([]byte(out), &stats); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(stats) != 1 || stats[0].Sent != 1000 || stats[0].Received != 1000 || stats[0].FrameBytes != 128 {
		t.Errorf("%+v", stats)
	}
	// The same with emulated hosts, for people, and held to what cannot be.
	code, out, complaint = measured(t, "traffic", "loop", a, b, "-t", "200ms", "--latency", "< 1ns",
		"--address", "198.51.100.1/24", "--to-address", "198.51.100.2/24")
	if code != ExitCasesFailed || !strings.Contains(complaint, "fail: p99 latency of stream traffic: expected less than 1ns, saw ") {
		t.Errorf("exit %d: %s", code, complaint)
	}
	if !strings.Contains(out, "STREAM") || !strings.Contains(out, "traffic  200 ") {
		t.Errorf("printed\n%s", out)
	}
}

// TestTrafficAroundLoss records around a loss, and nothing where there is none.
func TestTrafficAroundLoss(t *testing.T) {
	a, b, router := routed(t)
	file := filepath.Join(t.TempDir(), "loss.pcapng")
	loop := []string{"traffic", "loop", a, b, "-t", "1s", "--loss", "= 0", "--capture", file, "--around-loss", "--filter", "udp"}
	if code, _, complaint := measured(t, loop...); code != ExitOK || !strings.Contains(complaint, "nothing was lost") {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	if _, err := os.Stat(file); !os.IsNotExist(err) {
		t.Error("a file of no loss is there")
	}
	// The router loses sequences 300 to 349, which stand behind the UDP header
	// of 8 bytes and 6 of the signature, but not those of learning frames.
	porttest.Need(t, "nft")
	router.Run(t, `
		nft add table ip t
		nft add chain ip t c { type filter hook forward priority 0 ; }
		nft add rule ip t c udp dport 5001 @th,96,1 0 @th,112,32 300-349 drop`)
	code, out, complaint := measured(t, loop...)
	if code != ExitCasesFailed || !strings.Contains(out, "traffic: outage of 50ms") || !strings.Contains(out, "sequences 300 to 349") {
		t.Fatalf("exit %d: %s%s", code, out, complaint)
	}
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	r, err := pcapgo.NewNgReader(f, pcapgo.DefaultNgReaderOptions)
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for {
		if _, _, err := r.ReadPacketData(); err != nil {
			break
		}
		n++
	}
	if n < 300 || n > 1100 {
		t.Errorf("%d frames recorded around the loss", n)
	}
}

// TestTrafficOneWay sends with one command, again and again, until another has
// counted enough.
func TestTrafficOneWay(t *testing.T) {
	a, b := pair(t)
	type result struct {
		code           int
		out, complaint string
	}
	heard := make(chan result, 1)
	go func() {
		code, out, complaint := ccl(t, "traffic", "receive", b, "--frames", "500", "--json")
		heard <- result{code, out, complaint}
	}()
	var got result
	for got.out == "" {
		select {
		case got = <-heard:
		default:
			code, out, complaint := ccl(t, "traffic", "send", a, "--dst", "192.0.2.2", "-t", "200ms")
			if code != ExitOK || !strings.Contains(out, "elsewhere") {
				t.Fatalf("exit %d: %s%s", code, out, complaint)
			}
		}
	}
	var stats []trafficgen.Stats
	if err := json.Unmarshal([]byte(got.out), &stats); err != nil || got.code != ExitOK {
		t.Fatalf("heard %s%s", got.out, got.complaint)
	}
	if n := arrived(stats); n < 500 {
		t.Errorf("heard %d frames", n)
	}
	for _, s := range stats {
		if s.Lost != 0 || s.Received == 0 || s.Received > 200 {
			t.Errorf("heard %+v", s)
		}
	}
}

// TestTrafficRFC2544 benchmarks a wire in shortened trials.
func TestTrafficRFC2544(t *testing.T) {
	a, b := pair(t)
	short := []string{"traffic", "rfc2544", a, b, "--rate", "2kfps", "--sizes", "128,256", "--trial", "100ms", "--repeats", "1"}
	code, out, complaint := ccl(t, append(short, "--json", "-b", "latency,throughput")...)
	if code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	var results []procedure.Result
	if err := json.Unmarshal([]byte(out), &results); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if len(results) != 2 || results[0].Procedure != procedure.Throughput || results[1].Procedure != procedure.Latency {
		t.Fatalf("%d results: %+v", len(results), results)
	}
	for _, r := range results {
		if len(r.Rows) != 2 || r.Rows[0].FrameBytes != 128 || len(r.Rows[0].Trials) == 0 || !r.Shortened() {
			t.Errorf("%s: %+v", r.Procedure, r)
		}
	}
	code, out, complaint = ccl(t, append(short, "-b", "frame-loss")...)
	for _, want := range []string{"frame-loss (RFC 2544, section 26.3)", "100 % load", "shortened trials: 100ms instead of 1m0s"} {
		if code != ExitOK || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, out, complaint)
		}
	}
}

// TestTrafficRFC2889 benchmarks the kernel's bridge, which learns as long as it
// may.
func TestTrafficRFC2889(t *testing.T) {
	t.Setenv("CCL_STATE_DIR", t.TempDir())
	bridge := porttest.New(t)
	bridge.Run(t, `
		ip link add br0 type bridge
		ip link set br0 up`)
	var ports []string
	for _, device := range []string{"p1", "p2", "p3"} {
		host := porttest.New(t)
		porttest.Veth(t, host, "a0", bridge, device)
		bridge.Run(t, "ip link set "+device+" master br0")
		ports = append(ports, host.Path+":a0")
	}
	short := []string{"traffic", "rfc2889", ports[0], ports[1], "--rate", "1kfps", "--sizes", "64", "--rest", "1ms", "--trial", "200ms",
		"--monitor", ports[2], "--addresses", "50", "--address", "192.0.2.1/24", "--to-address", "192.0.2.2/24"}
	code, out, complaint := ccl(t, append(short, "--json", "-b", "address-learning,forwarding,address-caching")...)
	if code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	var results []procedure.Result
	if err := json.Unmarshal([]byte(out), &results); err != nil || len(results) != 3 {
		t.Fatalf("%v: %s", err, out)
	}
	forwarding, caching, learning := results[0], results[1], results[2]
	if !forwarding.Shortened() || forwarding.Rows[0].Forwarding == nil || !strings.Contains(out, `"shortened":true`) && !strings.Contains(out, `"shortened": true`) {
		t.Errorf("%s", out)
	}
	if got := caching.Rows[0].Addresses; caching.Procedure != procedure.AddressCaching || got.Addresses != 50 {
		t.Errorf("%+v: %s", got, caching.Rows[0].TesterLimited)
	}
	if got := learning.Rows[0].Addresses; learning.Procedure != procedure.AddressLearning || got.Addresses != 50 || got.Rate == 0 {
		t.Errorf("%+v: %s", got, learning.Rows[0].TesterLimited)
	}
	bridge.Run(t, `
		bridge link set dev p2 learning off
		ip link set br0 type bridge fdb_flush`)
	code, out, complaint = ccl(t, append(short, "-b", "address-caching")...)
	if code != ExitOK || !regexp.MustCompile(`(?m)^64 +1.000 +0 `).MatchString(out) || !strings.Contains(out, "its aging time must be shorter") {
		t.Errorf("exit %d: %s%s", code, out, complaint)
	}
}

// TestTrafficMetrics reads the counters of a stream while it runs, again and
// again: they move.
func TestTrafficMetrics(t *testing.T) {
	a, b := pair(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := l.Addr().String()
	l.Close()
	ended := make(chan int, 1)
	go func() {
		code, _, _ := ccl(t, "traffic", "loop", a, b, "-t", "20s", "--metrics-address", address)
		ended <- code
	}()
	received := regexp.MustCompile(`(?m)^ccl_traffic_frames_received_total{.*stream="traffic".*} ([1-9].*)`)
	seen := map[string]time.Time{}
	for len(seen) < 20 {
		select {
		case code := <-ended:
			t.Fatalf("the stream ended with %d when its counters had moved %d times", code, len(seen))
		default:
		}
		if page, err := get("http://" + address + "/metrics"); err == nil {
			if m := received.FindStringSubmatch(page); m != nil && seen[m[1]].IsZero() {
				seen[m[1]] = time.Now()
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	times := slices.SortedFunc(maps.Values(seen), time.Time.Compare)
	t.Logf("20 times in %v", times[19].Sub(times[0]))
	// The process and its namespaces end with the test.
}

func get(url string) (string, error) {
	answer, err := http.Get(url)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	page, err := io.ReadAll(answer.Body)
	return string(page), err
}

func TestTrafficMistakes(t *testing.T) {
	t.Setenv("CCL_STATE_DIR", t.TempDir())
	for line, want := range map[string]string{
		"loop a":                                  "wants a port FROM and a port TO, got 1 argument",
		"loop a: b":                               `port "a:" names no interface`,
		"loop a b --rate 5":                       "the rate 5 has no unit (write 5fps or 5bps)",
		"loop a b --size 20":                      "20",
		"loop a b --stream sise:64":               "sise",
		"loop a b --loss 5ms":                     "--loss: ",
		"loop a b --address 1.2.3.4":              "is no address with a prefix length",
		"send a":                                  "where to is not said",
		"receive":                                 "wants a PORT or more",
		"receive a -t soon":                       `--duration "soon" is no duration`,
		"rfc2544 a b -b thruput":                  `there is no benchmark "thruput"`,
		"rfc2544 a b --speed fast":                `--speed "fast" is no speed of a medium`,
		"rfc2544 a b --loss-limit 3":              `--loss-limit "3" is no share`,
		"rfc2889 a b -b throughput":               "there are [forwarding address-caching address-learning]",
		"rfc2889 a b -b address-caching":          "must be seen at a third port",
		"sned a":                                  `no command "sned"`,
		"capture no-such-device0 -o /dev/null/x":  "not a directory",
		"loop nowhere:a0 b --duration 1s":         "/run/netns/nowhere",
		"capture nowhere:a0 -f icmq -o /tmp/none": "icmq",
	} {
		code, _, complaint := ccl(t, append([]string{"traffic"}, strings.Fields(line)...)...)
		if code == ExitOK || !strings.Contains(complaint, want) {
			t.Errorf("%s: exit %d, %s", line, code, complaint)
		}
	}
}
