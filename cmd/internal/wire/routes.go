package wire

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// routesCommand is the program's own word for the process that speaks BGP.
const routesCommand = "__routes"

// Speaker opens a BGP session in a process of its own.
func Speaker(ctx context.Context, spec routes.Spec, within time.Duration) (*routes.Speaker, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return routes.Start(ctx, spec, within, self, routesCommand)
}

// session opens a BGP session from the host of a port.
func session(ctx context.Context, at trafficgen.PortID, spec routes.Spec, within time.Duration) (routes.Session, error) {
	spec.NetNS = at.NetNS
	if !spec.Local.IsValid() {
		var err error
		if spec.Local, err = AddressBeside(at, spec.Peer); err != nil {
			return nil, err
		}
	}
	s, err := Speaker(ctx, spec, within)
	if err != nil {
		return nil, err
	}
	return s, nil
}

// AddressBeside is the address of a port's device on the network of another.
func AddressBeside(id trafficgen.PortID, neighbor netip.Addr) (netip.Addr, error) {
	p, err := port.Open(id, port.Settings{})
	if err != nil {
		return netip.Addr{}, err
	}
	defer p.Close()
	for _, a := range p.Link().Addrs {
		if a.Contains(neighbor) {
			return a.Addr(), nil
		}
	}
	return netip.Addr{}, fmt.Errorf("%s has no address on the network of %v", port.Name(id), neighbor)
}
