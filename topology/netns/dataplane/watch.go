package dataplane

import (
	"context"
	"fmt"
	"time"

	"github.com/vishvananda/netlink"
	"golang.org/x/sync/errgroup"
	"golang.org/x/sys/unix"
)

// Watch notes when links lose and gain their carrier, for LinkState.LastFlap,
// does what VRRP makes of it, keeps aggregate routes while others contribute to
// them, speaks LLDP, and notes the packets that filters log. It returns when the
// context ends, with what went wrong meanwhile, or with an error when the
// kernel's messages cannot be had.
func (d *Dataplane) Watch(ctx context.Context) error {
	g, ctx := errgroup.WithContext(ctx)
	for _, watch := range []func(context.Context) error{
		d.watchLinks, d.watchAggregates, d.watchVRRP, d.lldp.Run, d.packets.Run,
	} {
		g.Go(func() error { return d.space.Do(func() error { return watch(ctx) }) })
	}
	return g.Wait()
}

func (d *Dataplane) watchLinks(ctx context.Context) error {
	updates := make(chan netlink.LinkUpdate, 64)
	done := make(chan struct{})
	defer close(done)
	failed := make(chan error, 1)
	err := netlink.LinkSubscribeWithOptions(updates, done, netlink.LinkSubscribeOptions{
		ListExisting:  true,
		ErrorCallback: func(err error) { failed <- err },
	})
	if err != nil {
		return fmt.Errorf("watch interfaces: %w", err)
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-failed:
			return fmt.Errorf("watch interfaces: %w", err)
		case u, ok := <-updates:
			if !ok {
				return fmt.Errorf("watch interfaces: %w", <-failed)
			}
			d.note(u.Attrs().Name, u.Attrs().RawFlags&unix.IFF_LOWER_UP != 0)
			d.poke() // the kernel tells of links, not of the routes that they take down
			d.pokeVRRP()
		}
	}
}

// note records a device's carrier; the first sight of a device is no flap.
func (d *Dataplane) note(device string, carrier bool) {
	d.watching.Lock()
	defer d.watching.Unlock()
	before, known := d.carrier[device]
	d.carrier[device] = carrier
	if known && before != carrier {
		d.flaps[device] = time.Now()
	}
	switch {
	case carrier && !before:
		d.lldp.Speak()
	case !carrier:
		d.lldp.Forget(device)
	}
}

func (d *Dataplane) lastFlap(device string) time.Time {
	d.watching.Lock()
	defer d.watching.Unlock()
	return d.flaps[device]
}
