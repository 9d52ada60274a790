package oper

import (
	"context"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// An absence is a command about something that the emulator does not have. It
// is answered as by a router on which that is not configured or not installed:
// with the router's sentence, or with an empty element. Where it is configured
// (and so stored without being acted on), the request is refused instead: an
// answer would be no truth about the configuration.
type absence struct {
	words, rpc, help string

	args []grammar.Arg

	says            string // the router's sentence; "": an empty reply
	element, module string // name and namespace of the empty reply
	heading         string // what the text of an empty reply is

	statement string // what would configure it; "": nothing does
}

// not are commands about a protocol that is answered by one sentence.
func not(says, statement string, commands ...absence) []absence {
	for i := range commands {
		commands[i].says, commands[i].statement = says, statement
	}
	return commands
}

// none are commands that list what there is none of.
func none(module, statement string, commands ...absence) []absence {
	for i := range commands {
		commands[i].module, commands[i].statement = module, statement
	}
	return commands
}

// What a router says of what it does not run.
const (
	ldpOff  = "LDP instance is not running"
	mplsOff = "MPLS not configured"
	rsvpOff = "RSVP not configured"
	pimOff  = "PIM instance is not running"
	lacpOff = "lacp subsystem not running - not needed by configuration."
	noCores = "/var/crash/*core*: No such file or directory"
	ntpOff  = "ntpq: read: Connection refused" // nothing listens at port 123
)

// Headings of tables that have no rows here.
const (
	fpcHeading = "                     Temp  CPU Utilization (%)   CPU Utilization (%)  Memory    Utilization (%)\n" +
		"Slot State            (C)  Total  Interrupt      1min   5min   15min  DRAM (MB) Heap     Buffer\n"
	tedHeading      = "TED database: 0 ISIS nodes 0 INET nodes\n"
	vlansHeading    = "Routing instance        VLAN name             Tag          Interfaces\n"
	firmwareHeading = "Part                     Type       Version\n"
)

// mplsWords are the arguments that select label-switched paths.
var mplsWords = args(flag("ingress"), flag("egress"), flag("transit"), flag("statistics"), flag("up"), flag("down"), valued("name", "regex"), inInstance)

// operation is how an absence is answered.
func (a absence) operation() operation {
	return operation{
		answer: func(r *Router, _ context.Context, _ *xmltree.Element) (*xmltree.Element, error) {
			if a.statement != "" && r.configuredStatement(strings.Fields(a.statement)...) {
				return nil, &Refusal{Message: "[edit " + a.statement + "] is configured, and not emulated"}
			}
			if a.says != "" {
				return nil, &inactiveError{a.says}
			}
			return information(a.element, a.module), nil
		},
		text: func(_, _ *xmltree.Element) string { return a.heading },
	}
}

// configuredStatement reports whether the running configuration has a
// statement in the instance that answers.
func (r *Router) configuredStatement(path ...string) bool {
	return r.Configured != nil && r.Configured(r.instance, path...)
}

// absentCommands are the commands of the absences.
func absentCommands() grammar.Grammar {
	var all grammar.Grammar
	for _, a := range absences {
		all = append(all, grammar.Command{Words: a.words, RPC: a.rpc, Help: a.help, Args: a.args})
	}
	return all
}

// withAbsences adds the operations of the absences.
func withAbsences(known map[string]operation) map[string]operation {
	for _, a := range absences {
		known[a.rpc] = a.operation()
	}
	return known
}
