package cli

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/ccl-lab/ccl/activities"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// namedNamespaces is where ip-netns(8) keeps its network namespaces.
const namedNamespaces = "/run/netns"

// port finds the port that a word of the command line means.
func (a *App) port(ctx context.Context, word string) (trafficgen.PortID, error) {
	if lab, rest, ok := strings.Cut(word, "/"); ok && lab != "" {
		return a.labPort(ctx, lab, rest)
	}
	at := strings.LastIndex(word, ":")
	id := trafficgen.PortID{Device: word[at+1:]}
	if at >= 0 {
		id.Node, id.NetNS = word[:at], namespacePath(word[:at])
	}
	if id.Device == "" {
		return id, withHint(usageError("port %q names no interface", word), "write it as eth1, NAMESPACE:eth1 or LAB/NODE")
	}
	if at < 0 {
		if labs := a.labsWith(ctx, word); len(labs) > 0 {
			return id, withHint(usageError("this host has no interface %q", word), "did you mean %s/%s?", labs[0], word)
		}
	}
	return id, nil
}

// labsWith are the labs that have a node of a name which is no interface here.
func (a *App) labsWith(ctx context.Context, node string) (labs []string) {
	if _, err := net.InterfaceByName(node); err == nil {
		return nil
	}
	names, err := a.labNames(ctx)
	backend, berr := a.backend()
	if errors.Join(err, berr) != nil {
		return nil // it is only for a hint
	}
	for _, name := range names {
		if lab, err := backend.Inspect(ctx, name); err == nil && lab.Node(node) != nil {
			labs = append(labs, name)
		}
	}
	return labs
}

// namespacePath is the file of a network namespace: of a path itself, of a
// process by its number, otherwise of ip-netns(8).
func namespacePath(word string) string {
	if strings.HasPrefix(word, "/") {
		return word
	}
	if _, err := strconv.ParseUint(word, 10, 32); err == nil {
		return filepath.Join("/proc", word, "ns/net")
	}
	return filepath.Join(namedNamespaces, word)
}

// labPort is a port of a lab's node: its only linked one, or NODE:INTERFACE.
func (a *App) labPort(ctx context.Context, name, word string) (id trafficgen.PortID, err error) {
	if err := a.asRootOfItsOwn(); err != nil {
		return id, err
	}
	backend, err := a.backend()
	if err != nil {
		return id, err
	}
	lab, err := backend.Inspect(ctx, name)
	if err != nil {
		return id, err
	}
	node, ifname, _ := strings.Cut(word, ":")
	if lab.Node(node) == nil {
		return id, withHint(usageError("lab %s has no node %q", name, node), "ccl lab inspect %s lists its nodes", name)
	}
	id.Node = node
	if id.Device, err = linkedDevice(lab.Topology, node, ifname); err != nil {
		return id, err
	}
	return id, activities.ResolvePort(lab, &id)
}

// linkedDevice is the kernel device of a node's link, of its only one unless
// an interface is named.
func linkedDevice(t *topology.Topology, node, ifname string) (string, error) {
	ports := t.Ports(node)
	var names []string
	for _, e := range ports {
		names = append(names, e.String())
		if e.Interface == ifname || e.Device == ifname || ifname == "" && len(ports) == 1 {
			if e.Device != "" {
				return e.Device, nil
			}
			return e.Interface, nil
		}
	}
	switch {
	case len(ports) == 0:
		return "", fmt.Errorf("node %s of lab %s has no link", node, t.Name)
	case ifname == "":
		return "", withHint(usageError("node %s of lab %s has %d links", node, t.Name, len(ports)), "say %s/%s", t.Name, strings.Join(names, " or "+t.Name+"/"))
	}
	return "", withHint(usageError("node %s of lab %s has no linked interface %q", node, t.Name, ifname), "it has %s", strings.Join(names, ", "))
}

// host makes a port an emulated host with an address, which the generator
// itself answers for. An empty text leaves the port as it is.
func emulate(id *trafficgen.PortID, flag, address, gateway string) error {
	if address != "" {
		prefix, err := netip.ParsePrefix(address)
		if err != nil {
			return withHint(usageError("--%s %q is no address with a prefix length", flag, address), "write it as 192.0.2.1/24")
		}
		if prefix.Addr().Is4() {
			id.Address = prefix
		} else {
			id.Address6 = prefix
		}
	}
	if gateway == "" {
		return nil
	}
	addr, err := netip.ParseAddr(gateway)
	if err != nil {
		return usageError("the gateway %q is no address", gateway)
	}
	if addr.Is4() {
		id.Gateway = addr
	} else {
		id.Gateway6 = addr
	}
	return nil
}

// completePorts offers the linked nodes of this host's labs, up to so many
// ports; most 0 is no limit.
func (a *App) completePorts(most int) completion {
	return a.complete(func(ctx context.Context, args []string) (words []string, err error) {
		if most > 0 && len(args) >= most {
			return nil, nil
		}
		backend, err := a.backend()
		if err != nil {
			return nil, err
		}
		lister, ok := backend.(topology.Lister)
		if !ok {
			return nil, nil
		}
		labs, err := lister.List(ctx)
		for _, lab := range labs {
			words = append(words, portWords(lab)...)
		}
		return words, err
	})
}

// portWords are the ports of a lab's nodes.
func portWords(lab *topology.Lab) (words []string) {
	for _, n := range lab.Nodes {
		ports := lab.Topology.Ports(n.Name)
		if len(ports) == 1 {
			words = append(words, lab.Name+"/"+n.Name)
			continue
		}
		for _, e := range ports {
			words = append(words, lab.Name+"/"+e.String())
		}
	}
	return words
}
