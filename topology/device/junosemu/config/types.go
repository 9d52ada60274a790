package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/ccl-lab/ccl/topology/device/junosemu/shortprefix"
)

// A valueType is the schema's name for what a value may be: "ip",
// "int:1-255", "{internal|external}".
type valueType string

// check returns what is wrong with a value, in Junos's words, or "".
// Wildcards of groups (<*>) fit everywhere.
func (t valueType) check(v string) string {
	if !printable(v) {
		return "invalid character in value"
	}
	if strings.HasPrefix(v, "<") && strings.HasSuffix(v, ">") {
		return ""
	}
	name, arg, _ := strings.Cut(string(t), ":")
	switch name {
	case "string", "name", "ifl", "":
		return ""
	case "int", "time":
		return checkInt(v, arg)
	case "ip", "ipv4", "ipv6":
		return checkAddr(name, v)
	case "prefix", "addr":
		return checkPrefix(name, v)
	case "area":
		return checkArea(v)
	case "as":
		return checkAS(v)
	case "len":
		return checkLen(v)
	case "range":
		return checkLenRange(v)
	case "member":
		return checkMember(v)
	case "policy":
		return checkPolicy(v)
	}
	if strings.HasPrefix(name, "{") {
		return checkEnum(string(t), v)
	}
	return fmt.Sprintf("schema: no type %s", t)
}

// printable tells whether every format can carry v: XML has no control
// characters, and nothing but UTF-8.
func printable(v string) bool {
	for i, r := range v {
		switch {
		case r < ' ' && r != '\n' && r != '\t', r == 0x7f, r == 0xfffe, r == 0xffff:
			return false
		case r == utf8.RuneError:
			if _, size := utf8.DecodeRuneInString(v[i:]); size == 1 {
				return false
			}
		}
	}
	return true
}

func checkInt(v, bounds string) string {
	n, err := strconv.ParseInt(v, 10, 64)
	if err != nil {
		return fmt.Sprintf("Invalid numeric value: '%s'", v)
	}
	low, high, ok := strings.Cut(strings.TrimPrefix(bounds, "-"), "-")
	if !ok {
		return ""
	}
	lo, _ := strconv.ParseInt(low, 10, 64)
	hi, _ := strconv.ParseInt(high, 10, 64)
	if strings.HasPrefix(bounds, "-") {
		lo = -lo
	}
	if n < lo || n > hi {
		return fmt.Sprintf("Value %s is not within range (%d..%d)", v, lo, hi)
	}
	return ""
}

func checkAddr(kind, v string) string {
	a, err := netip.ParseAddr(v)
	switch {
	case err != nil && kind == "ipv4":
		return fmt.Sprintf("invalid ip address: '%s'", v)
	case err != nil && kind == "ipv6":
		return fmt.Sprintf("invalid ipv6 address: '%s'", v)
	case err != nil:
		return fmt.Sprintf("invalid ip address or hostname: %s", v)
	case kind == "ipv4" && !a.Is4():
		return fmt.Sprintf("invalid ip address: '%s'", v)
	case kind == "ipv6" && !a.Is6():
		return fmt.Sprintf("invalid ipv6 address: '%s'", v)
	}
	return ""
}

// checkPrefix takes an address without a length as one of full length, as
// Junos does; "default" is 0.0.0.0/0.
func checkPrefix(_, v string) string {
	if v == "default" {
		return ""
	}
	address, length, ok := strings.Cut(shortprefix.Whole(v), "/")
	a, err := netip.ParseAddr(address)
	if err != nil || a.Zone() != "" {
		return fmt.Sprintf("invalid ip address or prefix: '%s'", v)
	}
	if !ok {
		return ""
	}
	n, err := strconv.Atoi(length)
	if err != nil || n < 0 || n > a.BitLen() {
		return fmt.Sprintf("invalid prefix length '%s' in '%s'", length, v)
	}
	return ""
}

func checkArea(v string) string {
	if _, err := strconv.ParseUint(v, 10, 32); err == nil {
		return ""
	}
	if a, err := netip.ParseAddr(v); err == nil && a.Is4() {
		return ""
	}
	return fmt.Sprintf("invalid area id: '%s'", v)
}

// checkAS accepts 65000 and, as Junos does, 1.10 for 65546.
func checkAS(v string) string {
	if high, low, ok := strings.Cut(v, "."); ok {
		_, err1 := strconv.ParseUint(high, 10, 16)
		_, err2 := strconv.ParseUint(low, 10, 16)
		if err1 == nil && err2 == nil {
			return ""
		}
		return fmt.Sprintf("invalid autonomous system number: '%s'", v)
	}
	n, err := strconv.ParseUint(v, 10, 32)
	if err != nil || n == 0 {
		return fmt.Sprintf("invalid autonomous system number: '%s'", v)
	}
	return ""
}

func checkLen(v string) string {
	n, err := strconv.Atoi(strings.TrimPrefix(v, "/"))
	if err != nil || !strings.HasPrefix(v, "/") || n < 0 || n > 128 {
		return fmt.Sprintf("invalid prefix length '%s'", v)
	}
	return ""
}

func checkLenRange(v string) string {
	low, high, ok := strings.Cut(v, "-")
	if !ok || checkLen(low) != "" || checkLen(high) != "" {
		return fmt.Sprintf("invalid prefix length range '%s'", v)
	}
	return ""
}

// words lists what an enumeration allows.
func (t valueType) words() []string {
	if !strings.HasPrefix(string(t), "{") {
		return nil
	}
	return strings.Split(strings.Trim(string(t), "{}"), "|")
}

func checkEnum(t, v string) string {
	for _, w := range valueType(t).words() {
		if w == v {
			return ""
		}
	}
	return "syntax error"
}

// normal is the form in which Junos keeps a value: areas are dotted, prefixes
// carry their length, "default" is 0.0.0.0/0, a logical interface without a unit
// has unit 0.
func (t valueType) normal(v string) string {
	switch t {
	case "area":
		if n, err := strconv.ParseUint(v, 10, 32); err == nil {
			b := [4]byte{byte(n >> 24), byte(n >> 16), byte(n >> 8), byte(n)}
			return netip.AddrFrom4(b).String()
		}
	case "ip", "ipv6":
		if a, err := netip.ParseAddr(v); err == nil {
			return a.String()
		}
	case "prefix", "addr":
		return normalPrefix(v)
	case "policy":
		return normalPolicy(v)
	case "ifl":
		if physical.MatchString(v) {
			return v + ".0"
		}
	}
	return v
}

// physical is the name of a physical interface: ge-0/0/0, xe-0/0/0:1, ae0, lo0.
var physical = regexp.MustCompile(`^[a-z]+(-[0-9]+/[0-9]+/[0-9]+(:[0-9]+)?|[0-9]+)$`)

func normalPrefix(v string) string {
	if v == "default" {
		return "0.0.0.0/0"
	}
	address, length, ok := strings.Cut(shortprefix.Whole(v), "/")
	a, err := netip.ParseAddr(address)
	if err != nil {
		return v
	}
	if !ok {
		length = strconv.Itoa(a.BitLen())
	}
	return a.String() + "/" + length
}
