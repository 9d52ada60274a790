package node

import (
	"context"
	"fmt"
	"os/exec"
	"strings"

	"github.com/ccl-lab/ccl/topology"
)

// nft is nftables' program.
const nft = "nft"

// lossUnit is the part of all frames that loss is counted in.
const lossUnit = 1e6

// lossScript makes a device lose a share of the frames that arrive, before
// anything else of nftables sees them, and of those that leave if that is asked
// for. The table goes with the device. Adding it first lets a device be made
// lossless that never was lossy.
func lossScript(r Request) string {
	table := "netdev ccl-loss-" + r.Device
	script := fmt.Sprintf("add table %s\ndelete table %s\n", table, table)
	if r.Share <= 0 {
		return script
	}
	hooks, which := []string{"ingress"}, ""
	if r.Leaving {
		hooks = append(hooks, "egress")
	}
	if r.Share < 1 {
		which = fmt.Sprintf("numgen random mod %d < %d ", int(lossUnit), int(r.Share*lossUnit))
	}
	for _, hook := range hooks {
		script += fmt.Sprintf("add table %s\n"+
			"add chain %s %s { type filter hook %s device %q priority -500 ; }\n"+
			"add rule %s %s %sdrop\n",
			table, table, hook, hook, r.Device, table, hook, which)
	}
	return script
}

// setLoss makes a device lose frames, or no more if the share is 0. Without
// nftables there is no loss to end.
func (m *machine) setLoss(ctx context.Context, r Request) error {
	if _, err := exec.LookPath(nft); err != nil {
		if r.Share == 0 {
			return nil
		}
		return &topology.UnsupportedError{What: "losing frames of a link", Why: "nftables is not installed: " + err.Error(), Hint: "apt-get install nftables"}
	}
	return m.device.In(r.Device, func() error {
		cmd := exec.CommandContext(ctx, nft, "-f", "-")
		cmd.Stdin = strings.NewReader(lossScript(r))
		out, err := cmd.CombinedOutput()
		if err != nil && r.Share > 0 {
			return fmt.Errorf("lose frames at %s: %w: %s", r.Device, err, strings.TrimSpace(string(out)))
		}
		return nil // a kernel without nftables has lost none
	})
}
