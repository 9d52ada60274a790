package cli

import (
	"errors"
	"fmt"

	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/topology/clabfile"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/coverage"
)

// startupNotes is how many notes on startup configurations are read by anybody.
const startupNotes = 10

// noteStartup points out, before or after a lab finds out, what the emulator would
// refuse of a topology's startup configurations. A topology that cannot be read is
// somebody else's to tell of.
func (a *App) noteStartup(topologyFile string) {
	if a.config.Backend != "netns" {
		return // other routers may know more
	}
	t, err := clabfile.Load(topologyFile)
	if err != nil {
		return
	}
	notes := refusedStartup(t)
	for _, note := range notes[:min(len(notes), startupNotes)] {
		a.say("ccl: note: %s", note)
	}
	if more := len(notes) - startupNotes; more > 0 {
		a.say("ccl: note: and %d more; ccl emu coverage FILE lists them", more)
	}
}

// refusedStartup lists what the emulator would refuse of the startup
// configurations, each with its line.
func refusedStartup(t *topology.Topology) (notes []string) {
	for _, node := range t.Nodes {
		if !node.IsJunos() || node.StartupConfig == "" {
			continue
		}
		add := func(line int, format string, args ...any) {
			where := "startup configuration of " + node.Name
			if line > 0 {
				where += fmt.Sprintf(", line %d", line)
			}
			notes = append(notes, where+": "+fmt.Sprintf(format, args...))
		}
		report, err := coverage.Of(node.StartupConfig)
		var torn *config.LoadError
		if errors.As(err, &torn) {
			add(torn.Line, "%s", torn.Message)
		}
		if err != nil {
			continue
		}
		for _, s := range report.Statements {
			switch {
			case s.Treatment != config.Unknown:
			case s.Hint != "":
				add(s.Line, "%s: %s (did you mean %s?)", s.Path, s.Reason, s.Hint)
			default:
				add(s.Line, "%s: %s", s.Path, s.Reason)
			}
		}
		for _, why := range report.Refused {
			add(0, "a commit would be refused: %s", why)
		}
	}
	return notes
}
