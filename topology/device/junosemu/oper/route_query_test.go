package oper

import (
	"net/netip"
	"testing"
)

// TestDestination reads what people write behind "show route" and "show route
// forwarding-table destination".
func TestDestination(t *testing.T) {
	for text, want := range map[string]string{
		"10.255/16": "10.255.0.0/16", "10/8": "10.0.0.0/8", "0/0": "0.0.0.0/0", "10.1.2.3/8": "10.0.0.0/8", "10.1.2.3": "10.1.2.3/32",
	} {
		var q routeQuery
		if err := q.readDestination(text); err != nil || q.prefix != netip.MustParsePrefix(want) {
			t.Errorf("show route %s: %v, %v, want %s", text, q.prefix, err, want)
		}
		if p, _, err := wantedPrefix(text); err != nil || p != netip.MustParsePrefix(want) {
			t.Errorf("show route forwarding-table destination %s: %v, %v, want %s", text, p, err, want)
		}
	}
	if err := new(routeQuery).readDestination("10.300/16"); err == nil {
		t.Error("10.300/16 is taken for a prefix")
	}
}
