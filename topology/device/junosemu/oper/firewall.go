package oper

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A tally is what a packet filter's counter has counted.
type tally struct {
	Name    string `json:"name"`
	Packets uint64 `json:"packets"`
	Bytes   uint64 `json:"bytes"` // of IP packets
}

// tallies reads the counters of the packet filters, by their names in the
// kernel's table.
func (r *Router) tallies(ctx context.Context) (map[string]tally, error) {
	answer, err := r.Sensor.Exec(ctx, "nft", "-j", "list", "counters", "table", "inet", junosemu.FirewallTable)
	if err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	var listed struct {
		Objects []struct {
			Counter *tally `json:"counter"`
		} `json:"nftables"`
	}
	if err := json.Unmarshal(answer, &listed); err != nil {
		return nil, fmt.Errorf("nftables: %w in %q", err, answer)
	}
	counters := map[string]tally{}
	for _, o := range listed.Objects {
		if o.Counter != nil {
			counters[o.Counter.Name] = *o.Counter
		}
	}
	return counters, nil
}

// filters are the filters that a request is about, with only the counter that
// it names, if it names one.
func (r *Router) filters(rpc *xmltree.Element) ([]junosemu.FilterIntent, error) {
	firewall := r.Intent().Firewall
	if firewall == nil {
		firewall = &junosemu.Firewall{}
	}
	filter := rpc.Value("filter") + rpc.Value("filtername")
	counter := rpc.Value("counter") + rpc.Value("countername")
	var found []junosemu.FilterIntent
	for _, f := range firewall.Filters {
		if filter != "" && f.Name != filter {
			continue
		}
		if counter != "" {
			other := func(c junosemu.FilterCounter) bool { return c.Name != counter }
			f.Counters = slices.DeleteFunc(slices.Clone(f.Counters), other)
			f.Policers = slices.DeleteFunc(slices.Clone(f.Policers), other)
			if len(f.Counters)+len(f.Policers) == 0 {
				continue
			}
		}
		found = append(found, f)
	}
	switch {
	case len(found) > 0:
	case counter != "":
		return nil, &Refusal{Message: "counter not found", BadElement: counter}
	case filter != "":
		return nil, &Refusal{Message: "filter not found", BadElement: filter}
	}
	return found, nil
}

// firewallInformation answers get-firewall-information and its narrower
// sisters. Nothing is asked of the kernel where there is no filter.
func (r *Router) firewallInformation(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	filters, err := r.filters(rpc)
	if err != nil {
		return nil, err
	}
	reply := information("firewall-information", "junos-filter")
	if len(filters) == 0 {
		return reply, nil
	}
	counted, err := r.tallies(ctx)
	if err != nil {
		return nil, err
	}
	for _, f := range filters {
		e := xmltree.New("filter-information").Leaf("filter-name", f.Name)
		for _, c := range f.Counters {
			e.Add(tallyElement("counter", c.Name, counted[c.Object]))
		}
		for _, c := range f.Policers {
			e.Add(tallyElement("policer", c.Name, counted[c.Object]))
		}
		reply.Add(e)
	}
	return reply, nil
}

func tallyElement(kind, name string, t tally) *xmltree.Element {
	return xmltree.New(kind).
		Leaf(kind+"-name", name).
		Leaf("packet-count", decimal(t.Packets)).
		Leaf("byte-count", decimal(t.Bytes))
}

func firewallText(_, reply *xmltree.Element) string {
	var b strings.Builder
	for _, f := range reply.All("filter-information") {
		fmt.Fprintf(&b, "\nFilter: %-55s\n", f.Value("filter-name"))
		for _, kind := range []string{"counter", "policer"} {
			all := f.All(kind)
			if len(all) == 0 {
				continue
			}
			fmt.Fprintf(&b, "%ss:\nName                                                Bytes              Packets\n", strings.ToUpper(kind[:1])+kind[1:])
			for _, c := range all {
				fmt.Fprintf(&b, "%-37s %20s %20s\n", c.Value(kind+"-name"), c.Value("byte-count"), c.Value("packet-count"))
			}
		}
	}
	return b.String()
}

// clearFirewall performs clear-firewall-counters and clear-all-firewall-conters
// (sic): counters start again from zero.
func (r *Router) clearFirewall(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	filters, err := r.filters(rpc)
	if err != nil {
		return nil, err
	}
	var commands []string
	for _, f := range filters {
		for _, c := range slices.Concat(f.Counters, f.Policers) {
			commands = append(commands, "reset counter inet "+junosemu.FirewallTable+" "+c.Object)
		}
	}
	if len(commands) == 0 {
		return nil, nil
	}
	answer, err := r.Sensor.Exec(ctx, "nft", strings.Join(commands, "; "))
	if err == nil && strings.Contains(string(answer), "Error: ") {
		err = fmt.Errorf("%s", strings.TrimSpace(string(answer)))
	}
	if err != nil {
		return nil, fmt.Errorf("nftables: %w", err)
	}
	return nil, nil
}
