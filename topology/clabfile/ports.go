package clabfile

import (
	"fmt"
	"regexp"
	"strconv"
)

// numbering says how a Junos platform's ports appear in the kernel of its
// container: PREFIX-0/0/N is eth(N+first).
type numbering struct {
	prefix string // of the name made for a port given as ethN
	first  int    // number of the kernel device of port 0
	match  *regexp.Regexp
}

var (
	anyMedia = regexp.MustCompile(`^(?:et|xe|ge)-0/0/(0|[1-9][0-9]{0,3})$`)
	etOnly   = regexp.MustCompile(`^et-0/0/(0|[1-9][0-9]{0,3})$`)
	ethN     = regexp.MustCompile(`^eth([1-9][0-9]{0,3})$`)
	kernel   = regexp.MustCompile(`^[^/\s:]{1,15}$`) // IFNAMSIZ less its NUL
)

// platforms are the Junos kinds whose ports have names of their own. The
// containers cRPD and cSRX have none: their interfaces are the kernel's.
var platforms = map[string]numbering{
	"juniper_vjunosrouter":  {"ge", 1, anyMedia},
	"juniper_vjunosswitch":  {"ge", 1, anyMedia},
	"juniper_vjunosevolved": {"et", 1, anyMedia},
	"juniper_cjunosevolved": {"et", 4, etOnly},
	"juniper_vmx":           {"ge", 1, anyMedia},
	"juniper_vqfx":          {"xe", 1, anyMedia},
	"juniper_vsrx":          {"ge", 1, anyMedia},
}

// Port returns the two names of an interface of a node of the given kind: the
// one a network engineer uses (ge-0/0/0) and the kernel's (eth1). Either may be
// given. On kinds other than Junos the names are the same and are not checked
// beyond what the kernel demands of linux nodes.
func Port(kind, name string) (iface, device string, err error) {
	p, junos := platforms[kind]
	switch {
	case junos:
		return p.port(kind, name)
	case (kind == "juniper_crpd" || kind == "juniper_csrx") && !ethN.MatchString(name):
		return "", "", fmt.Errorf("kind %s has no interface %q; expected ethN with N from 1", kind, name)
	case kind == "linux" && !kernel.MatchString(name):
		return "", "", fmt.Errorf("%q cannot be the name of a network device: 1 to 15 characters without slash, colon or space", name)
	case name == "":
		return "", "", fmt.Errorf("the interface has no name")
	}
	return name, name, nil
}

func (p numbering) port(kind, name string) (iface, device string, err error) {
	if m := p.match.FindStringSubmatch(name); m != nil {
		n, _ := strconv.Atoi(m[1]) // at most four digits
		return name, fmt.Sprintf("eth%d", n+p.first), nil
	}
	if m := ethN.FindStringSubmatch(name); m != nil {
		if n, _ := strconv.Atoi(m[1]); n >= p.first {
			return fmt.Sprintf("%s-0/0/%d", p.prefix, n-p.first), name, nil
		}
	}
	return "", "", fmt.Errorf("kind %s has no interface %q; expected %s-0/0/N, or ethN with N from %d", kind, name, p.prefix, p.first)
}
