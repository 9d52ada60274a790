package check

import (
	"net/netip"
	"strings"
)

// Comparisons of what the same thing may be called.

// sameAddress compares addresses, not their spelling.
func sameAddress(a, b string) bool {
	x, errX := netip.ParseAddr(a)
	y, errY := netip.ParseAddr(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Unmap() == y.Unmap()
}

// samePrefix compares prefixes, not their spelling.
func samePrefix(a, b string) bool {
	x, errX := netip.ParsePrefix(a)
	y, errY := netip.ParsePrefix(b)
	if errX != nil || errY != nil {
		return a == b
	}
	return x.Masked() == y.Masked()
}

// sameInterfaceAddress compares with the prefix length if one is wanted.
func sameInterfaceAddress(want, seen string) bool {
	if w, err := netip.ParsePrefix(want); err == nil {
		s, err := netip.ParsePrefix(seen)
		return err == nil && s == w
	}
	address, _, _ := strings.Cut(seen, "/")
	return sameAddress(want, address)
}

// sameInterface reports whether name is the wanted interface, or, if no unit
// is wanted, one of its units.
func sameInterface(want, name string) bool {
	if name == want {
		return true
	}
	physical, _, _ := strings.Cut(name, ".")
	return physical == want && !strings.Contains(want, ".")
}
