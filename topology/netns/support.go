package netns

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"regexp"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
)

// zebra is the program of FRRouting that no router can do without.
const zebra = "/usr/lib/frr/zebra"

// supported names everything in a topology that this backend, or this host,
// cannot run. Each part of the joined error is a *topology.UnsupportedError. If
// there are routers, it returns the version of FRR that will run them.
func supported(t *topology.Topology) (frr string, err error) {
	var errs []error
	if os.Geteuid() != 0 {
		errs = append(errs, &topology.UnsupportedError{
			What: "deploying a lab as this user", Why: "namespaces are for root, or for root of a user namespace",
			Hint: "run as root",
		})
	}
	routers := false
	for _, n := range t.Nodes {
		if err := checkName(n.Name); err != nil {
			errs = append(errs, fmt.Errorf("node: %w", err))
		}
		if n.Kind != "linux" && !n.IsJunos() {
			errs = append(errs, &topology.UnsupportedError{
				Pos: n.Pos, What: fmt.Sprintf("kind %s of node %s", n.Kind, n.Name),
				Why:  "the netns backend runs linux and Junos kinds",
				Hint: "deploy this topology with the clab backend",
			})
		}
		routers = routers || n.IsJunos()
	}
	for _, l := range t.Links {
		for _, e := range []topology.Endpoint{l.A, l.B} {
			if l.Type == "" && t.Node(e.Node) == nil {
				errs = append(errs, fmt.Errorf("link %s to %s: there is no node %q", l.A, l.B, e.Node))
			}
		}
		if l.Type != "" {
			errs = append(errs, &topology.UnsupportedError{
				Pos: l.Pos, What: fmt.Sprintf("link type %s at %s", l.Type, l.A),
				Why:  "the netns backend joins nodes with veth links only",
				Hint: "deploy this topology with the clab backend",
			})
		}
	}
	if routers {
		if frr, err = frrVersion(); err != nil {
			errs = append(errs, &topology.UnsupportedError{
				What: "a Junos node", Why: "FRRouting does not run here: " + err.Error(),
				Hint: installFRR,
			})
		}
	}
	return frr, errors.Join(errs...)
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
