package oper_test

import (
	"strings"
	"testing"
)

// TestUnitWithoutIPv6: the kernel gives every device a link-local address and a
// route to fe80::/64; a unit without family inet6 shows neither.
func TestUnitWithoutIPv6(t *testing.T) {
	for _, command := range []string{"show route table inet6.0", "show interfaces terse", "show interfaces", "show ipv6 neighbors"} {
		with, _ := newRouter()
		text, err := run(t, with, command)
		if err != nil || !strings.Contains(text, "fe80::") {
			t.Errorf("%s with family inet6: %v\n%s", command, err, text)
		}
		without, _ := newRouter()
		without.Families = func(string) map[string][]string { return map[string][]string{"inet": nil} }
		text, err = run(t, without, command)
		if err != nil || strings.Contains(text, "fe80::") {
			t.Errorf("%s without family inet6: %v\n%s", command, err, text)
		}
	}
}
