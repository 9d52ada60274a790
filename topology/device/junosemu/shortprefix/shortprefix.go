// Package shortprefix knows how people write IPv4 prefixes on Junos: the octets
// at the end that are zero may be left away.
package shortprefix

import "strings"

// Whole writes a prefix out whose last octets are left away, as in 10/8, 172.16/12
// and 0/0. Every other text, right or wrong, it returns as it is.
func Whole(v string) string {
	address, length, ok := strings.Cut(v, "/")
	octets := strings.Count(address, ".") + 1
	if !ok || address == "" || octets > 3 || strings.Trim(address, "0123456789.") != "" {
		return v
	}
	return address + strings.Repeat(".0", 4-octets) + "/" + length
}
