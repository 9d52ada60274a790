package live

import (
	"errors"
	"fmt"
	"math"
	"runtime"
	"sync/atomic"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

const (
	// maxBatch is how many frames the kernel makes at most before it lets the
	// device have them: all of them must fit the queue of a veth device, which
	// has room for 256.
	maxBatch = 64
	// hold is how long a frame may wait for the others of its batch.
	hold       = 2 * time.Microsecond
	liveFrames = 1 << 1 // BPF_F_TEST_XDP_LIVE_FRAMES
)

// testRun is the part of union bpf_attr that BPF_PROG_TEST_RUN takes.
type testRun struct {
	program, retval           uint32
	dataSizeIn, dataSizeOut   uint32
	dataIn, dataOut           uint64
	repeat, duration          uint32
	contextIn, contextOut     uint32
	contextInAt, contextOutAt uint64
	flags, cpu, batchSize     uint32
	_                         uint32
}

// Run sends until every stream has ended or Stop is called. It must be called
// on a thread that is in the device's namespace and does nothing else.
func (p *Pump) Run() error {
	thread := make(chan int, 1)
	watched := make(chan struct{})
	var over atomic.Bool
	go p.watch(thread, &over, watched)
	thread <- unix.Gettid()
	err := p.run()
	over.Store(true)
	<-watched
	return err
}

// run makes the call for as long as there is something to send: other signals
// than that to stop end it too, and the kernel counts only 32 bits of frames.
func (p *Pump) run() error {
	rate := 0.0
	for _, g := range p.groups {
		rate += 1e9 / (float64(g.interval) + float64(g.intervalFraction)/(1<<32))
	}
	size := uint32(min(max(rate*hold.Seconds(), 1), maxBatch))
	for !p.done() {
		attr := testRun{
			program: uint32(p.program.FD()), dataIn: uint64(uintptr(unsafe.Pointer(&p.first[0]))), dataSizeIn: uint32(len(p.first)),
			repeat: math.MaxUint32, flags: liveFrames, batchSize: size,
		}
		_, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_TEST_RUN, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr))
		runtime.KeepAlive(p.first)
		if errno != 0 && !errors.Is(errno, unix.EINTR) {
			return fmt.Errorf("live frames: running the program: %w", errno)
		}
	}
	return nil
}

func (p *Pump) header() *stateHeader { return (*stateHeader)(p.state.At(0)) }

// done says that nothing more is to be sent.
func (p *Pump) done() bool {
	h := p.header()
	return p.stopped.Load() || atomic.LoadUint64(&h.ended) >= h.count
}

// Stop ends the transmission: no frame leaves after it has returned but one
// that is on its way. It may be called at any time.
func (p *Pump) Stop() {
	p.stopped.Store(true)
	atomic.StoreUint64(&p.header().stop, 1)
}

// watch ends the call when there is nothing more to send: the program cannot.
// A signal that comes a moment before the call is made ends nothing, so it is
// sent until it does.
func (p *Pump) watch(thread <-chan int, over *atomic.Bool, watched chan<- struct{}) {
	defer close(watched)
	const every = time.Millisecond
	id := <-thread
	for !over.Load() {
		time.Sleep(every)
		if p.done() && !over.Load() {
			_ = unix.Tgkill(unix.Getpid(), id, unix.SIGURG) // the Go runtime's own, and harmless
		}
	}
}
