package port

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	blockBytes  = 128 << 10 // holds the largest frame; small, so that many are free while one is read
	defaultRing = 16 << 20
	// retireAfter is when the kernel hands over a block that is not full. At a
	// low rate a ring lasts for this times its blocks.
	retireAfter = 16 // ms
	batchMost   = 256
)

// ring is a packet socket that receives into memory shared with the kernel
// (TPACKET_V3). The socket's receive buffer plays no part.
type ring struct {
	fd, wake int
	mem      []byte
	blocks   int

	receiving sync.Mutex // held by receive; close waits for it
	closed    atomic.Bool

	mu    sync.Mutex
	drops uint64
}

func newRing(index, size int) (_ *ring, err error) {
	if size <= 0 {
		size = defaultRing
	}
	r := &ring{fd: -1, wake: -1, blocks: max(size/blockBytes, 8)}
	defer func() {
		if err != nil {
			_ = r.close()
		}
	}()
	// Nothing arrives before bind says from where.
	if r.fd, err = unix.Socket(unix.AF_PACKET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return nil, fmt.Errorf("packet socket: %w", err)
	}
	if r.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC); err != nil {
		return nil, fmt.Errorf("eventfd: %w", err)
	}
	for _, o := range []struct {
		name       string
		opt, value int
	}{
		{"TPACKET_V3", unix.PACKET_VERSION, unix.TPACKET_V3},
		{"PACKET_IGNORE_OUTGOING", unix.PACKET_IGNORE_OUTGOING, 1},
	} {
		if err = unix.SetsockoptInt(r.fd, unix.SOL_PACKET, o.opt, o.value); err != nil {
			return nil, fmt.Errorf("%s: %w", o.name, err)
		}
	}
	if err = r.mapMemory(); err != nil {
		return nil, err
	}
	// Frames for the hardware addresses of emulated hosts must pass the device.
	mreq := unix.PacketMreq{Ifindex: int32(index), Type: unix.PACKET_MR_PROMISC}
	if err = unix.SetsockoptPacketMreq(r.fd, unix.SOL_PACKET, unix.PACKET_ADD_MEMBERSHIP, &mreq); err != nil {
		return nil, fmt.Errorf("promiscuous mode: %w", err)
	}
	if err = unix.Bind(r.fd, &unix.SockaddrLinklayer{Ifindex: index, Protocol: htons(unix.ETH_P_ALL)}); err != nil {
		return nil, fmt.Errorf("binding the packet socket: %w", err)
	}
	return r, nil
}

func (r *ring) mapMemory() (err error) {
	const frame = 2048 // V3 packs frames of any length; the kernel only wants it to divide the block
	req := unix.TpacketReq3{
		Block_size: blockBytes, Block_nr: uint32(r.blocks),
		Frame_size: frame, Frame_nr: uint32(r.blocks * blockBytes / frame),
		Retire_blk_tov: retireAfter,
	}
	if err = unix.SetsockoptTpacketReq3(r.fd, unix.SOL_PACKET, unix.PACKET_RX_RING, &req); err != nil {
		return fmt.Errorf("receive ring of %d MiB: %w", r.blocks*blockBytes>>20, err)
	}
	r.mem, err = unix.Mmap(r.fd, 0, r.blocks*blockBytes, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		return fmt.Errorf("mapping the receive ring: %w", err)
	}
	return nil
}

func (r *ring) receive(handle func([]Arrival)) error {
	r.receiving.Lock()
	defer r.receiving.Unlock()
	batch := make([]Arrival, 0, batchMost)
	fds := []unix.PollFd{{Fd: int32(r.fd), Events: unix.POLLIN}, {Fd: int32(r.wake), Events: unix.POLLIN}}
	for i := 0; !r.closed.Load(); {
		block := r.mem[i*blockBytes : (i+1)*blockBytes]
		h := (*unix.TpacketHdrV1)(unsafe.Pointer(&block[8])) // after version and offset_to_priv
		if atomic.LoadUint32(&h.Block_status)&unix.TP_STATUS_USER == 0 {
			if _, err := unix.Poll(fds, -1); err != nil && !errors.Is(err, unix.EINTR) {
				return fmt.Errorf("waiting for frames: %w", err)
			}
			if fds[0].Revents&unix.POLLERR != 0 {
				// The device went down: reading the error clears it, and the
				// socket goes on when the device is up again.
				_, _ = unix.GetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ERROR)
			}
			continue
		}
		batch = deliver(block, h, batch[:0], handle)
		atomic.StoreUint32(&h.Block_status, unix.TP_STATUS_KERNEL)
		i = (i + 1) % r.blocks
	}
	return nil
}

// deliver walks the frames of a block and hands them over in batches.
func deliver(block []byte, h *unix.TpacketHdrV1, batch []Arrival, handle func([]Arrival)) []Arrival {
	at := int(h.Offset_to_first_pkt)
	for range h.Num_pkts {
		p := (*unix.Tpacket3Hdr)(unsafe.Pointer(&block[at]))
		start := at + int(p.Mac)
		batch = append(batch, Arrival{
			Frame: block[start : start+int(p.Snaplen)],
			At:    int64(p.Sec)*1e9 + int64(p.Nsec),
		})
		if len(batch) == batchMost {
			handle(batch)
			batch = batch[:0]
		}
		at += int(p.Next_offset)
	}
	if len(batch) > 0 {
		handle(batch)
	}
	return batch[:0]
}

// filter keeps from the ring what a program does not let pass.
func (r *ring) filter(program int) error {
	if err := unix.SetsockoptInt(r.fd, unix.SOL_SOCKET, unix.SO_ATTACH_BPF, program); err != nil {
		return fmt.Errorf("SO_ATTACH_BPF: %w", err)
	}
	return nil
}

// dropped adds up PACKET_STATISTICS, which the kernel resets when it is read.
func (r *ring) dropped() (uint64, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := unix.GetsockoptTpacketStatsV3(r.fd, unix.SOL_PACKET, unix.PACKET_STATISTICS)
	if err != nil {
		return r.drops, fmt.Errorf("PACKET_STATISTICS: %w", err)
	}
	r.drops += uint64(s.Drops)
	return r.drops, nil
}

func (r *ring) close() error {
	if r.closed.Swap(true) {
		return nil
	}
	if r.wake >= 0 {
		_, _ = unix.Write(r.wake, []byte{1, 0, 0, 0, 0, 0, 0, 0})
	}
	r.receiving.Lock()
	defer r.receiving.Unlock()
	var errs []error
	if r.mem != nil {
		errs = append(errs, unix.Munmap(r.mem))
	}
	for _, fd := range []int{r.fd, r.wake} {
		if fd >= 0 {
			errs = append(errs, unix.Close(fd))
		}
	}
	return errors.Join(errs...)
}
