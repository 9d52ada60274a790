package cli

import (
	"os"
	"testing"
)

// TestNoColor is a terminal whose owner wants no colour: the view is redrawn all
// the same.
func TestNoColor(t *testing.T) {
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil && os.Getenv("CI") == "true" {
		t.Fatalf("NOTHING WAS TESTED: no pseudo terminal: %v", err)
	}
	if err != nil {
		t.Skipf("SKIPPED, NOTHING WAS TESTED: no pseudo terminal: %v", err)
	}
	defer screen.Close()
	tests := []struct {
		term, noColor     string
		redraws, coloured bool
	}{
		{"xterm", "", true, true},
		{"xterm", "1", true, false},
		{"dumb", "", false, false},
	}
	for _, test := range tests {
		t.Setenv("TERM", test.term)
		t.Setenv("NO_COLOR", test.noColor)
		if view := newLive(screen); view.redraw != test.redraws || view.color != test.coloured {
			t.Errorf("TERM=%s NO_COLOR=%s: redraws %v, colour %v", test.term, test.noColor, view.redraw, view.color)
		}
	}
}
