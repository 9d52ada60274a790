package cli

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/trafficgen/engine"
	"github.com/ccl-lab/ccl/trafficgen/port/porttest"
)

func TestTrafficProbe(t *testing.T) {
	a, _ := pair(t)
	ns := porttest.New(t)
	ns.Run(t, "ip link add br0 type bridge\nip link set br0 up")
	bridge := ns.Path + ":br0"
	code, out, complaint := ccl(t, "traffic", "probe", a, bridge, "--json")
	if code != ExitOK {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	var r probeReport
	if err := json.Unmarshal([]byte(out), &r); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if h := r.Host; h.Kernel == "" || h.Processors == 0 || h.Resolution <= 0 || h.Wake < 0 || h.WakeWorst < h.Wake {
		t.Errorf("host %+v", h)
	}
	if len(r.Engines) != 6 || len(r.Ports) != 2 || len(r.Ports[0].Engines) != len(engine.Engines) {
		t.Fatalf("%+v", r)
	}
	if p := r.Ports[1]; p.Port != bridge || p.Slow != engine.SendMmsg || p.Fast == engine.Live || p.Engines[0].Usable || p.Engines[0].Why == "" {
		t.Errorf("bridge: %+v", p)
	}
	code, out, complaint = ccl(t, "traffic", "probe", bridge)
	for _, want := range []string{"Linux " + r.Host.Kernel, "clock ", "ENGINE", "sendmmsg", "less than 50kfps use sendmmsg", "is no veth device (bridge)", "below 50kfps"} {
		if code != ExitOK || !strings.Contains(out, want) {
			t.Errorf("exit %d, no %q in\n%s%s", code, want, out, complaint)
		}
	}
	if code, _, complaint := ccl(t, "traffic", "probe", "nowhere/h1"); code == ExitOK || complaint == "" {
		t.Errorf("exit %d: %s", code, complaint)
	}
}

func TestTakenEngine(t *testing.T) {
	sends := func(usable ...bool) (all []engine.Capability) {
		for i, name := range engine.Engines {
			all = append(all, engine.Capability{Name: name, Does: engine.Sends, Usable: usable[i]})
		}
		return all
	}
	for _, tc := range []struct {
		all        []engine.Capability
		slow, fast string
	}{
		{sends(true, true, true), "sendmmsg", "live"},
		{sends(false, true, true), "sendmmsg", "af-xdp"},
		{sends(false, false, true), "sendmmsg", "sendmmsg"},
		{sends(false, false, false), "", ""},
	} {
		if slow, fast := engine.Taken(tc.all, engine.FastAbove-1), engine.Taken(tc.all, engine.FastAbove); slow != tc.slow || fast != tc.fast {
			t.Errorf("%+v: %q and %q, want %q and %q", tc.all, slow, fast, tc.slow, tc.fast)
		}
	}
}
