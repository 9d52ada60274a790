package netconf

import (
	"bytes"
	"errors"
	"strings"
	"testing"
)

// TestFarewell: a session that ends for what the client sent says so first.
func TestFarewell(t *testing.T) {
	for err, want := range map[error]string{
		errTooLong:            "<error-tag>too-big</error-tag>",
		errFraming:            "<error-tag>malformed-message</error-tag>",
		errors.New("cut off"): "",
	} {
		var sent bytes.Buffer
		(&conn{}).farewell(&sent, err)
		if got := sent.String(); !strings.Contains(got, want) || (want == "") != (got == "") {
			t.Errorf("%v: sent %q", err, got)
		}
	}
}
