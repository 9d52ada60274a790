package dataplane

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"sync"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// A Router is the data plane of a whole router: that of its master instance, and
// one for each of its routing instances.
//
// An instance is a network namespace with an FRR of its own: the same on every
// kernel, also on those without VRF devices, and for ordinary users. (zebra can
// keep namespaces as VRFs itself. But FRR 8.4's daemons then print the statements
// of interfaces without their VRF, so that two devices of one name are one, and
// what they run cannot be told from what they should.) The ports of an instance's
// interfaces are moved into its namespace.
//
// What it says as a Sensor is the master instance's. Its methods may be called
// at the same time from several goroutines.
type Router struct {
	*Dataplane // the master instance's
	// NameDir, if set, is where the namespaces of routing instances have their
	// names: /run/netns, for "ip netns exec NAME".
	NameDir string

	id   junosemu.Identity
	opts frr.Options
	home *space.Space // of the master instance

	committing sync.Mutex
	before     *junosemu.Intent // the last one that was applied; nil before the first

	mu        sync.RWMutex
	instances map[string]*instance
	moving    sync.RWMutex // held while devices move
	failures  chan error   // of the instances' watching
}

var (
	_ junosemu.Dataplane      = (*Router)(nil)
	_ junosemu.InstanceSensor = (*Router)(nil)
)

// NewRouter makes the data plane of a router in the calling process's network
// namespace. suite is the FRR that runs there, opts what it was started with:
// instances get directories of their own below the same.
func NewRouter(suite *frr.Suite, opts frr.Options, id junosemu.Identity) (*Router, error) {
	home, err := space.Own()
	if err != nil {
		return nil, err
	}
	return &Router{
		Dataplane: New(suite, id), id: id, opts: opts, home: home,
		instances: map[string]*instance{}, failures: make(chan error, 16),
	}, nil
}

// Apply moves the whole router to what is wanted, or leaves it as it was. The
// errors are Dataplane.Apply's; those of a routing instance name it.
func (r *Router) Apply(ctx context.Context, want *junosemu.Intent) error {
	r.committing.Lock()
	defer r.committing.Unlock()
	if len(want.Instances) == 0 && len(r.names()) == 0 {
		err := r.Dataplane.Apply(ctx, want)
		if err == nil {
			r.before = want
		}
		return err
	}
	fresh, err := r.open(ctx, want.Instances)
	if err == nil {
		err = r.change(ctx, want)
	}
	if err != nil {
		if undo := r.goBack(fresh); undo != nil {
			return fmt.Errorf("%w (and what had changed could not be put back: %v)", err, undo)
		}
		return err
	}
	r.before = want
	return r.closeAll(func(name string) bool { return find(want.Instances, name) == nil })
}

// change leads every instance to what is wanted.
func (r *Router) change(ctx context.Context, want *junosemu.Intent) error {
	speech, err := r.speech(want)
	if err != nil {
		return err
	}
	if err := r.relocate(want); err != nil {
		return err
	}
	master := *want
	master.LLDP = speech[""]
	if err := r.Dataplane.Apply(ctx, &master); err != nil {
		return err
	}
	for _, i := range want.Instances {
		own := i.Intent
		own.LLDP = speech[i.Name]
		if err := r.instance(i.Name).plane.Apply(ctx, &own); err != nil {
			return fmt.Errorf("routing instance %s: %w", i.Name, err)
		}
	}
	return nil
}

// goBack leads every instance to what it was, and closes the fresh ones.
func (r *Router) goBack(fresh []string) error {
	before := r.before
	if before == nil {
		before = &junosemu.Intent{FRR: map[string]string{}}
	}
	ctx, cancel := context.WithTimeout(context.Background(), restoreTimeout)
	defer cancel()
	return errors.Join(r.change(ctx, before), r.closeAll(func(name string) bool { return slices.Contains(fresh, name) }))
}

// speech is what LLDP says in each instance, "" being the master one: a port is
// spoken on where it is. All have the chassis ID in common.
func (r *Router) speech(want *junosemu.Intent) (map[string]*junosemu.LLDP, error) {
	parts := map[string]*junosemu.LLDP{}
	if want.LLDP == nil {
		return parts, nil
	}
	whole := *want.LLDP
	err := r.In(whole.Chassis, func() error {
		if i, err := net.InterfaceByName(whole.Chassis); err == nil && len(i.HardwareAddr) > 0 {
			whole.Chassis = i.HardwareAddr.String()
		}
		return nil // a router without that port
	})
	if err != nil {
		return nil, err
	}
	owners := owners(want)
	for _, p := range whole.Ports {
		name := owners[p.Device]
		if parts[name] == nil {
			part := whole
			part.Ports = nil
			parts[name] = &part
		}
		parts[name].Ports = append(parts[name].Ports, p)
	}
	return parts, nil
}

// owners are the routing instances of the ports that are in one, by device.
func owners(want *junosemu.Intent) map[string]string {
	owners := map[string]string{}
	for _, i := range want.Instances {
		for _, unit := range i.Interfaces {
			if unit.VLAN == 0 && unit.Device != loopback {
				owners[unit.Device] = i.Name
			}
		}
	}
	return owners
}

func find(instances []junosemu.Instance, name string) *junosemu.Instance {
	for i := range instances {
		if instances[i].Name == name {
			return &instances[i]
		}
	}
	return nil
}
