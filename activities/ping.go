package activities

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device"
)

// defaultPings is how many requests a ping step sends, unless it says.
const defaultPings = 5

// Ping sends echo requests from a router or a host and judges what came back.
func (d *Device) Ping(ctx context.Context, in StepInput) (*results.Step, error) {
	return step(ctx, in, func(ctx context.Context, r *recorder) error {
		p := *in.Step.Ping
		if p.Count <= 0 {
			p.Count = defaultPings
		}
		to, err := d.address(ctx, in.Lab, p.To)
		if err != nil {
			return err
		}
		output, command, err := d.probe(ctx, in.Lab, p.From, junosPing(p, to), linuxPing(p, to))
		if err != nil {
			return r.refusedProbe(p.From, command, err)
		}
		sent, received, err := parsePing(output)
		if err != nil {
			r.verdict(check.Error, "ping from %s to %s: %v", p.From, to, err)
		} else {
			r.judge(check.JudgePing(p.Loss, p.From, p.To, sent, received, pingErrors(output)...))
		}
		return r.keep(p.From+"-ping", p.From, command, "txt", output)
	})
}

func junosPing(p testplans.Ping, to netip.Addr) string {
	command := fmt.Sprintf("ping %s count %d", to, p.Count)
	if p.Size > 0 {
		command += fmt.Sprintf(" size %d", p.Size)
	}
	if p.Source != "" {
		command += " source " + p.Source
	}
	return command + " rapid"
}

func linuxPing(p testplans.Ping, to netip.Addr) []string {
	argv := []string{"ping", "-n", "-c", strconv.Itoa(p.Count), "-i", "0.2", "-W", "2"}
	if p.Size > 0 {
		argv = append(argv, "-s", strconv.Itoa(p.Size))
	}
	if p.Source != "" {
		argv = append(argv, "-I", p.Source)
	}
	return append(argv, to.String())
}

// probe runs a measuring program: the CLI command on a router, the program on
// a host. It also returns how the command line read.
func (d *Device) probe(ctx context.Context, ref LabRef, from, junos string, linux []string) (output, command string, err error) {
	_, node, err := d.Labs.Node(ref, from)
	if err != nil {
		return "", "", err
	}
	if topology.IsJunos(node.Kind) {
		output, err = d.run(ctx, ref, from, junos)
		return output, junos, err
	}
	output, err = d.runOnHost(ctx, ref, from, linux...)
	return output, fmt.Sprint(linux), err
}

// refusedProbe makes a router's refusal to measure a verdict: nothing is known
// about the path.
func (r *recorder) refusedProbe(node, command string, err error) error {
	var rejected *device.RejectedError
	if !errors.As(err, &rejected) {
		return err
	}
	r.verdict(check.Error, "%s", rejected.Error())
	return r.keep(node+"-refusal", node, command, "txt", refusalText(rejected))
}

// pingTotals is the summary line that BSD's ping (Junos) and Linux's share:
// "5 packets transmitted, 5 packets received, 0% packet loss".
var pingTotals = regexp.MustCompile(`(\d+) packets transmitted, (\d+) (?:packets )?received`)

// parsePing reads how many requests were sent and how many answered.
func parsePing(output string) (sent, received int, err error) {
	m := pingTotals.FindStringSubmatch(output)
	if m == nil {
		return 0, 0, fmt.Errorf("no summary in the output %q", check.Shorten(output, 200))
	}
	if sent, err = strconv.Atoi(m[1]); err != nil {
		return 0, 0, err
	}
	received, err = strconv.Atoi(m[2])
	return sent, received, err
}

// pingError is the answer of a router, or of the sender itself, in place of an
// echo reply, as Linux's ping and Junos's print it:
//
//	From 10.1.1.1 icmp_seq=1 Destination Net Unreachable
//	36 bytes from 10.1.1.1: Time to live exceeded
//	ping: sendto: No route to host
var pingError = regexp.MustCompile(`(?m)^(?:From ([0-9a-fA-F.:]+?):? icmp_seq=\d+ |\d+ bytes from ([0-9a-fA-F.:]+): (?:icmp_seq=\d+ )?|ping: )([A-Z]\w+[^=\r\n]*|(?:sendto|connect|sendmsg): [^\r\n]+)$`)

// pingErrors are the reasons that a ping prints for what it lost, each once: who
// says so, and what.
func pingErrors(output string) []string {
	var said []string
	for _, m := range pingError.FindAllStringSubmatch(output, -1) {
		text := strings.TrimSpace(m[3])
		if by := m[1] + m[2]; by != "" {
			text = by + " says " + text
		}
		if !slices.Contains(said, text) {
			said = append(said, text)
		}
	}
	return said
}
