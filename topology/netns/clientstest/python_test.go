package clientstest

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"
)

// python is Debian's, the one that sees Debian's modules.
const python = "/usr/bin/python3"

// modules are where Debian installs Python modules.
const modules = "/usr/lib/python3/dist-packages/"

// runPython runs a program of testdata against a router of the lab.
func (l *lab) runPython(t *testing.T, node, script string) {
	t.Helper()
	mgmt := l.Node(node).Mgmt
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, python, "-W", "ignore", "-B", filepath.Join("testdata", script), "--verbose")
	cmd.Env = append(os.Environ(), "ROUTER_HOST="+mgmt.Host, "ROUTER_SSH="+strconv.Itoa(mgmt.SSHPort),
		"ROUTER_NETCONF="+strconv.Itoa(mgmt.NetconfPort), "ROUTER_USER="+user, "ROUTER_PASSWORD="+password,
		"HOME="+t.TempDir())
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", script, err, out)
	}
	t.Logf("%s", out)
}

// TestPyEZ is Juniper's Python client.
func TestPyEZ(t *testing.T) {
	needFile(t, modules+"jnpr/junos/__init__.py", "python3-junos-eznc")
	l := deployPair(t)
	for _, script := range []string{"pyez_facts.py", "pyez_get.py", "pyez_tables.py", "pyez_load.py", "pyez_commit.py", "pyez_shell.py", "pyez_firewall.py", "pyez_vrrp.py", "pyez_reboot.py"} {
		t.Run(script, func(t *testing.T) { l.runPython(t, "r1", script) })
	}
}

// TestNcclient is the Python client of RFC 6241, in its Junos manner.
func TestNcclient(t *testing.T) {
	needFile(t, modules+"ncclient/__init__.py", "python3-ncclient")
	l := deployPair(t)
	for _, script := range []string{"ncclient_rfc.py", "ncclient_junos.py"} {
		t.Run(script, func(t *testing.T) { l.runPython(t, "r1", script) })
	}
}
