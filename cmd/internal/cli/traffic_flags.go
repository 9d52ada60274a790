package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/testplans"
	"github.com/ccl-lab/ccl/trafficgen"
)

// streamFlags are the flags that say what is sent. They are put together to a
// stream as a plan writes it, so that the plan's reader understands and refuses
// both alike.
type streamFlags struct {
	size, rate, duration, src, dst string
	sport, dport, flows, ttl       int
	dscp                           string
	ipv6                           bool
	more                           string

	address, gateway, toAddress, toGateway string
}

func (f *streamFlags) add(cmd *cobra.Command) {
	flags := cmd.Flags()
	flags.StringVar(&f.size, "size", "", "frame size in bytes with FCS (512)")
	flags.StringVar(&f.rate, "rate", "", "frames or bits per second: 1000fps, 10Mbps (1000fps)")
	flags.StringVarP(&f.duration, "duration", "t", "", "how long to send, 10s for example; until Ctrl-C if not given")
	flags.StringVar(&f.src, "src", "", "source address (the port's own)")
	flags.StringVar(&f.dst, "dst", "", "destination address (the receiving port's own)")
	flags.IntVar(&f.sport, "sport", 0, "UDP source port")
	flags.IntVar(&f.dport, "dport", 0, "UDP destination port")
	flags.IntVar(&f.flows, "flows", 0, "how many UDP source ports the frames take in turn")
	flags.IntVar(&f.ttl, "ttl", 0, "TTL or hop limit")
	flags.StringVar(&f.dscp, "dscp", "", "DiffServ code point: 0 to 63, ef, af41 …")
	flags.BoolVar(&f.ipv6, "ipv6", false, "use the ports' IPv6 addresses")
	flags.StringVar(&f.more, "stream", "", "anything else that a plan can say of a stream, in YAML: 'size: 64, dscp: ef'")
	flags.StringVar(&f.address, "address", "", "be a host of this address on the sending port: 192.0.2.1/24")
	flags.StringVar(&f.gateway, "gateway", "", "that host's gateway")
	config.MetricsFlag(flags)
}

// addReceiver adds the flags about the port that receives.
func (f *streamFlags) addReceiver(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.toAddress, "to-address", "", "be a host of this address on the receiving port")
	cmd.Flags().StringVar(&f.toGateway, "to-gateway", "", "that host's gateway")
}

// yaml is the stream as a plan's streams: would hold it. Its ports are words
// that mean nothing yet.
func (f *streamFlags) yaml() string {
	items := []string{"from: here", "to: there"}
	set := func(key, value string) {
		if value != "" && value != "0" && value != "false" {
			items = append(items, key+": "+value)
		}
	}
	set("size", f.size)
	set("rate", f.rate)
	set("duration", f.duration)
	set("src", quoted(f.src))
	set("dst", quoted(f.dst))
	set("ttl", fmt.Sprint(f.ttl))
	set("dscp", f.dscp)
	set("ipv6", fmt.Sprint(f.ipv6))
	var udp []string
	for key, n := range map[string]int{"sport": f.sport, "dport": f.dport, "flows": f.flows} {
		if n != 0 {
			udp = append(udp, fmt.Sprintf("%s: %d", key, n))
		}
	}
	if len(udp) > 0 {
		items = append(items, "udp: {"+strings.Join(udp, ", ")+"}")
	}
	if f.more != "" {
		items = append(items, f.more)
	}
	return "traffic: {" + strings.Join(items, ", ") + "}"
}

// quoted protects the colons of an IPv6 address.
func quoted(text string) string {
	if text == "" {
		return ""
	}
	return fmt.Sprintf("%q", text)
}

// streams are what the flags describe, between two ports; to is nobody's if it
// is the zero port.
func (f *streamFlags) streams(from, to trafficgen.PortID) ([]trafficgen.Stream, error) {
	streams, err := testplans.ReadStreams("flags", []byte(f.yaml()))
	if err != nil {
		return nil, withHint(usageError("%w", plainMistakes(err)), "the flags make the stream %s", f.yaml())
	}
	if err := emulate(&from, "address", f.address, f.gateway); err != nil {
		return nil, err
	}
	if err := emulate(&to, "to-address", f.toAddress, f.toGateway); err != nil {
		return nil, err
	}
	for i := range streams {
		s := &streams[i]
		forth := s.From.Node == "here" // a bidirectional stream is two
		s.From, s.To = from, to
		if !forth {
			s.From, s.To = to, from
		}
	}
	return streams, nil
}

// plainMistakes are the messages of mistakes, whose positions mean nothing to
// somebody who wrote flags.
func plainMistakes(err error) error {
	mistakes, ok := err.(testplans.Mistakes)
	if !ok {
		return err
	}
	var text []string
	for _, m := range mistakes {
		line := m.Message
		if m.Hint != "" {
			line += " (" + m.Hint + ")"
		}
		text = append(text, line)
	}
	return fmt.Errorf("%s", strings.Join(text, "; "))
}
