package oper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
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
// kernel's table. A filter that several instances use counts in all of them.
func (r *Router) tallies(ctx context.Context) (map[string]tally, error) {
	counters := map[string]tally{}
	for _, instance := range r.filtering() {
		if err := instance.addTallies(ctx, counters); err != nil {
			return nil, err
		}
	}
	return counters, nil
}

// filtering are the instances that have packet filters.
func (r *Router) filtering() []*Router {
	return slices.DeleteFunc(r.all(), func(i *Router) bool { return i.Intent().Firewall == nil })
}

// addTallies adds what one instance's filters have counted.
func (r *Router) addTallies(ctx context.Context, counters map[string]tally) error {
	answer, err := r.Sensor.Exec(ctx, "nft", "-j", "list", "counters", "table", "inet", junosemu.FirewallTable)
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	var listed struct {
		Objects []struct {
			Counter *tally `json:"counter"`
		} `json:"nftables"`
	}
	if err := json.Unmarshal(answer, &listed); err != nil {
		return fmt.Errorf("nftables: %w in %q", err, answer)
	}
	for _, o := range listed.Objects {
		if o.Counter != nil {
			t := counters[o.Counter.Name]
			counters[o.Counter.Name] = tally{o.Counter.Name, t.Packets + o.Counter.Packets, t.Bytes + o.Counter.Bytes}
		}
	}
	return nil
}

// filters are the filters that a request is about, with only the counter that
// it names, if it names one.
func (r *Router) filters(rpc *xmltree.Element) ([]junosemu.FilterIntent, error) {
	var known []junosemu.FilterIntent
	for _, instance := range r.filtering() {
		for _, f := range instance.Intent().Firewall.Filters {
			if !slices.ContainsFunc(known, func(k junosemu.FilterIntent) bool { return k.Name == f.Name }) {
				known = append(known, f)
			}
		}
	}
	filter := rpc.Value("filter") + rpc.Value("filtername")
	counter := rpc.Value("counter") + rpc.Value("countername")
	pattern, err := regexp.Compile(rpc.Value("regex"))
	if err != nil {
		return nil, &Refusal{Message: "invalid regular expression", BadElement: rpc.Value("regex")}
	}
	var found []junosemu.FilterIntent
	for _, f := range known {
		if filter != "" && f.Name != filter || !pattern.MatchString(f.Name) {
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
	if _, err := r.filters(rpc); err != nil {
		return nil, err
	}
	for _, instance := range r.filtering() {
		if err := instance.only().resetCounters(ctx, rpc); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// resetCounters does it in one instance, which may lack the filter.
func (r *Router) resetCounters(ctx context.Context, rpc *xmltree.Element) error {
	filters, err := r.filters(rpc)
	var refused *Refusal
	if errors.As(err, &refused) {
		return nil
	}
	var commands []string
	for _, f := range filters {
		for _, c := range slices.Concat(f.Counters, f.Policers) {
			commands = append(commands, "reset counter inet "+junosemu.FirewallTable+" "+c.Object)
		}
	}
	if len(commands) == 0 {
		return nil
	}
	answer, err := r.Sensor.Exec(ctx, "nft", strings.Join(commands, "; "))
	if err == nil && strings.Contains(string(answer), "Error: ") {
		err = fmt.Errorf("%s", strings.TrimSpace(string(answer)))
	}
	if err != nil {
		return fmt.Errorf("nftables: %w", err)
	}
	return nil
}
