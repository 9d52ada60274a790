package netns

import (
	"errors"
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
)

// portPair is where a Junos node accepts SSH and NETCONF.
type portPair struct{ ssh, netconf uint16 }

// portPairs are tried in this order: the ports engineers expect, and those for
// hosts where they cannot be had, because only root may, or because the host's
// own SSH server listens on all addresses.
var portPairs = []portPair{{22, 830}, {2022, 2830}}

// choosePorts returns the first pair that can be had on a loopback address that
// no lab uses.
func choosePorts() (portPair, error) {
	// By chance, so that two deployments do not meet.
	free := netip.AddrFrom4([4]byte{127, 255, byte(rand.N(256)), byte(1 + rand.N(254))})
	var errs []error
	for _, ports := range portPairs {
		l, err := listenOn(free, ports)
		if err == nil {
			l.close()
			return ports, nil
		}
		errs = append(errs, err)
	}
	return portPair{}, fmt.Errorf("no ports for management sessions: %w", errors.Join(errs...))
}

// loopback returns the n-th address that a node may have: 127.x.y.z made from
// its name, and the following ones. 127.0.0.0/16, and 127.255.0.0/16 where
// choosePorts tries, are left alone.
func loopback(lab, node string, n int) netip.Addr {
	h := fnv.New32a()
	h.Write([]byte(lab + "/" + node))
	const hosts = 254 * 254 * 254
	i := (h.Sum32()%hosts + uint32(n)) % hosts
	return netip.AddrFrom4([4]byte{127, byte(1 + i/(254*254)), byte(1 + i/254%254), byte(1 + i%254)})
}

// listeners are the sockets of a Junos node, in the host's namespace.
type listeners struct {
	ssh, netconf *os.File
	access       topology.Access
}

// listen opens the listeners of a node on the first of its addresses that is free.
func listen(lab, node string, ports portPair) (*listeners, error) {
	const tries = 100
	var err error
	for n := range tries {
		var l *listeners
		if l, err = listenOn(loopback(lab, node, n), ports); err == nil {
			return l, nil
		}
		if !errors.Is(err, unix.EADDRINUSE) {
			break
		}
	}
	return nil, err
}

func listenOn(addr netip.Addr, ports portPair) (*listeners, error) {
	ssh, err := listenTCP(netip.AddrPortFrom(addr, ports.ssh))
	if err != nil {
		return nil, err
	}
	netconf, err := listenTCP(netip.AddrPortFrom(addr, ports.netconf))
	if err != nil {
		ssh.Close()
		return nil, err
	}
	return &listeners{ssh: ssh, netconf: netconf, access: topology.Access{
		Host: addr.String(), SSHPort: int(ports.ssh), NetconfPort: int(ports.netconf), Credentials: Credentials,
	}}, nil
}

// listenTCP returns a listening socket as a file, to be given to a node.
func listenTCP(addr netip.AddrPort) (*os.File, error) {
	l, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(addr))
	if err != nil {
		return nil, err
	}
	defer l.Close() // the file is a duplicate
	return l.File()
}

func (l *listeners) files() []*os.File { return []*os.File{l.ssh, l.netconf} }

func (l *listeners) close() {
	l.ssh.Close()
	l.netconf.Close()
}
