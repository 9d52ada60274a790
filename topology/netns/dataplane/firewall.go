package dataplane

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"reflect"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// nft is nftables' program.
const nft = "nft"

// noFirewall is a data plane without packet filters.
var noFirewall = &junosemu.Firewall{}

// applyFirewall leads the kernel's packet filters to what is wanted, in one
// transaction: the kernel takes all of it or nothing. Counters that stay keep
// their values. An unchanged firewall costs nothing.
func (d *Dataplane) applyFirewall(ctx context.Context, want *junosemu.Firewall) error {
	if want == nil {
		want = noFirewall
	}
	if d.firewall != nil && reflect.DeepEqual(d.firewall, want) {
		return nil
	}
	if _, err := exec.LookPath(nft); err != nil {
		if len(want.Chains) == 0 {
			return nil // there cannot be a filter from before
		}
		return &topology.UnsupportedError{
			What: "a firewall filter", Why: "nftables is not installed: " + err.Error(), Hint: "apt-get install nftables",
		}
	}
	err := runNFT(ctx, firewallScript(d.firewall, want))
	if err != nil && (d.firewall != nil || len(want.Chains) > 0) {
		return err // else this kernel has no nftables, and nobody wants it
	}
	d.firewall = want
	if want.Logs {
		d.packets.Start()
	}
	return nil
}

// runNFT gives nftables a script.
func runNFT(ctx context.Context, script string) error {
	cmd := exec.CommandContext(ctx, nft, "-f", "-")
	cmd.Stdin = strings.NewReader(script)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("nftables refused the firewall filters: %w", firewallError(ctx, err, script, output.String()))
	}
	return nil
}

// firewallError says which line nftables refused, and why. Its own message names
// the line by number: "/dev/stdin:3:2-9: Error: …".
func firewallError(ctx context.Context, err error, script, output string) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	first, _, _ := strings.Cut(output, "\n")
	position, message, found := strings.Cut(first, ": Error: ")
	var number int
	if fields := strings.Split(position, ":"); !found || len(fields) < 2 {
		return fmt.Errorf("%w: %s", err, strings.TrimSpace(output))
	} else if _, scanErr := fmt.Sscan(fields[1], &number); scanErr != nil {
		return fmt.Errorf("%w: %s", err, first)
	}
	if lines := strings.Split(script, "\n"); number > 0 && number <= len(lines) {
		message = fmt.Sprintf("%q: %s", lines[number-1], message)
	}
	if strings.HasSuffix(message, unix.ENOENT.Error()) || strings.HasSuffix(message, unix.EOPNOTSUPP.Error()) {
		message += " (this kernel's nftables may lack what the line needs)"
	}
	return errors.New(message)
}

// firewallScript is the transaction that leads from one firewall to another.
// A firewall of which nothing is known, nil, is removed whole.
func firewallScript(from, to *junosemu.Firewall) string {
	const table = "table inet " + junosemu.FirewallTable
	var b strings.Builder
	b.WriteString("add " + table + "\n")
	if from == nil || len(to.Chains) == 0 {
		b.WriteString("delete " + table + "\n")
	} else {
		b.WriteString("flush " + table + "\n") // the rules
		removeStale(&b, from, to)
	}
	if len(to.Chains) > 0 {
		b.WriteString(table + " {\n")
		writeTable(&b, to)
		b.WriteString("}\n")
	}
	return b.String()
}

// removeStale removes what is not needed any more, and every policer: one cannot
// be given another rate.
func removeStale(b *strings.Builder, from, to *junosemu.Firewall) {
	remove := func(kind, name string) {
		fmt.Fprintf(b, "delete %s inet %s %s\n", kind, junosemu.FirewallTable, name)
	}
	for _, c := range from.Chains {
		stays := func(o junosemu.FirewallChain) bool {
			return o.Name == c.Name && o.Hook == c.Hook && o.Priority == c.Priority
		}
		if !slices.ContainsFunc(to.Chains, stays) {
			remove("chain", c.Name)
		}
	}
	for _, c := range from.Counters {
		if !slices.Contains(to.Counters, c) {
			remove("counter", c)
		}
	}
	for _, p := range from.Policers {
		remove("limit", p.Name)
	}
}

// writeTable writes the table's contents. What is there already and has no rules
// stays as it is.
func writeTable(b *strings.Builder, f *junosemu.Firewall) {
	for _, c := range f.Counters {
		fmt.Fprintf(b, "counter %s { }\n", c)
	}
	for _, p := range f.Policers {
		fmt.Fprintf(b, "limit %s { rate over %d bytes/second burst %d bytes }\n", p.Name, p.Rate, p.Burst)
	}
	for _, c := range f.Chains {
		fmt.Fprintf(b, "chain %s {\n", c.Name)
		if c.Hook != "" {
			fmt.Fprintf(b, "type filter hook %s priority %d; policy accept;\n", c.Hook, c.Priority)
		}
		for _, r := range c.Rules {
			b.WriteString(r + "\n")
		}
		b.WriteString("}\n")
	}
}
