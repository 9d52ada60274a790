package frr

import (
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// MapAccounts prepares a rootless node.
func (r *Router) MapAccounts(dir string, _ *struct{}) error { return MapAccounts(dir) }

func TestRootless(t *testing.T) {
	node := frrtest.StartRootless(t, "r1")
	node.Call(t, "Router.MapAccounts", "/run", nil)
	var took time.Duration
	node.Call(t, "Router.Boot", Options{Rootless: true}, &took)
	apply(t, node, ring("1", "2"))
	if out := show(t, node, "bgpd", "show running-config"); !strings.Contains(out, "neighbor 10.255.0.2 remote-as 65000") {
		t.Errorf("bgpd runs:\n%s", out)
	}
}

func TestRootInVTYGroup(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{"root:x:0:\nfrrvty:x:112:frr\nfrr:x:113:\n", "root:x:0:\nfrr:x:113:\nfrrvty:x:0:root\n"},
		{"root:x:0:", "root:x:0:\nfrrvty:x:0:root\n"},
		{"", "frrvty:x:0:root\n"},
	} {
		if got := rootInVTYGroup(test.in); got != test.want {
			t.Errorf("%q: got %q, want %q", test.in, got, test.want)
		}
	}
}
