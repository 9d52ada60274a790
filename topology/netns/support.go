package netns

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/labdir"
)

// zebra is the program of FRRouting that no router can do without.
const zebra = "/usr/lib/frr/zebra"

// supported names everything in a topology that this backend, or this host,
// cannot run. Each part of the joined error is a *topology.UnsupportedError, but
// for what makes no sense anywhere. If there are routers, it returns the version
// of FRR that will run them.
func supported(t *topology.Topology) (frr string, err error) {
	var errs []error
	for _, n := range t.Nodes {
		errs = append(errs, nodeErrors(n)...)
	}
	for _, l := range t.Links {
		errs = append(errs, linkErrors(t, l)...)
	}
	if slices.ContainsFunc(t.Nodes, (*topology.Node).IsJunos) {
		if frr, err = frrVersion(); err != nil {
			errs = append(errs, &topology.UnsupportedError{
				What: "a Junos node", Why: "FRRouting does not run here: " + err.Error(),
				Hint: installFRR,
			})
		}
	}
	if os.Geteuid() != 0 {
		errs = append(errs, &topology.UnsupportedError{
			What: "deploying a lab as this user", Why: "namespaces are for root, or for root of a user namespace",
			Hint: "run as root",
		})
	}
	return frr, errors.Join(errs...)
}

const useClab = "deploy this topology with the clab backend"

func nodeErrors(n *topology.Node) []error {
	var errs []error
	if err := labdir.CheckName(n.Name); err != nil {
		errs = append(errs, fmt.Errorf("node: %w", err))
	}
	if n.Kind != "linux" && !n.IsJunos() {
		errs = append(errs, &topology.UnsupportedError{
			Pos: n.Pos, What: fmt.Sprintf("kind %s of node %s", n.Kind, n.Name),
			Why: "the netns backend runs linux and Junos kinds", Hint: useClab,
		})
	}
	for _, name := range slices.Sorted(maps.Keys(n.Sysctls)) {
		// Other settings are the host's; "//" would lead out of /proc/sys.
		if !strings.HasPrefix(name, "net.") || strings.Contains(name, "//") {
			errs = append(errs, &topology.UnsupportedError{
				Pos: n.Pos, What: fmt.Sprintf("sysctl %s of node %s", name, n.Name),
				Why: "a node of the netns backend has the settings below net. to itself, and no others", Hint: useClab,
			})
		}
	}
	return errs
}

func linkErrors(t *topology.Topology, l *topology.Link) []error {
	if l.Type != "" {
		return []error{&topology.UnsupportedError{
			Pos: l.Pos, What: fmt.Sprintf("link type %s at %s", l.Type, l.A),
			Why: "the netns backend joins nodes with veth links only", Hint: useClab,
		}}
	}
	var errs []error
	for _, e := range []topology.Endpoint{l.A, l.B} {
		if t.Node(e.Node) == nil {
			errs = append(errs, fmt.Errorf("link %s to %s: there is no node %q", l.A, l.B, e.Node))
		}
	}
	return errs
}

const installFRR = "apt-get install frr"

var frrVersionLine = regexp.MustCompile(`version (\S+)`)

// frrVersion asks zebra for its version.
func frrVersion() (string, error) {
	out, err := exec.Command(zebra, "--version").CombinedOutput()
	if err != nil {
		return "", err
	}
	m := frrVersionLine.FindSubmatch(out)
	if m == nil {
		return "", fmt.Errorf("%s --version says %q", zebra, out)
	}
	return string(m[1]), nil
}

// kernelRelease is what uname -r prints.
func kernelRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return ""
	}
	return unix.ByteSliceToString(u.Release[:])
}
