package dataplane

import (
	"context"
	"fmt"
	"time"

	"github.com/vishvananda/netlink"
)

// gathering is how long changes of routes are gathered before the aggregates are
// looked at: one link that fails moves many routes.
const gathering = 10 * time.Millisecond

// poke has watchAggregates look again.
func (d *Dataplane) poke() {
	select {
	case d.poked <- struct{}{}:
	default: // it is about to
	}
}

// watchAggregates follows the kernel's routes while there are aggregates.
func (d *Dataplane) watchAggregates(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-d.poked:
		}
		if d.hasAggregates() {
			if err := d.followRoutes(ctx); err != nil {
				return err
			}
		}
	}
}

func (d *Dataplane) hasAggregates() bool {
	d.aggregating.Lock()
	defer d.aggregating.Unlock()
	return len(d.aggregates) > 0
}

// followRoutes updates the aggregates after each change of a route until there
// are none, or the kernel's messages are lost.
func (d *Dataplane) followRoutes(ctx context.Context) error {
	updates := make(chan netlink.RouteUpdate, 1024)
	done := make(chan struct{})
	defer close(done)
	lost := make(chan error, 1)
	err := netlink.RouteSubscribeWithOptions(updates, done, netlink.RouteSubscribeOptions{
		ErrorCallback: func(err error) {
			select {
			case lost <- err:
			default:
			}
		},
	})
	if err != nil {
		return fmt.Errorf("watch routes: %w", err)
	}
	look := time.NewTimer(0) // for what happened before the subscription
	defer look.Stop()
	for d.hasAggregates() {
		select {
		case <-ctx.Done():
			return nil
		case <-lost: // too many at once: begin again
			d.poke()
			return nil
		case u, ok := <-updates:
			if !ok {
				d.poke()
				return nil
			}
			if !isAggregate(u.Route) {
				look.Reset(gathering)
			}
		case <-d.poked:
			look.Reset(gathering)
		case <-look.C:
			if err := d.aggregate(); err != nil {
				return err
			}
		}
	}
	return nil
}
