package coverage

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/intent"
)

const curly = `/* a router */
system {
    host-name r1;
    ntp {
        server 192.0.2.1;
    }
    services {
        ssh;
    }
}
interfaces {
    ge-0/0/0 {
        inactive: description "one way";
        flux 9;
        capacitor {
            charge 88;
            deeper {
                level 1;
            }
        }
    }
    ae0 {
        description bundle;
    }
}
policy-options {
    prefix-list nets {
        192.0.2.0/24;
    }
}
protocols {
    bgp {
        group a { type external; peer-as 65001; neighbor 10.0.0.2; }
    }
}
routing-options { autonomous-system 65000; }
`

func table(r *Report) string {
	var b strings.Builder
	for _, s := range r.Statements {
		fmt.Fprintf(&b, "%d %s %s\n", s.Line, s.Treatment, s.Path)
	}
	return b.String()
}

func TestCurly(t *testing.T) {
	r, err := Of(curly)
	if err != nil {
		t.Fatal(err)
	}
	want := `3 acted-on system host-name r1
5 stored-only system ntp server 192.0.2.1
8 acted-on system services ssh
13 acted-on interfaces ge-0/0/0 description "one way"
14 unknown interfaces ge-0/0/0 flux 9
16 unknown interfaces ge-0/0/0 capacitor … charge 88
18 unknown interfaces ge-0/0/0 capacitor … level 1
23 stored-only interfaces ae0 description bundle
28 acted-on policy-options prefix-list nets 192.0.2.0/24
33 acted-on protocols bgp group a type external
33 acted-on protocols bgp group a peer-as 65001
33 acted-on protocols bgp group a neighbor 10.0.0.2
36 acted-on routing-options autonomous-system 65000
`
	if d := cmp.Diff(want, table(r)); d != "" {
		t.Error(d)
	}
	if r.ActedOn != 8 || r.StoredOnly != 2 || r.Unknown != 3 || r.Percent != 61 || len(r.Refused) > 0 {
		t.Errorf("%d %d %d %d %v", r.ActedOn, r.StoredOnly, r.Unknown, r.Percent, r.Refused)
	}
}

func TestSet(t *testing.T) {
	r, err := Of("set system host-name r1\nset system ntp server 192.0.2.1\n\nedit protocols bgp group a\nset typ internal\nset export nobody\ndelete flux\n")
	if err != nil {
		t.Fatal(err)
	}
	want := `1 acted-on system host-name r1
2 stored-only system ntp server 192.0.2.1
5 unknown protocols bgp group a typ internal
6 acted-on protocols bgp group a export nobody
7 unknown protocols bgp group a delete flux
`
	if d := cmp.Diff(want, table(r)); d != "" {
		t.Error(d)
	}
	if r.Statements[2].Hint != "type" || len(r.Refused) == 0 {
		t.Errorf("hint %q, refused %v", r.Statements[2].Hint, r.Refused)
	}
}

// TestAgreesWithCommit: whatever a commit warns of is not counted as acted on,
// and what is counted as stored only is warned of.
func TestAgreesWithCommit(t *testing.T) {
	r, err := Of(curly)
	if err != nil {
		t.Fatal(err)
	}
	_, tree, err := config.Cover(curly)
	if err != nil {
		t.Fatal(err)
	}
	_, warnings, err := intent.Compile(tree, identityOf(tree))
	if err != nil {
		t.Fatal(err)
	}
	below := func(s config.Covered, w config.Warning) bool {
		return s.Path == w.Path || strings.HasPrefix(s.Path, w.Path+" ")
	}
	for _, s := range r.Statements {
		warned := false
		for _, w := range warnings {
			warned = warned || below(s, w)
		}
		if s.Treatment != config.Unknown && warned != (s.Treatment == config.StoredOnly) {
			t.Errorf("line %d, %s: %s, but warned of: %v", s.Line, s.Path, s.Treatment, warned)
		}
	}
}

func TestNoConfiguration(t *testing.T) {
	for text, line := range map[string]int{"system {\n host-name r1;": 1, "system {\n host-name \"r1;\n}": 2, "system }": 1, "flux {\n a;\n": 3} {
		var e *config.LoadError
		if _, err := Of(text); err == nil {
			t.Errorf("%q gave no error", text)
		} else if e, _ = err.(*config.LoadError); e == nil || e.Line != line {
			t.Errorf("%q: %v, want line %d", text, err, line)
		}
	}
}
