package port

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	xskChunk  = 4096 // a page, the most that holds one frame
	xskFrames = 1024 // chunks, and entries of the rings; a power of two
	// xskBudget is how many frames one call may send: 32 unless asked for more.
	xskBudget = 512
	// xskInvalid among the options, where nothing is defined, makes the kernel
	// skip a descriptor. The lowest bit must not be set: it says that the next
	// descriptor is of the same frame.
	xskInvalid = 1 << 31
)

// xsk is an AF_XDP socket that only sends, in copy mode: the kernel takes frames
// from memory that it shares with this process, many in one call, without the
// cost of a message each. It works with every driver, and no program is needed.
// It sends within the call that asks for it and at no other time.
type xsk struct {
	fd      int
	name    string
	carrier func(refused time.Duration) bool

	mu          sync.Mutex
	memory      []byte          // the chunks
	free        []uint64        // addresses of those that are nobody's
	lent        [xskFrames]bool // the others, by their place
	withdrawn   []uint64        // of those that the kernel is to skip
	tx, done    xskRing
	descriptors []unix.XDPDesc // of tx
	completed   []uint64       // of done
	refused     atomic.Uint64
}

// xskRing is a ring's two indices; they count up and wrap at 32 bits.
type xskRing struct {
	mem                []byte
	producer, consumer *uint32
}

func (r xskRing) pending() uint32 {
	return atomic.LoadUint32(r.producer) - atomic.LoadUint32(r.consumer)
}

// Express implements Express with AF_XDP.
func (k *kernel) Express() (Sender, error) {
	x := &xsk{fd: -1, name: k.link.Name, carrier: k.carrier}
	if err := inNamespace(k.ns, func() error { return x.open(k.index) }); err != nil {
		_ = x.Close()
		return nil, fmt.Errorf("%s: AF_XDP: %w", k.link.Name, err)
	}
	return x, nil
}

func (x *xsk) open(index int) (err error) {
	if x.fd, err = unix.Socket(unix.AF_XDP, unix.SOCK_RAW|unix.SOCK_CLOEXEC, 0); err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	x.memory, err = unix.Mmap(-1, 0, xskChunk*xskFrames, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_POPULATE)
	if err != nil {
		return fmt.Errorf("memory for frames: %w", err)
	}
	for i := range uint64(xskFrames) {
		x.free = append(x.free, i*xskChunk)
	}
	region := unix.XDPUmemReg{Addr: uint64(uintptr(unsafe.Pointer(&x.memory[0]))), Len: uint64(len(x.memory)), Size: xskChunk}
	if err = x.set(unix.XDP_UMEM_REG, unsafe.Pointer(&region), unsafe.Sizeof(region)); err != nil {
		return fmt.Errorf("XDP_UMEM_REG: %w", err)
	}
	for _, o := range []struct {
		name  string
		opt   int
		value int
	}{
		{"XDP_UMEM_FILL_RING", unix.XDP_UMEM_FILL_RING, 64}, // must be there; nothing is received
		{"XDP_UMEM_COMPLETION_RING", unix.XDP_UMEM_COMPLETION_RING, xskFrames},
		{"XDP_TX_RING", unix.XDP_TX_RING, xskFrames},
	} {
		if err = unix.SetsockoptInt(x.fd, unix.SOL_XDP, o.opt, o.value); err != nil {
			return fmt.Errorf("%s: %w", o.name, err)
		}
	}
	if err = x.mapRings(); err != nil {
		return err
	}
	// Before Linux 6.17 a call sends 32 frames and has to be made more often.
	_ = unix.SetsockoptInt(x.fd, unix.SOL_XDP, unix.XDP_MAX_TX_SKB_BUDGET, xskBudget)
	if err = unix.Bind(x.fd, &unix.SockaddrXDP{Flags: unix.XDP_COPY, Ifindex: uint32(index)}); err != nil {
		return fmt.Errorf("binding to the device: %w", err)
	}
	return nil
}

