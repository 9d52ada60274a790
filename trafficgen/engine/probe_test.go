package engine_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

// Where this process may do everything, every engine works, and on a device
// that is no veth the report says which does not and why.
func TestProbe(t *testing.T) {
	needBPF(t)
	names := []string{}
	for _, c := range engine.Probe(t.Context()) {
		if !c.Usable || c.Why != "" {
			t.Errorf("%+v", c)
		}
		names = append(names, c.Name+" "+c.Does)
	}
	if got, want := strings.Join(names, ", "), "live sends, af-xdp sends, sendmmsg sends, xdp counts, bpf counts, tpacket-v3 counts"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestProbePort(t *testing.T) {
	needBPF(t)
	from, _ := pair(t)
	for _, c := range engine.ProbePort(from) {
		if !c.Usable {
			t.Errorf("%+v", c)
		}
	}
	ns := porttest.New(t)
	ns.Run(t, "ip link add br0 type bridge\nip link set br0 up")
	for i, c := range engine.ProbePort(trafficgen.PortID{Node: "x", Device: "br0", NetNS: ns.Path}) {
		if i == 0 && (c.Usable || !strings.Contains(c.Why, "x:br0 is no veth device (bridge)")) || i > 0 && !c.Usable {
			t.Errorf("%+v", c)
		}
	}
	for _, c := range engine.ProbePort(trafficgen.PortID{Node: "x", Device: "eth9", NetNS: ns.Path}) {
		if c.Usable || !strings.Contains(c.Why, `device "eth9"`) {
			t.Errorf("%+v", c)
		}
	}
}

// An end of a pair whose namespace cannot be found is no end for live frames.
func TestPeerInAnUnknownNamespace(t *testing.T) {
	needBPF(t)
	from, to := pair(t)
	why := probedElsewhere(t, from)
	if !strings.Contains(why, "no process is in its network namespace") {
		t.Errorf("%q", why)
	}
	inhabit(t, porttest.At(t, to.NetNS))
	if why := probedElsewhere(t, from); why != "" {
		t.Errorf("%q", why)
	}
}

// probedElsewhere is why another process, which has no namespace of this one
// open, cannot send live frames from a port.
func probedElsewhere(t *testing.T, id trafficgen.PortID) string {
	t.Helper()
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), childEnv+"=probe", childEnv+"_NETNS="+id.NetNS)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return string(out)
}
