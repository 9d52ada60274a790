package lldp

import (
	"errors"
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// A socket sends and receives LLDP frames on every device of the namespace.
type socket struct {
	file *os.File // reads end when it is closed
	conn interface {
		Read(func(fd uintptr) bool) error
		Write(func(fd uintptr) bool) error
	}
}

// networkOrder is the EtherType as the kernel wants it in a socket address.
const networkOrder = EtherType&0xff<<8 | EtherType>>8

func openSocket() (*socket, error) {
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, networkOrder)
	if err != nil {
		return nil, fmt.Errorf("LLDP socket: %w", err)
	}
	file := os.NewFile(uintptr(fd), "LLDP socket")
	conn, err := file.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return &socket{file: file, conn: conn}, nil
}

func (s *socket) close() error { return s.file.Close() }

// join has a device hand over frames to LLDP's group address.
func (s *socket) join(index int) error {
	return s.control(func(fd int) error {
		request := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_MULTICAST, Alen: uint16(len(Destination))}
		copy(request.Address[:], Destination)
		return unix.SetsockoptPacketMreq(fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &request)
	})
}

func (s *socket) control(do func(fd int) error) (err error) {
	controlErr := s.conn.Write(func(fd uintptr) bool {
		err = do(int(fd))
		return true
	})
	return errors.Join(controlErr, err)
}

// send sends a frame on a device.
func (s *socket) send(index int, frame []byte) error {
	to := &unix.SockaddrLinklayer{Protocol: networkOrder, Ifindex: index, Halen: uint8(len(Destination))}
	copy(to.Addr[:], Destination)
	return s.control(func(fd int) error { return unix.Sendto(fd, frame, 0, to) })
}

// receive waits for a frame of somebody else, and returns it with its device.
func (s *socket) receive(buffer []byte) (n int, device string, err error) {
	for {
		var from unix.Sockaddr
		var receiveErr error
		err := s.conn.Read(func(fd uintptr) bool {
			n, from, receiveErr = unix.Recvfrom(int(fd), buffer, 0)
			return !errors.Is(receiveErr, unix.EAGAIN)
		})
		if err := errors.Join(err, receiveErr); errors.Is(err, unix.ENETDOWN) {
			continue // some device went down
		} else if err != nil {
			return 0, "", err
		}
		link, ok := from.(*unix.SockaddrLinklayer)
		if !ok || link.Pkttype == unix.PACKET_OUTGOING {
			continue
		}
		i, err := net.InterfaceByIndex(link.Ifindex)
		if err != nil {
			continue // gone meanwhile
		}
		return n, i.Name, nil
	}
}
