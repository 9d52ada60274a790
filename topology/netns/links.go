package netns

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"os"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"

	"github.com/ccl-lab/ccl/topology"
)

// defaultMTU is that of a link whose file gives none, in bytes: what Junos gives
// an Ethernet interface.
const defaultMTU = 1500

// link makes every link of the lab, straight into its nodes' namespaces.
func (d *deployment) link() error {
	spaces := map[string]*space{}
	defer func() {
		for _, s := range spaces {
			s.close()
		}
	}()
	for i, n := range d.topology.Nodes {
		s, err := openSpace(d.nodes[i].PID)
		if err != nil {
			return fmt.Errorf("node %s: %w", n.Name, err)
		}
		spaces[n.Name] = s
	}
	for _, l := range d.topology.Links {
		if err := d.veth(l, spaces[l.A.Node], spaces[l.B.Node]); err != nil {
			return fmt.Errorf("link %s to %s: %w", l.A, l.B, err)
		}
	}
	return nil
}

// veth makes one link. The request comes from within the namespace of one end,
// so that it needs no right over the host's.
func (d *deployment) veth(l *topology.Link, a, b *space) error {
	mtu := l.MTU
	if mtu == 0 {
		mtu = defaultMTU
	}
	attrs := netlink.NewLinkAttrs()
	attrs.Name, attrs.MTU, attrs.HardwareAddr = l.A.Device, mtu, d.mac(l.A)
	pair := &netlink.Veth{
		LinkAttrs: attrs, PeerName: l.B.Device, PeerMTU: uint32(mtu),
		PeerHardwareAddr: d.mac(l.B), PeerNamespace: netlink.NsFd(int(b.file.Fd())),
	}
	if err := a.handle.LinkAdd(pair); err != nil {
		if errors.Is(err, unix.EOPNOTSUPP) {
			return &topology.UnsupportedError{Pos: l.Pos, What: "link type veth", Why: "this kernel has no veth devices", Hint: "load the module veth"}
		}
		return err
	}
	if err := a.dress(l.A); err != nil {
		return err
	}
	return b.dress(l.B)
}

// mac is the address of an endpoint: the file's, or one made from its name, so
// that it is the same in every deployment.
func (d *deployment) mac(e topology.Endpoint) net.HardwareAddr {
	if mac, err := net.ParseMAC(e.MAC); err == nil {
		return mac
	}
	h := fnv.New64a()
	fmt.Fprintf(h, "%s/%s/%s", d.topology.Name, e.Node, e.Device)
	sum := h.Sum(nil)
	return net.HardwareAddr{0x02, sum[3], sum[4], sum[5], sum[6], sum[7]} // locally administered
}

// A space is a node's network namespace, and a way to make links in it.
type space struct {
	file   *os.File
	handle *netlink.Handle
}

// openSpace opens the namespace of a process. The sockets are made by a thread
// that enters the namespace and then ends.
func openSpace(pid int) (*space, error) {
	file, err := os.Open(netnsPath(pid))
	if err != nil {
		return nil, err
	}
	var handle *netlink.Handle
	onThrowawayThread(func() {
		if err = unix.Setns(int(file.Fd()), unix.CLONE_NEWNET); err != nil {
			err = fmt.Errorf("enter %s: %w", file.Name(), err)
			return
		}
		handle, err = netlink.NewHandle(unix.NETLINK_ROUTE)
	})
	if err != nil {
		file.Close()
		return nil, err
	}
	return &space{file, handle}, nil
}

func (s *space) close() {
	s.handle.Close()
	s.file.Close()
}

// dress gives an end its Junos name as alias.
func (s *space) dress(e topology.Endpoint) error {
	if e.Interface == e.Device {
		return nil
	}
	link, err := s.handle.LinkByName(e.Device)
	if err != nil {
		return err
	}
	return s.handle.LinkSetAlias(link, e.Interface)
}
