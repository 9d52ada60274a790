package oper

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"net/netip"
	"regexp"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Limits of ping's arguments, as Junos has them.
const (
	pingDefaultCount = 5
	pingDefaultSize  = 56
	pingMaxCount     = 2000000000
	pingMaxSize      = 65468
)

// number reads a numeric argument within bounds.
func number(rpc *xmltree.Element, name string, byDefault, low, high int) (int, error) {
	text := rpc.Value(name)
	if text == "" {
		return byDefault, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, &Refusal{Message: fmt.Sprintf("Value must be a number from %d to %d", low, high), BadElement: name}
	}
	return n, nil
}

// target reads an address argument. The lab has no name service, so a name
// cannot be resolved; and nothing that looks like an option reaches a program.
func target(rpc *xmltree.Element, name string) (string, error) {
	text := rpc.Value(name)
	if text == "" {
		return "", &Refusal{Message: "missing argument", BadElement: name}
	}
	if _, err := netip.ParseAddr(text); err != nil {
		return "", &Refusal{Message: fmt.Sprintf("cannot resolve %s: Host name lookup failure", text)}
	}
	return text, nil
}

// ping performs the ping RPC with the kernel's ICMP.
func (r *Router) ping(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	host, err := target(rpc, "host")
	if err != nil {
		return nil, err
	}
	count, err := number(rpc, "count", pingDefaultCount, 1, pingMaxCount)
	if err != nil {
		return nil, err
	}
	size, err := number(rpc, "size", pingDefaultSize, 0, pingMaxSize)
	if err != nil {
		return nil, err
	}
	wait, err := number(rpc, "wait", 1, 1, 3600)
	if err != nil {
		return nil, err
	}
	argv := []string{"ping", "-n", "-c", strconv.Itoa(count), "-s", strconv.Itoa(size), "-W", strconv.Itoa(wait)}
	if rpc.Has("rapid") {
		argv = append(argv, "-i", "0.01")
	} else if interval := rpc.Value("interval"); interval != "" {
		if s, err := strconv.ParseFloat(interval, 64); err != nil || s < 0.1 || s > 3600 {
			return nil, &Refusal{Message: "invalid interval", BadElement: interval}
		}
		argv = append(argv, "-i", interval)
	}
	if rpc.Has("do-not-fragment") {
		argv = append(argv, "-M", "do")
	}
	if ttl := rpc.Value("ttl"); ttl != "" {
		n, err := number(rpc, "ttl", 0, 1, 255)
		if err != nil {
			return nil, err
		}
		argv = append(argv, "-t", strconv.Itoa(n))
	}
	if rpc.Value("source") != "" {
		source, err := target(rpc, "source")
		if err != nil {
			return nil, err
		}
		argv = append(argv, "-I", source)
	}
	output, err := r.Sensor.Exec(ctx, append(argv, host)...)
	if err != nil {
		return nil, err
	}
	return pingResults(host, size, count, string(output)), nil
}

// What iputils' ping prints.
var (
	pingReply   = regexp.MustCompile(`^(\d+) bytes from ([0-9a-fA-F.:]+?)(?:%\S+)?: icmp_seq=(\d+) (?:ttl|hlim)=(\d+) time=([\d.]+) ms(.*)`)
	pingRefused = regexp.MustCompile(`^From (\S+?):? icmp_seq=(\d+) (.+)`)
	pingSummary = regexp.MustCompile(`^(\d+) packets transmitted, (\d+) (?:packets )?received`)
)

// pingResults reads ping's output into Junos's element. Times are microseconds
// and sequence numbers start from 0, as in Junos.
func pingResults(host string, size, count int, output string) *xmltree.Element {
	reply := information("ping-results", "junos-probe-tests").
		Leaf("target-host", host).Leaf("target-ip", host).Leaf("packet-size", strconv.Itoa(size))
	sent, received, index := count, 0, 0
	var times []float64
	failure := ""
	for raw := range strings.Lines(output) {
		text := strings.TrimSpace(raw)
		if m := pingReply.FindStringSubmatch(text); m != nil {
			index++
			sequence, _ := strconv.Atoi(m[3])
			ms, _ := strconv.ParseFloat(m[5], 64)
			us := math.Round(ms * 1000)
			times = append(times, us)
			reply.Add(xmltree.New("probe-result").
				Leaf("probe-index", strconv.Itoa(index)).
				Add(xmltree.New("probe-success")).
				Leaf("sequence-number", strconv.Itoa(sequence-1)).
				Leaf("ip-address", m[2]).
				Leaf("time-to-live", m[4]).
				Leaf("response-size", m[1]).
				Leaf("rtt", strconv.Itoa(int(us))))
		} else if m := pingRefused.FindStringSubmatch(text); m != nil {
			index++
			reply.Add(xmltree.New("probe-result").
				Leaf("probe-index", strconv.Itoa(index)).
				Leaf("probe-failure", m[3]).
				Leaf("ip-address", m[1]))
		} else if m := pingSummary.FindStringSubmatch(text); m != nil {
			sent, _ = strconv.Atoi(m[1])
			received, _ = strconv.Atoi(m[2])
		} else if why, ok := strings.CutPrefix(text, "ping: "); ok {
			failure = why
		}
	}
	reply.Add(pingTotals(sent, received, times))
	if received > 0 {
		return reply.Add(xmltree.New("ping-success"))
	}
	return reply.Leaf("ping-failure", cmp.Or(failure, "no response"))
}

func pingTotals(sent, received int, times []float64) *xmltree.Element {
	loss := 0
	if sent > 0 {
		loss = int(math.Round(100 * float64(sent-received) / float64(sent)))
	}
	e := xmltree.New("probe-results-summary").
		Leaf("probes-sent", strconv.Itoa(sent)).
		Leaf("responses-received", strconv.Itoa(received)).
		Leaf("packet-loss", strconv.Itoa(loss))
	if len(times) == 0 {
		return e
	}
	low, high, sum, squares := times[0], times[0], 0.0, 0.0
	for _, t := range times {
		low, high = min(low, t), max(high, t)
		sum += t
		squares += t * t
	}
	mean := sum / float64(len(times))
	deviation := math.Sqrt(max(0, squares/float64(len(times))-mean*mean))
	for _, l := range []struct {
		name string
		us   float64
	}{{"rtt-minimum", low}, {"rtt-maximum", high}, {"rtt-average", mean}, {"rtt-stddev", deviation}} {
		e.Leaf(l.name, strconv.Itoa(int(math.Round(l.us))))
	}
	return e
}

// milliseconds turns a figure in microseconds into one in milliseconds.
func milliseconds(us string) string {
	n, _ := strconv.ParseFloat(us, 64)
	return fmt.Sprintf("%.3f", n/1000)
}
