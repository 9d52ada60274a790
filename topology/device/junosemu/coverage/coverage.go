// Package coverage tells of each statement of a Junos configuration whether
// the emulator acts on it, only stores it, or does not know it. It asks the
// same tables that commits warn by: the marks of the schema, and what the
// translation to the data plane cannot do in some places.
package coverage

import (
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/intent"
)

// A Report is what becomes of a configuration's statements.
type Report struct {
	Statements []config.Covered `json:"statements"` // in order of lines
	ActedOn    int              `json:"acted-on"`
	StoredOnly int              `json:"stored-only"`
	Unknown    int              `json:"unknown"`
	// Percent is the share of ActedOn, rounded down; 100 of a configuration
	// without statements.
	Percent int `json:"percent"`
	// Refused is why a commit of what is known would be refused: a policy that
	// is not defined, an address used twice. Empty: it would be accepted.
	Refused []string `json:"refused,omitempty"`
}

// Of reads a configuration, curly or set, that may have statements nobody
// knows. The error is a *config.LoadError: text that is no configuration.
func Of(text string) (*Report, error) {
	statements, tree, err := config.Cover(text)
	if err != nil {
		return nil, err
	}
	r := &Report{Statements: statements}
	_, warnings, err := intent.Compile(tree, identityOf(tree))
	if errs, ok := err.(config.ValidationErrors); ok {
		for _, e := range errs {
			r.Refused = append(r.Refused, e.Error())
		}
	}
	for _, w := range warnings {
		r.mark(w)
	}
	r.count()
	return r, nil
}

// mark turns what the translation warned of into stored-only.
func (r *Report) mark(w config.Warning) {
	_, why, special := strings.Cut(w.Message, "not acted on: ")
	if !special {
		return // the schema said so: it is marked already
	}
	for i := range r.Statements {
		s := &r.Statements[i]
		if s.Treatment == config.ActedOn && (s.Path == w.Path || strings.HasPrefix(s.Path, w.Path+" ")) {
			s.Treatment, s.Reason = config.StoredOnly, why
		}
	}
}

func (r *Report) count() {
	for _, s := range r.Statements {
		switch s.Treatment {
		case config.ActedOn:
			r.ActedOn++
		case config.StoredOnly:
			r.StoredOnly++
		default:
			r.Unknown++
		}
	}
	if r.Percent = 100; len(r.Statements) > 0 {
		r.Percent = 100 * r.ActedOn / len(r.Statements)
	}
}

// identityOf is a router that has every port that a configuration names, so
// that none is missing.
func identityOf(tree *config.Tree) junosemu.Identity {
	id := junosemu.Identity{Name: "router", Kind: "juniper_vjunosrouter"}
	for _, i := range tree.Effective().Root().Child("interfaces").Children("interface") {
		if strings.Contains(i.Key(), "/") && !strings.HasPrefix(i.Key(), "<") {
			id.Ports = append(id.Ports, junosemu.Port{Junos: i.Key(), Device: fmt.Sprintf("eth%d", len(id.Ports)+1)})
		}
	}
	return id
}
