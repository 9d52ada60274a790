package packetlog

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// capacity is how many packets are kept: the oldest go first.
const capacity = 400

// A Log keeps what a group of the kernel's packet log says. Its methods may be
// called at the same time from several goroutines.
type Log struct {
	group uint16
	wake  chan struct{}

	mu      sync.Mutex
	entries []Entry // the oldest first
}

// New makes a log of a group. It listens from Start on, while Run runs.
func New(group uint16) *Log { return &Log{group: group, wake: make(chan struct{}, 1)} }

// Start has Run listen: what only few need of the kernel is not asked of all.
func (l *Log) Start() {
	select {
	case l.wake <- struct{}{}:
	default: // it is about to
	}
}

// Entries are the last packets, the youngest first.
func (l *Log) Entries() []Entry {
	l.mu.Lock()
	defer l.mu.Unlock()
	all := slices.Clone(l.entries)
	slices.Reverse(all)
	return all
}

// Clear forgets all packets.
func (l *Log) Clear() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.entries = nil
}

func (l *Log) add(e Entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.entries) >= capacity {
		l.entries = slices.Delete(l.entries, 0, len(l.entries)-capacity+1)
	}
	l.entries = append(l.entries, e)
}

// Run waits for Start and then listens, until the context ends.
func (l *Log) Run(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-l.wake:
	}
	file, err := openGroup(l.group)
	if err != nil {
		return fmt.Errorf("packet log: %w", err)
	}
	stop := context.AfterFunc(ctx, func() { file.Close() })
	defer stop()
	buffer := make([]byte, 1<<16)
	for {
		n, err := file.Read(buffer)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, unix.ENOBUFS):
			continue // more than can be noted: some are lost
		case err != nil:
			return errors.Join(fmt.Errorf("packet log: %w", err), file.Close())
		}
		l.read(buffer[:n])
	}
}

// Lengths of a netlink message's head, and of the head of netfilter's in it.
const (
	headLength      = unix.SizeofNlMsghdr
	netfilterLength = 4
)

// packetMessage is the type of a message with a packet: the subsystem's number
// and 0.
const packetMessage = unix.NFNL_SUBSYS_ULOG << 8

// read notes the packets in what the kernel sent.
func (l *Log) read(b []byte) {
	for len(b) >= headLength {
		length, kind := int(binary.NativeEndian.Uint32(b)), binary.NativeEndian.Uint16(b[4:])
		if length < headLength || length > len(b) {
			return
		}
		if kind == packetMessage && length >= headLength+netfilterLength {
			if e, err := parseMessage(b[headLength+netfilterLength:length], time.Now()); err == nil {
				l.add(e)
			}
		}
		b = b[min((length+3)&^3, len(b)):]
	}
}

// What a group is told (linux/netfilter/nfnetlink_log.h).
const (
	configMessage = unix.NFNL_SUBSYS_ULOG<<8 | 1
	configCommand = 1
	commandBind   = 1
	configMode    = 2
	copyPacket    = 2
	configQueue   = 5 // messages to gather before they are sent
)

// snapLength is how much of a packet is asked for: its headers.
const snapLength = 128

// openGroup opens a socket on a group of the packet log.
func openGroup(group uint16) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_NETFILTER)
	if err != nil {
		return nil, err
	}
	mode := binary.BigEndian.AppendUint32(nil, snapLength)
	for _, attr := range [][]byte{
		attribute(configCommand, []byte{commandBind}),
		attribute(configMode, append(mode, copyPacket, 0)),
		attribute(configQueue, binary.BigEndian.AppendUint32(nil, 1)),
	} {
		if err := request(fd, group, attr); err != nil {
			return nil, errors.Join(err, unix.Close(fd))
		}
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		return nil, errors.Join(err, unix.Close(fd))
	}
	return os.NewFile(uintptr(fd), "packet log"), nil
}

// attribute is a netlink attribute, padded.
func attribute(kind uint16, value []byte) []byte {
	b := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	b = append(binary.NativeEndian.AppendUint16(b, kind), value...)
	return append(b, make([]byte, -len(b)&3)...)
}

// request tells the group something, and waits for the kernel's consent.
func request(fd int, group uint16, attr []byte) error {
	b := binary.NativeEndian.AppendUint32(nil, uint32(headLength+netfilterLength+len(attr)))
	b = binary.NativeEndian.AppendUint16(b, configMessage)
	b = binary.NativeEndian.AppendUint16(b, unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	b = append(b, make([]byte, 8)...) // sequence and port
	b = append(b, unix.AF_UNSPEC, 0)  // family, version
	b = binary.BigEndian.AppendUint16(b, group)
	if err := unix.Sendto(fd, append(b, attr...), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 1<<16)
	for {
		n, _, err := unix.Recvfrom(fd, answer, 0)
		if err != nil {
			return err
		}
		if n < headLength+4 || binary.NativeEndian.Uint16(answer[4:]) != unix.NLMSG_ERROR {
			continue // a packet of a group that is bound already
		}
		if code := int32(binary.NativeEndian.Uint32(answer[headLength:])); code != 0 {
			return unix.Errno(-code)
		}
		return nil
	}
}
