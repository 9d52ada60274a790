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

// ethtoolStatistics reads the statistics of a device of the calling thread's
// namespace.
func ethtoolStatistics(device string) (map[string]uint64, error) {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("ethtool socket: %w", err)
	}
	defer unix.Close(fd)
	ask := func(data unsafe.Pointer) error {
		r := request{data: data}
		copy(r.name[:unix.IFNAMSIZ-1], device)
		if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&r))); errno != 0 {
			return fmt.Errorf("ethtool %s: %w", device, errno)
		}
		return nil
	}
	// struct ethtool_sset_info with one set: how many statistics there are.
	count := struct {
		cmd, _ uint32
		mask   uint64
		n      uint32
	}{cmd: unix.ETHTOOL_GSSET_INFO, mask: 1 << setOfStatistics}
	if err := ask(unsafe.Pointer(&count)); err != nil || count.n == 0 {
		return nil, err
	}
	n := int(count.n)
	names := make([]byte, 12+n*nameLen) // struct ethtool_gstrings
	values := make([]uint64, 1+n)       // struct ethtool_stats
	head := (*[3]uint32)(unsafe.Pointer(&names[0]))
	*head = [3]uint32{unix.ETHTOOL_GSTRINGS, setOfStatistics, count.n}
	if err := ask(unsafe.Pointer(&names[0])); err != nil {
		return nil, err
	}
	*(*[2]uint32)(unsafe.Pointer(&values[0])) = [2]uint32{unix.ETHTOOL_GSTATS, count.n}
	if err := ask(unsafe.Pointer(&values[0])); err != nil {
		return nil, err
	}
	stats := make(map[string]uint64, n)
	for i := range n {
		name, _, _ := bytes.Cut(names[12+i*nameLen:][:nameLen], []byte{0})
		stats[string(name)] = values[1+i]
	}
	return stats, nil
}