func (x *xsk) set(option int, value unsafe.Pointer, length uintptr) error {
	_, _, errno := unix.Syscall6(unix.SYS_SETSOCKOPT, uintptr(x.fd), unix.SOL_XDP, uintptr(option), uintptr(value), length, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func (x *xsk) mapRings() error {
	var at unix.XDPMmapOffsets
	length := uint32(unsafe.Sizeof(at))
	if _, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(x.fd), unix.SOL_XDP, unix.XDP_MMAP_OFFSETS,
		uintptr(unsafe.Pointer(&at)), uintptr(unsafe.Pointer(&length)), 0); errno != 0 {
		return fmt.Errorf("XDP_MMAP_OFFSETS: %w", errno)
	}
	for _, r := range []struct {
		to   *xskRing
		at   unix.XDPRingOffset
		page int64
		size uintptr
	}{
		{&x.tx, at.Tx, unix.XDP_PGOFF_TX_RING, unsafe.Sizeof(unix.XDPDesc{})},
		{&x.done, at.Cr, unix.XDP_UMEM_PGOFF_COMPLETION_RING, 8},
	} {
		mem, err := unix.Mmap(x.fd, r.page, int(r.at.Desc)+xskFrames*int(r.size), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED|unix.MAP_POPULATE)
		if err != nil {
			return fmt.Errorf("mapping a ring: %w", err)
		}
		*r.to = xskRing{mem, (*uint32)(unsafe.Pointer(&mem[r.at.Producer])), (*uint32)(unsafe.Pointer(&mem[r.at.Consumer]))}
	}
	x.descriptors = unsafe.Slice((*unix.XDPDesc)(unsafe.Pointer(&x.tx.mem[at.Tx.Desc])), xskFrames)
	x.completed = unsafe.Slice((*uint64)(unsafe.Pointer(&x.done.mem[at.Cr.Desc])), xskFrames)
	return nil
}

// Send implements Sender. It returns when the kernel has taken the frames.
func (x *xsk) Send(frames [][]byte) (int, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	for done := 0; done < len(frames); {
		n, err := x.post(frames[done:])
		if err != nil {
			return done, err
		}
		if err := x.flush(n == 0); err != nil {
			return done, err
		}
		done += n
	}
	return len(frames), nil
}

// post puts as many frames as there is room for into the ring.
func (x *xsk) post(frames [][]byte) (n int, err error) {
	x.reclaim()
	producer := atomic.LoadUint32(x.tx.producer)
	for n = 0; n < len(frames) && len(x.free) > 0 && int(x.tx.pending())+n < xskFrames; n++ {
		if len(frames[n]) > xskChunk {
			err = fmt.Errorf("%s: a frame of %d bytes does not fit AF_XDP's %d", x.name, len(frames[n]), xskChunk)
			break
		}
		at := x.free[len(x.free)-1]
		x.free = x.free[:len(x.free)-1]
		x.lent[at/xskChunk] = true
		copy(x.memory[at:], frames[n])
		x.descriptors[(producer+uint32(n))%xskFrames] = unix.XDPDesc{Addr: at, Len: uint32(len(frames[n]))}
	}
	atomic.StoreUint32(x.tx.producer, producer+uint32(n))
	return n, err
}

// reclaim takes back the chunks of frames that have left, and, when the kernel
// has come past all, of those that it was to skip: some versions hand these
// back as if they had left, others do not.
func (x *xsk) reclaim() {
	n, consumer := x.done.pending(), atomic.LoadUint32(x.done.consumer)
	for i := range n {
		x.takeBack(x.completed[(consumer+i)%xskFrames])
	}
	atomic.StoreUint32(x.done.consumer, consumer+n)
	if len(x.withdrawn) > 0 && x.tx.pending() == 0 {
		for _, at := range x.withdrawn {
			x.takeBack(at)
		}
		x.withdrawn = x.withdrawn[:0]
	}
}

func (x *xsk) takeBack(at uint64) {
	if i := at / xskChunk; i < xskFrames && x.lent[i] {
		x.lent[i] = false
		x.free = append(x.free, i*xskChunk)
	}
}

// flush has the kernel send what is in the ring. Where the ring had no room it
// waits until a chunk is free.
func (x *xsk) flush(full bool) error {
	const patience = time.Second
	var stuck time.Time
	down := false
	for x.tx.pending() > 0 || full && len(x.free) == 0 {
		before := x.tx.pending()
		err := unix.Sendto(x.fd, nil, unix.MSG_DONTWAIT, nil)
		x.reclaim()
		switch {
		case errors.Is(err, unix.EBUSY): // the device dropped one
			if !x.carrier(0) || !x.carrier(time.Second) {
				down = true
			} else {
				x.refused.Add(1)
			}
			continue
		case errors.Is(err, unix.ENETDOWN):
			x.withdraw()
			return fmt.Errorf("%s: %w", x.name, ErrLinkDown)
		case errors.Is(err, unix.ENXIO):
			x.withdraw()
			return fmt.Errorf("%s: the device is gone", x.name)
		case err != nil && !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.ENOBUFS) && !errors.Is(err, unix.EINTR):
			x.withdraw()
			return fmt.Errorf("%s: sending by AF_XDP: %w", x.name, err)
		}
		if x.tx.pending() < before {
			stuck = time.Time{}
			continue
		}
		if stuck.IsZero() {
			stuck = time.Now()
		}
		if waited := time.Since(stuck); waited > patience {
			x.withdraw()
			return fmt.Errorf("%s: the driver took no frame for %v: %w", x.name, patience, err)
		}
		if x.tx.pending() > 0 || full && len(x.free) == 0 {
			time.Sleep(10 * time.Microsecond)
		}
	}
	if down {
		return fmt.Errorf("%s: %w", x.name, ErrLinkDown)
	}
	return nil
}

// withdraw takes frames back that the kernel did not look at: it would send
// them when the device is up again, as if they had been on their way so long.
func (x *xsk) withdraw() {
	producer := atomic.LoadUint32(x.tx.producer)
	for i := atomic.LoadUint32(x.tx.consumer); i != producer; i++ {
		d := &x.descriptors[i%xskFrames]
		if d.Options != xskInvalid {
			x.withdrawn = append(x.withdrawn, d.Addr)
			d.Options = xskInvalid
		}
	}
}

// Refused implements Sender.
func (x *xsk) Refused() uint64 { return x.refused.Load() }

// Close implements Sender.
func (x *xsk) Close() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	var errs []error
	for _, mem := range [][]byte{x.tx.mem, x.done.mem} {
		if mem != nil {
			errs = append(errs, unix.Munmap(mem))
		}
	}
	if x.fd >= 0 {
		errs = append(errs, unix.Close(x.fd))
		x.fd = -1
	}
	if x.memory != nil {
		errs = append(errs, unix.Munmap(x.memory))
	}
	x.tx, x.done, x.memory = xskRing{}, xskRing{}, nil
	return errors.Join(errs...)
}
