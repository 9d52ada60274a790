// Package dataplane is the Junos emulator's data plane inside a netns node: the
// kernel's interfaces and packet filters, FRR and an LLDP agent, seen as one thing
// that takes a committed configuration wholly or not at all, and that can be asked
// what is true.
package dataplane

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr"
	"github.com/ccl-lab/ccl/topology/netns/lldp"
	"github.com/ccl-lab/ccl/topology/netns/packetlog"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// A Dataplane is that of one routing instance, of what is in one network
// namespace: a Router is made of these. It owns the ports of its node's Identity
// that are there, the loopback, and the tagged sub-interfaces and virtual
// routers' devices it made. Other devices (management) it leaves alone.
// Its methods may be called at the same time from several goroutines.
type Dataplane struct {
	suite *frr.Suite
	id    junosemu.Identity
	space *space.Space // that it is the data plane of; nil: this process's

	applying   sync.Mutex
	mtu        map[string]int      // of devices whose MTU was changed, as it was before
	disabled   map[string]bool     // devices the last configuration disabled; nil before the first
	linkLocals map[deviceAddr]bool // that a configuration gave; the others are the kernel's
	firewall   *junosemu.Firewall  // as it is in the kernel; nil before the first
	applied    *junosemu.Intent    // the last one; nil before the first
	vrrpText   string              // that vrrpd was last given

	lldp         *lldp.Agent
	packets      *packetlog.Log
	linksChanged chan struct{} // VRRP has to be looked at

	aggregating sync.Mutex
	aggregates  []junosemu.AggregateIntent // the longest first
	poked       chan struct{}              // the aggregates have to be looked at

	watching sync.Mutex
	flaps    map[string]time.Time // by device; filled by Watch
	carrier  map[string]bool
}

var (
	_ junosemu.Dataplane = (*Dataplane)(nil)
	_ junosemu.Sensor    = (*Dataplane)(nil)
)

// New makes a data plane of the calling process's network namespace and the
// FRR that runs in it.
func New(suite *frr.Suite, id junosemu.Identity) *Dataplane { return newIn(nil, suite, id) }

// newIn is New for another namespace and the FRR that runs there.
func newIn(at *space.Space, suite *frr.Suite, id junosemu.Identity) *Dataplane {
	return &Dataplane{
		suite:      suite,
		id:         id,
		space:      at,
		mtu:        map[string]int{},
		linkLocals: map[deviceAddr]bool{},
		poked:      make(chan struct{}, 1),
		flaps:      map[string]time.Time{},
		carrier:    map[string]bool{},

		lldp:         lldp.NewAgent(at),
		packets:      packetlog.New(junosemu.FirewallLogGroup),
		linksChanged: make(chan struct{}, 1),
	}
}

// Apply moves interfaces and routing to what is wanted. When the kernel or FRR
// refuses a part, both are put back as they were; the error is FRR's
// *frr.CommandError or *frr.MismatchError, a *topology.UnsupportedError for
// what this kernel lacks, or names the device or the packet filter that the
// kernel refused to change.
func (d *Dataplane) Apply(ctx context.Context, want *junosemu.Intent) error {
	d.applying.Lock()
	defer d.applying.Unlock()
	return d.space.Do(func() error { return d.apply(ctx, want) })
}

// apply is Apply in the namespace.
func (d *Dataplane) apply(ctx context.Context, want *junosemu.Intent) error {
	if err := Prepare(); err != nil {
		return err
	}
	d.noteLinkLocals(want)
	before, err := d.readDevices()
	if err != nil {
		return err
	}
	if d.applied == nil {
		if err := d.forgetVirtual(before); err != nil {
			return err
		}
	}
	wanted := d.wanted(before, want)
	filters := d.firewall
	if err := d.change(ctx, before, wanted, want); err != nil {
		if undo := d.putBack(before, filters); undo != nil {
			return fmt.Errorf("%w (and what had changed could not be put back: %v)", err, undo)
		}
		return err
	}
	return nil
}

// restoreTimeout bounds the way back, which is taken even when the caller gave
// up. A busy machine may need many seconds for what else takes none.
const restoreTimeout = 2 * time.Minute

// putBack leads interfaces and packet filters back to what they were.
func (d *Dataplane) putBack(before map[string]device, filters *junosemu.Firewall) error {
	ctx, cancel := context.WithTimeout(context.Background(), restoreTimeout)
	defer cancel()
	return errors.Join(d.applyFirewall(ctx, filters), d.reconcile(before))
}

// change is Apply without the way back.
func (d *Dataplane) change(ctx context.Context, before, wanted map[string]device, want *junosemu.Intent) error {
	// Filters come before the addresses that they are to protect.
	if err := d.applyFirewall(ctx, want.Firewall); err != nil {
		return err
	}
	if err := d.reconcile(wanted); err != nil {
		return err
	}
	texts, err := d.texts(want)
	if err != nil {
		return err
	}
	if err := d.applyFRR(ctx, texts); err != nil {
		return err
	}
	if err := d.setAggregates(want.Aggregates); err != nil {
		return err
	}
	d.lldp.Configure(want.LLDP)
	d.applied, d.vrrpText = want, texts[vrrpd]
	d.rememberMTU(before, wanted)
	d.disabled = map[string]bool{}
	for _, i := range want.Interfaces {
		d.disabled[i.Device] = i.Disabled
	}
	return nil
}

// rememberMTU keeps the MTU that a device had before a configuration changed
// it, for the day when the configuration no longer says one.
func (d *Dataplane) rememberMTU(before, wanted map[string]device) {
	for name, w := range wanted {
		if _, known := d.mtu[name]; !known && w.mtu != before[name].mtu {
			d.mtu[name] = before[name].mtu
		}
	}
}
