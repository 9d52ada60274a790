// Package oper answers Junos's operational requests (show, ping, clear,
// restart) from what is true: FRRouting's daemons and the kernel, through a
// junosemu.Sensor.
//
// A request is an RPC element, as NETCONF carries it. A CLI command is first
// turned into its RPC (ParseCommand), so both give the same facts, and the CLI's
// text is rendered from the reply element (Text). Nothing here is remembered
// between requests but where the counters of interfaces were when cleared, and
// when routing was restarted.
package oper

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync/atomic"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// Release is the Junos release that the emulator's words and shapes follow. Its
// form is what clients parse; the service part says that it is the emulator.
const Release = "24.2R1-S0.EMU"

// A Router is one emulated router as operational commands see it. All fields
// but LastCommit, BGP, Families, Bound, Configured, Users and Proc are required.
type Router struct {
	Identity junosemu.Identity
	Sensor   junosemu.Sensor
	Hostname func() string           // as configured
	Intent   func() *junosemu.Intent // of the running configuration
	Started  time.Time               // when the router "booted"
	// LastCommit is when and by whom the running configuration was committed;
	// nil or a zero time if never.
	LastCommit func() (time.Time, string)
	// BGP is what the running configuration says of a BGP neighbor of a routing
	// instance, "" being the master one; may be nil.
	BGP func(instance string, peer netip.Addr) BGPConfig
	// Families are the protocol families (inet, inet6, iso, mpls) that a logical
	// interface is configured with, and the addresses of iso, which the kernel
	// does not know. If nil, a unit has the families of its addresses.
	Families func(unit string) map[string][]string
	// Bound is what a family of a logical interface is configured to filter and
	// police packets with; nil: nothing is.
	Bound func(unit, family string) Binding
	// Configured reports whether the running configuration of a routing instance,
	// "" being the master one, has a statement (protocols, ldp); nil: it has none.
	Configured func(instance string, path ...string) bool
	// Users counts who is logged in; nil: nobody.
	Users func() int
	Proc  string // where the machine's /proc is; empty: /proc
	Now   func() time.Time

	// What the router itself remembers, not its views:
	counters  zeroing
	restarted atomic.Pointer[time.Time] // when routing was, last; nil: never

	// Of the view of a routing instance:
	whole        *Router // that it is a view of; nil: itself
	instance     string  // "": the master one
	instanceType string
	alone        bool // the other instances are not asked about
}

// BGPConfig is how a BGP neighbor is configured, where FRR's words for it are
// not Junos's.
type BGPConfig struct {
	Group          string
	Import, Export []string // policies in their order
	Preference     int      // of the routes; 0: the default
}

// ErrUnknownRPC is a request that no Junos release, or not this one, knows.
var ErrUnknownRPC = errors.New("syntax error")

// A Refusal is a request that is understood and cannot be answered as asked.
type Refusal struct {
	Message    string
	BadElement string // the argument to blame, may be empty
}

func (e *Refusal) Error() string {
	if e.BadElement == "" {
		return e.Message
	}
	return fmt.Sprintf("%s: %s", e.Message, e.BadElement)
}

// Known reports whether Answer knows an RPC of that name.
func Known(name string) bool { _, ok := operations[name]; return ok }

// Answer performs an operational RPC. The reply is the element inside
// rpc-reply; it is nil for an RPC that answers nothing when it succeeds. The
// error is ErrUnknownRPC, a *Refusal, or a failure of the sensor.
func (r *Router) Answer(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	op, ok := operations[rpc.Name]
	if !ok {
		return nil, ErrUnknownRPC
	}
	if isPrivate(rpc) {
		return r.privateInterfaces(ctx)
	}
	if err := checkArguments(rpc); err != nil {
		return nil, err
	}
	views, err := r.asked(rpc, op.spread)
	if err != nil {
		return nil, err
	}
	reply, err := answerAll(ctx, op, views, rpc)
	var off *inactiveError
	if errors.As(err, &off) {
		return xmltree.Leaf("output", off.Error()), nil
	}
	return reply, err
}

// Text renders a reply as the CLI prints it, ending in a newline unless empty.
func Text(rpc, reply *xmltree.Element) string {
	switch {
	case reply == nil:
		return ""
	case reply.Name == "output":
		return reply.Text + "\n"
	}
	if op, ok := operations[rpc.Name]; ok && op.text != nil {
		return op.text(rpc, reply)
	}
	return ""
}

// information makes the outermost element of a reply, in the namespace that
// Junos gives the module ("junos-routing") it comes from.
func information(name, module string) *xmltree.Element {
	return xmltree.New(name).Set("xmlns", "http://xml.juniper.net/junos/"+Release+"/"+module)
}
