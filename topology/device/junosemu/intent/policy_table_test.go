package intent

import (
	"strings"
	"testing"
)

// TestFromRIB: a term of another table matches nothing here.
func TestFromRIB(t *testing.T) {
	for rib, want := range map[string]struct{ master, instance bool }{
		"inet.0":    {true, false},
		"inet6.0":   {false, false},
		"vr.inet.0": {false, true},
		"inet.3":    {false, false},
	} {
		out, warnings, err := compileText(t, base+`
set interfaces ge-0/0/1 unit 0 family inet address 10.0.9.1/24
set routing-instances vr instance-type virtual-router
set routing-instances vr interface ge-0/0/1.0
set routing-instances vr routing-options autonomous-system 65000
set routing-instances vr protocols bgp group g type external
set routing-instances vr protocols bgp group g peer-as 65001
set routing-instances vr protocols bgp group g neighbor 10.0.9.2 export own
set protocols bgp group g export own
set policy-options policy-statement own term a from protocol static
set policy-options policy-statement own term a from rib `+rib+`
set policy-options policy-statement own term a then accept
set policy-options policy-statement own then reject
`)
		if err != nil || len(warnings) > 0 {
			t.Fatal(warnings, err)
		}
		redistributes := func(text string) bool { return strings.Contains(text, "redistribute static route-map own-static") }
		if got := redistributes(out.FRR["bgpd"]); got != want.master {
			t.Errorf("from rib %s, master instance: %v\n%s", rib, got, out.FRR["bgpd"])
		}
		if got := len(out.Instances) == 1 && redistributes(out.Instances[0].Intent.FRR["bgpd"]); got != want.instance {
			t.Errorf("from rib %s, virtual router: %v", rib, got)
		}
	}
}
