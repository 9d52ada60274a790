package config

import (
	"errors"
	"testing"
)

// TestMadeUp: beside all that is stored, a word that Junos does not have is
// still refused, at its place.
func TestMadeUp(t *testing.T) {
	for _, c := range []struct {
		text         string
		line, column int
		word         string
	}{
		{"routing-options {\n    static-route-x;\n}\n", 2, 5, "static-route-x"},
		{"protocols {\n    lldp;\n    telemetry-x;\n}\n", 3, 5, "telemetry-x"},
		{"protocols {\n    source-packet-routing {\n        lsp-x;\n    }\n}\n", 3, 9, "lsp-x"},
		{"system {\n    syslog {\n        time-format century;\n    }\n}\n", 3, 21, "century"},
		{"snmp {\n    v3 {\n        usm-x;\n    }\n}\n", 3, 9, "usm-x"},
	} {
		_, err := Parse(c.text)
		var e *LoadError
		if !errors.As(err, &e) || e.Line != c.line || e.Column != c.column || e.BadElement != c.word {
			t.Errorf("%q: %v, want %s at %d:%d", c.text, err, c.word, c.line, c.column)
		}
	}
}

// TestStoredOnce: a commit warns once of what is stored, at its highest place.
func TestStoredOnce(t *testing.T) {
	tree := mustParse(t, "snmp { v3 { usm { local-engine { user u { authentication-none; } } } } }\nprotocols { bgp { bgp-error-tolerance { malformed-route-limit 5; } } }\n")
	got := tree.Unacted()
	if len(got) != 2 || got[0].Path != "snmp" || got[1].Path != "protocols bgp bgp-error-tolerance" {
		t.Errorf("%v", got)
	}
}
