package port

import (
	"bytes"
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Of <linux/ethtool.h>.
const (
	setOfStatistics = 1  // ETH_SS_STATS
	nameLen         = 32 // ETH_GSTRING_LEN
)

// request is struct ifreq with a pointer in it.
type request struct {
	name [unix.IFNAMSIZ]byte
	data unsafe.Pointer
	_    [16]byte
}

// ethtool talks about a device of the calling thread's namespace.
type ethtool struct {
	fd     int
	device string
}

func openEthtool(device string) (*ethtool, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("ethtool socket: %w", err)
	}
	return &ethtool{fd, device}, nil
}

func (e *ethtool) close() { _ = unix.Close(e.fd) }

// ask sends a command, which begins with its number, and takes the answer in
// its place.
func (e *ethtool) ask(command unsafe.Pointer) error {
	r := request{data: command}
	copy(r.name[:unix.IFNAMSIZ-1], e.device)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(e.fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&r))); errno != 0 {
		return fmt.Errorf("ethtool %s: %w", e.device, errno)
	}
	return nil
}

// queues is how many receive queues are in use.
func (e *ethtool) queues() (int, error) {
	var channels struct { // struct ethtool_channels
		cmd                     uint32
		_                       [4]uint32
		rx, tx, other, combined uint32
	}
	channels.cmd = unix.ETHTOOL_GCHANNELS
	err := e.ask(unsafe.Pointer(&channels))
	return int(channels.rx + channels.combined), err
}

// statistics are the counters that the driver keeps, by name.
func (e *ethtool) statistics() (map[string]uint64, error) {
	// struct ethtool_sset_info with one set: how many statistics there are.
	count := struct {
		cmd, _ uint32
		mask   uint64
		n      uint32
	}{cmd: unix.ETHTOOL_GSSET_INFO, mask: 1 << setOfStatistics}
	if err := e.ask(unsafe.Pointer(&count)); err != nil || count.n == 0 {
		return nil, err
	}
	n := int(count.n)
	names := make([]byte, 12+n*nameLen) // struct ethtool_gstrings
	values := make([]uint64, 1+n)       // struct ethtool_stats
	head := (*[3]uint32)(unsafe.Pointer(&names[0]))
	*head = [3]uint32{unix.ETHTOOL_GSTRINGS, setOfStatistics, count.n}
	if err := e.ask(unsafe.Pointer(&names[0])); err != nil {
		return nil, err
	}
	*(*[2]uint32)(unsafe.Pointer(&values[0])) = [2]uint32{unix.ETHTOOL_GSTATS, count.n}
	if err := e.ask(unsafe.Pointer(&values[0])); err != nil {
		return nil, err
	}
	stats := make(map[string]uint64, n)
	for i := range n {
		name, _, _ := bytes.Cut(names[12+i*nameLen:][:nameLen], []byte{0})
		stats[string(name)] = values[1+i]
	}
	return stats, nil
}
