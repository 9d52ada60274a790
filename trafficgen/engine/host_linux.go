package engine

import (
	"bufio"
	"fmt"
	"math"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// A Host is what decides how well this host measures.
type Host struct {
	Kernel     string `json:"kernel"` // release: 6.18.0
	Processors int    `json:"processors"`
	// Clock is what the kernel reads the time from: tsc, kvm-clock, …
	Clock string `json:"clock,omitempty"`
	// Resolution is the monotonic clock's: a nanosecond where the kernel has
	// high-resolution timers.
	Resolution time.Duration `json:"resolution"`
	// Wake and WakeWorst are how late a thread that sleeps as a transmitter does
	// wakes up: half of the time at most, and the worst of a hundred times.
	Wake      time.Duration `json:"wake"`
	WakeWorst time.Duration `json:"wakeWorst"`
	RealTime  bool          `json:"realTime"` // quiet transmitters get real-time priority
	// Missing are the capabilities that engines need and this process lacks, or
	// has in its user namespace only, where they do not do.
	Missing []string `json:"missing,omitempty"`
}

// capabilities are those that engines need, for what. Some must be the host's.
var capabilities = []struct {
	number int
	name   string
	hosts  bool
}{
	{unix.CAP_NET_RAW, "CAP_NET_RAW (packet sockets, AF_XDP)", false},
	{unix.CAP_NET_ADMIN, "CAP_NET_ADMIN (receive rings, programs on devices)", false},
	{unix.CAP_SYS_ADMIN, "CAP_SYS_ADMIN (network namespaces)", false},
	{unix.CAP_BPF, "CAP_BPF (programs in the kernel: live frames, counting there)", true},
	{unix.CAP_SYS_NICE, "CAP_SYS_NICE (priority for transmitters)", true},
}

// ProbeHost looks at this host. It takes a few milliseconds.
func ProbeHost() (Host, error) {
	h := Host{Processors: runtime.NumCPU(), Clock: readWord("/sys/devices/system/clocksource/clocksource0/current_clocksource")}
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return h, os.NewSyscallError("uname", err)
	}
	h.Kernel = unix.ByteSliceToString(name.Release[:])
	var ts unix.Timespec
	if err := unix.ClockGetres(unix.CLOCK_MONOTONIC, &ts); err != nil {
		return h, os.NewSyscallError("clock_getres", err)
	}
	h.Resolution = time.Duration(ts.Nano())
	has, err := effective()
	if err != nil {
		return h, err
	}
	ours := !ofTheHost()
	for _, c := range capabilities {
		switch {
		case has&(1<<c.number) == 0:
			h.Missing = append(h.Missing, c.name)
		case c.hosts && ours:
			h.Missing = append(h.Missing, c.name+": the user namespace's does not do")
		}
	}
	h.watchWaking()
	return h, nil
}

func readWord(path string) string {
	text, err := os.ReadFile(path)
	if err != nil {
		return "" // not every kernel says
	}
	return strings.TrimSpace(string(text))
}

// effective is this process's set of effective capabilities.
func effective() (uint64, error) {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		return 0, err
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if digits, ok := strings.CutPrefix(lines.Text(), "CapEff:"); ok {
			return strconv.ParseUint(strings.TrimSpace(digits), 16, 64)
		}
	}
	return 0, fmt.Errorf("%s does not say which capabilities there are", f.Name())
}

// ofTheHost says that this process is in the host's own user namespace, which
// maps every number to itself. Where that is not known it says so too.
func ofTheHost() bool {
	fields := strings.Fields(readWord("/proc/self/uid_map"))
	return len(fields) == 0 || slices.Equal(fields, []string{"0", "0", strconv.FormatUint(math.MaxUint32, 10)})
}

// watchWaking sleeps as a transmitter does and looks at the clock.
func (h *Host) watchWaking() {
	const times, interval = 100, 200 * time.Microsecond
	done := make(chan []time.Duration, 1)
	go func() {
		runtime.LockOSThread() // the thread, with its priority, ends with the goroutine
		p := newPacer(nil, 1)
		policy, err := unix.SchedGetAttr(0, 0)
		h.RealTime = err == nil && policy.Policy == unix.SCHED_FIFO
		late := make([]time.Duration, times)
		for i := range late {
			due := time.Now().Add(interval)
			p.doze(due)
			late[i] = time.Since(due)
		}
		done <- late
	}()
	late := <-done
	slices.Sort(late)
	h.Wake, h.WakeWorst = late[times/2], late[times-1]
}
