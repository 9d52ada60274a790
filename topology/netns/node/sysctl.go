package node

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
)

// A sysctl is a setting of the node's own network namespace. It is written
// before the links exist; those take it over from "default".
type sysctl struct {
	name, value string
	required    bool // else a kernel without it is taken as it is
}

// common is set in every node: addresses are usable at once, survive a cut of
// their link, and come from nowhere but the configuration.
var common = []sysctl{
	{"net/ipv6/conf/%s/accept_dad", "0", false},
	{"net/ipv6/conf/%s/dad_transmits", "0", false},
	{"net/ipv6/conf/%s/accept_ra", "0", false},
	{"net/ipv6/conf/%s/router_solicitations", "0", false},
	{"net/ipv6/conf/%s/keep_addr_on_down", "1", false},
	{"net/ipv4/conf/%s/rp_filter", "0", true},
	{"net/ipv4/conf/%s/accept_redirects", "0", false},
	{"net/ipv4/conf/%s/send_redirects", "0", false},
}

// routing is set in routers: packets are forwarded, a route whose link is down
// is no route, and equal paths are told apart by addresses and ports.
var routing = []sysctl{
	{"net/ipv4/ip_forward", "1", true},
	{"net/ipv6/conf/%s/forwarding", "1", false},
	{"net/ipv4/conf/%s/ignore_routes_with_linkdown", "1", false},
	{"net/ipv6/conf/%s/ignore_routes_with_linkdown", "1", false},
	{"net/ipv4/fib_multipath_hash_policy", "1", false},
	{"net/ipv6/fib_multipath_hash_policy", "1", false},
	{"net/ipv4/igmp_max_memberships", "1000", false},
}

// silent keeps the kernel of a generator's port from sending anything.
var silent = []sysctl{
	{"net/ipv6/conf/%s/disable_ipv6", "1", false},
}

// setSysctls writes the settings that the node's role asks for, then those of
// the topology file, which may differ.
func setSysctls(spec *Spec) error {
	settings := common
	switch {
	case spec.IsJunos():
		settings = append(settings[:len(settings):len(settings)], routing...)
	case spec.Generator:
		settings = append(settings[:len(settings):len(settings)], silent...)
	}
	for _, s := range settings {
		for _, name := range s.names() {
			if err := s.write(name); err != nil {
				return err
			}
		}
	}
	for name, value := range spec.Sysctls {
		s := sysctl{value: value, required: true}
		if err := s.write(sysctlPath(name)); err != nil {
			return err
		}
	}
	return nil
}

// sysctlPath turns a name like net.ipv4.ip_forward into its file. In names, dots
// and slashes are each other's stand-ins: net.ipv4.conf.eth1/100.rp_filter.
func sysctlPath(name string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '.':
			return '/'
		case '/':
			return '.'
		}
		return r
	}, name)
}

// names returns the setting's files under /proc/sys: for the links that exist
// and those to come, or the one it is.
func (s sysctl) names() []string {
	if !strings.Contains(s.name, "%s") {
		return []string{s.name}
	}
	return []string{fmt.Sprintf(s.name, "all"), fmt.Sprintf(s.name, "default")}
}

func (s sysctl) write(name string) error {
	err := os.WriteFile("/proc/sys/"+name, []byte(s.value), 0)
	if err != nil && (s.required || !errors.Is(err, fs.ErrNotExist)) {
		return fmt.Errorf("sysctl %s=%s: %w", name, s.value, err)
	}
	return nil
}
