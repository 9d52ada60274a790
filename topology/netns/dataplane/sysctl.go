package dataplane

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// settings make a Linux host behave as a router. "*" is every device, the ones
// to come included.
var settings = []struct{ name, value string }{
	{"ipv4/conf/*/forwarding", "1"},
	{"ipv6/conf/*/forwarding", "1"},
	// Addresses are used at once; two routers with the same are a test's matter.
	{"ipv6/conf/*/accept_dad", "0"},
	// As on a router, an interface that goes down keeps its addresses; Linux
	// keeps only those of IPv4 by itself.
	{"ipv6/conf/*/keep_addr_on_down", "1"},
	// Removing an interface's first address leaves the others of its subnet.
	{"ipv4/conf/*/promote_secondaries", "1"},
	// Traffic may come back another way than it went, in a ring more often than not.
	{"ipv4/conf/*/rp_filter", "0"},
	// An interface answers ARP for its own addresses, not for another's.
	{"ipv4/conf/*/arp_ignore", "1"},
	// … nor asks in the name of another's: a virtual router's is at another MAC.
	{"ipv4/conf/*/arp_announce", "2"},
	// Equal-cost paths are chosen by ports too, as Junos does.
	{"ipv4/fib_multipath_hash_policy", "1"},
	{"ipv6/fib_multipath_hash_policy", "1"},
	// Every probe of a traceroute is answered, not only the first few.
	{"ipv4/icmp_ratelimit", "0"},
	{"ipv6/icmp/ratelimit", "0"},
}

const sysctlRoot = "/proc/sys/net"

// Prepare makes the namespace a router's. Apply does it too; but a node that
// calls it before it is given links has their IPv6 link-local addresses, and so
// its OSPFv3 adjacencies, a second or two earlier, as they are not first looked
// for on the link. A setting that this kernel does not have is left out, but for
// forwarding, without which there is no router.
func Prepare() error {
	for _, s := range settings {
		paths, err := filepath.Glob(filepath.Join(sysctlRoot, s.name))
		if err != nil {
			return err
		}
		for _, path := range paths {
			if err := writeSetting(path, s.value); err != nil {
				return err
			}
		}
		if len(paths) == 0 && strings.HasSuffix(s.name, "/forwarding") {
			return fmt.Errorf("this kernel has no setting %s", s.name)
		}
	}
	return nil
}

// disableDAD is accept_dad for one new device.
func disableDAD(device string) error {
	return writeSetting(filepath.Join(sysctlRoot, "ipv6/conf", device, "accept_dad"), "0")
}

// writeSetting writes a value where it is not yet. A device that went while we
// worked has no settings.
func writeSetting(path, value string) error {
	now, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) || (err == nil && strings.TrimSpace(string(now)) == value) {
		return nil
	}
	if err == nil {
		err = os.WriteFile(path, []byte(value), 0)
	}
	if err != nil {
		return fmt.Errorf("kernel setting %s: %w", strings.TrimPrefix(path, "/proc/sys/"), err)
	}
	return nil
}
