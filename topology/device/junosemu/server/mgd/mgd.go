// Package mgd is what Junos calls the management daemon: the part of the
// router that NETCONF and the CLI have in common. It knows who is logged in,
// gives each of them a session with the configuration store, and answers
// operational requests from the data plane and from the store.
package mgd

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/config"
	"github.com/ccl-lab/ccl/topology/device/junosemu/intent"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/store"
)

// Options say what a router is made of.
type Options struct {
	Identity  junosemu.Identity
	Dir       string // of the configuration store
	Startup   string // committed if the store is empty; empty: the factory configuration
	Dataplane junosemu.Dataplane
	Sensor    junosemu.Sensor
	Logf      func(format string, args ...any)
	// Power switches the router off, and on again unless off; nil: it cannot be.
	Power func(off bool)
	Files string // directory of what users save
}

// A Daemon is one router's management. It is safe for concurrent use.
type Daemon struct {
	id      junosemu.Identity
	store   *store.Store
	router  *oper.Router
	started time.Time
	power   func(off bool)
	disk    Disk
	journal journal

	mu       sync.Mutex
	lastID   int
	sessions map[int]*Session
	compiled compiled
}

// compiled is what a configuration means, kept while it runs.
type compiled struct {
	root      *config.Node
	effective *config.Node // with groups, ranges and apply-paths
	intent    *junosemu.Intent
	services  Services
}

// Open opens the store, which makes the data plane what the running
// configuration says.
func Open(ctx context.Context, o Options) (*Daemon, error) {
	startup := o.Startup
	if startup == "" {
		startup = fmt.Sprintf("system {\n    host-name %s;\n}\n", o.Identity.Name)
	}
	d := &Daemon{
		id: o.Identity, started: time.Now(), sessions: map[int]*Session{},
		power: o.Power, disk: Disk{o.Files},
	}
	var err error
	d.store, err = store.Open(ctx, store.Options{
		Dir: o.Dir, Identity: o.Identity, Dataplane: o.Dataplane, Startup: startup,
		Logf: func(format string, args ...any) {
			d.note("mgd[1]", format, args...)
			d.broadcast(format, args...)
			if o.Logf != nil {
				o.Logf(format, args...)
			}
		},
	})
	if err != nil {
		return nil, err
	}
	d.note("mgd[1]", "the router has started")
	d.router = &oper.Router{
		Identity: o.Identity, Sensor: o.Sensor, Hostname: d.Hostname, Intent: d.intent,
		Started: d.started, LastCommit: d.lastCommit, BGP: d.bgpConfig, Families: d.families, Bound: d.bound, Configured: d.configured,
		Users: func() int { return len(d.logins()) }, Now: time.Now,
	}
	return d, nil
}

// Close ends every session and closes the store.
func (d *Daemon) Close() error {
	d.mu.Lock()
	var all []*Session
	for _, s := range d.sessions {
		all = append(all, s)
	}
	d.mu.Unlock()
	for _, s := range all {
		s.hangUp()
		s.End()
	}
	return d.store.Close()
}

// intent is what the running configuration means. A running configuration
// that does not compile cannot be: the commit would have been refused.
func (d *Daemon) intent() *junosemu.Intent { return d.compile().intent }

func (d *Daemon) compile() compiled {
	running := d.store.Running()
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.compiled.root != running.Root() || d.compiled.intent == nil {
		in, _, err := intent.Compile(running, d.id)
		if err != nil || in == nil {
			in = &junosemu.Intent{}
		}
		effective := running.Effective().Root()
		d.compiled = compiled{running.Root(), effective, in, servicesOf(effective)}
	}
	return d.compiled
}

// Hostname is the configured host name, or the node's name.
func (d *Daemon) Hostname() string {
	if name := d.intent().Hostname; name != "" {
		return name
	}
	return d.id.Name
}

// lastCommit is when and by whom the running configuration was committed.
func (d *Daemon) lastCommit() (time.Time, string) {
	if history := d.store.History(); len(history) > 0 {
		return history[0].Time, history[0].User
	}
	return time.Time{}, ""
}
