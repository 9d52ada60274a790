package dataplane

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/frr"
)

// FRR runs an operational command in one daemon. A daemon that does not run is
// junosemu.ErrNotRunning. An answer that FRR marks as a warning ("no such
// neighbor", in the JSON that was asked for) is an answer; a command that it
// does not know is a *frr.CommandError.
func (d *Dataplane) FRR(ctx context.Context, daemon, command string) ([]byte, error) {
	out, err := d.suite.Command(ctx, daemon, command)
	var refused *frr.CommandError
	switch {
	case errors.Is(err, frr.ErrNotRunning):
		return nil, fmt.Errorf("%s: %w", daemon, junosemu.ErrNotRunning)
	case errors.As(err, &refused) && refused.Status == frr.StatusWarning && out != "":
		return []byte(out), nil
	}
	return []byte(out), err
}

// Links are the devices of the router, the loopback and unmanaged ones
// included, in the kernel's order.
func (d *Dataplane) Links(context.Context) (states []junosemu.LinkState, err error) {
	err = d.space.Do(func() error {
		states, err = d.links()
		return err
	})
	return states, err
}

// links is Links in the namespace.
func (d *Dataplane) links() ([]junosemu.LinkState, error) {
	links, err := readLinks()
	if err != nil {
		return nil, fmt.Errorf("list interfaces: %w", err)
	}
	addresses, err := readAddresses()
	if err != nil {
		return nil, err
	}
	var states []junosemu.LinkState
	for _, l := range links {
		state := linkState(l.Attrs())
		state.Addresses = addresses[state.Index]
		state.LastFlap = d.lastFlap(state.Device)
		states = append(states, state)
	}
	return states, nil
}

func linkState(a *netlink.LinkAttrs) junosemu.LinkState {
	s := junosemu.LinkState{
		Device: a.Name, Index: a.Index, MAC: a.HardwareAddr.String(), MTU: a.MTU,
		AdminUp:   a.RawFlags&unix.IFF_UP != 0,
		CarrierUp: a.RawFlags&unix.IFF_LOWER_UP != 0,
	}
	if st := a.Statistics; st != nil {
		s.RxPackets, s.TxPackets = st.RxPackets, st.TxPackets
		s.RxBytes, s.TxBytes = st.RxBytes, st.TxBytes
		s.RxErrors, s.TxErrors = st.RxErrors, st.TxErrors
		s.RxDropped, s.TxDropped = st.RxDropped, st.TxDropped
	}
	return s
}

// Exec runs a program inside the router. It is killed when the context ends;
// what it had printed by then comes with the error.
func (d *Dataplane) Exec(ctx context.Context, argv ...string) ([]byte, error) {
	if len(argv) == 0 {
		return nil, errors.New("no program to run")
	}
	var out []byte
	err := d.space.Do(func() (err error) {
		out, err = exec.CommandContext(ctx, argv[0], argv[1:]...).CombinedOutput()
		return err
	})
	if ctx.Err() != nil {
		return out, fmt.Errorf("%s: %w", argv[0], context.Cause(ctx))
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		return out, err
	}
	return out, nil
}
