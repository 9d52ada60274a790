package intent

import (
	"strings"
	"testing"
)

// TestDeleteEveryCommunity gives bgpd the deletion of all communities.
func TestDeleteEveryCommunity(t *testing.T) {
	requireFRR(t)
	for _, member := range []string{"*:*", ".*:.*"} {
		want, warnings, err := compileText(t, base+`
set policy-options community every members `+member+`
set policy-options community mine members 65000:1
set policy-options policy-statement strip then community delete every
set policy-options policy-statement strip then community add mine
set policy-options policy-statement strip then accept
set protocols bgp group g import strip
`)
		if err != nil || len(warnings) > 0 {
			t.Fatal(warnings, err)
		}
		bgpd := want.FRR["bgpd"]
		for _, line := range []string{
			"bgp community-list expanded delete--- seq 5 permit .*", "bgp large-community-list expanded delete--- seq 5 permit .*",
			" set comm-list delete--- delete", " set large-comm-list delete--- delete", " set extcommunity none", " set community 65000:1 additive",
		} {
			if !strings.Contains(bgpd, line+"\n") {
				t.Errorf("%s: no %q in\n%s", member, line, bgpd)
			}
		}
		acceptedByFRR(t, want)
	}
}
