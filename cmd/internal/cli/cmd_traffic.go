package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/ccl-lab/ccl/trafficgen/capture"
)

const trafficLong = `Send and measure traffic by hand, on any Linux interface or in a lab.

A PORT is
  eth1                  an interface of this host
  blue:eth1             one in the network namespace blue of ip-netns(8)
  /proc/4711/ns/net:eth1, 4711:eth1
                        one in a process's network namespace
  ring/h1               a node of a lab, or ring/h1:eth1 if it has several links

Every frame carries a signature (stream, sequence, send time), so that loss,
duplicates, reordering, latency and outages are counted, not guessed.`

func (a *App) trafficCommand() *cobra.Command {
	c := group("traffic", "Send and measure traffic by hand",
		a.trafficLoopCommand(), a.trafficSendCommand(), a.trafficReceiveCommand(), a.trafficRFC2544Command(),
		a.trafficRFC2889Command(),
		a.trafficRoutesCommand(), a.trafficCaptureCommand(), a.trafficDissectorCommand(), a.trafficProbeCommand())
	c.Long = trafficLong
	c.Example = `  ccl traffic loop ring/h1 ring/h2 --rate 10kfps --duration 10s
  ccl traffic send eth1 --dst 192.0.2.7 --size 1518 --rate 1Gbps
  ccl traffic receive eth1
  ccl traffic capture ring/h2 --filter icmp --out h2.pcapng`
	return c
}

func (a *App) trafficDissectorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "dissector",
		Short: "Print a Lua dissector of the signature, for Wireshark and tshark",
		Example: `  ccl traffic dissector > ~/.local/lib/wireshark/plugins/ccl.lua
  ccl traffic dissector > ccl.lua && tshark -X lua_script:ccl.lua -r h2.pcapng -T fields -e ccl.seq -e ccl.delay`,
		Args: exactly(),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprint(a.Stdout, capture.Dissector)
			return err
		},
	}
}
