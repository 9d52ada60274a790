package port

import (
	"fmt"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

// maxBatch is how many frames go into one sendmmsg(2). More gain little.
const maxBatch = 64

// mmsghdr is struct mmsghdr of <sys/socket.h>.
type mmsghdr struct {
	hdr unix.Msghdr
	len uint32
	_   [4]byte
}

// sender is a packet socket that only sends.
type sender struct {
	fd int

	mu   sync.Mutex
	msgs [maxBatch]mmsghdr
	iovs [maxBatch]unix.Iovec
}

func newSender(index int) (*sender, error) {
	// Protocol 0: the socket receives nothing.
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	s := &sender{fd: fd}
	for i := range s.msgs {
		s.msgs[i].hdr.Iov = &s.iovs[i]
		s.msgs[i].hdr.SetIovlen(1)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Ifindex: index}); err != nil {
		_ = s.close()
		return nil, fmt.Errorf("binding the packet socket: %w", err)
	}
	if err := unix.SetsockoptInt(fd, unix.SOL_PACKET, unix.PACKET_QDISC_BYPASS, 1); err != nil {
		_ = s.close()
		return nil, fmt.Errorf("PACKET_QDISC_BYPASS: %w", err)
	}
	const buffer = 4 << 20
	if unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUFFORCE, buffer) != nil {
		_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_SNDBUF, buffer) // within wmem_max
	}
	return s, nil
}

// send passes up to maxBatch frames on and returns how many the kernel took.
func (s *sender) send(frames [][]byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := min(len(frames), maxBatch)
	for i, f := range frames[:n] {
		s.iovs[i].Base = &f[0]
		s.iovs[i].SetLen(len(f))
	}
	if s.fd < 0 {
		return 0, unix.EBADF
	}
	for {
		sent, _, errno := unix.Syscall6(unix.SYS_SENDMMSG, uintptr(s.fd), uintptr(unsafe.Pointer(&s.msgs[0])), uintptr(n), 0, 0, 0)
		switch errno {
		case 0:
			runtime.KeepAlive(frames)
			return int(sent), nil
		case unix.EINTR:
		default:
			return 0, errno
		}
	}
}

// running says that a device of the socket's namespace is up and has carrier.
func (s *sender) running(device string) bool {
	const up = unix.IFF_UP | unix.IFF_RUNNING
	ifr, err := unix.NewIfreq(device)
	if err != nil || unix.IoctlIfreq(s.fd, unix.SIOCGIFFLAGS, ifr) != nil {
		return false
	}
	return ifr.Uint16()&up == up
}

func (s *sender) close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.fd < 0 {
		return nil
	}
	fd := s.fd
	s.fd = -1
	return unix.Close(fd)
}
