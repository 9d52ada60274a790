package activities

import "testing"

func TestUnstamped(t *testing.T) {
	const text = "## Last commit: 2026-11-23 05:30:12 UTC by admin\nsystem {\n    host-name r1; ## SECRET-DATA\n    ## Warning: it is late\n}\n"
	if got, want := unstamped(text), "system {\n    host-name r1; ## SECRET-DATA\n}\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}
