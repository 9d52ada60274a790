package port

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ethtoolCmd is struct ethtool_cmd of <linux/ethtool.h>, as far as it is read
// here, with room for the rest.
type ethtoolCmd struct {
	cmd, supported, advertising uint32
	speed                       uint16
	_                           [14]byte
	speedHigh                   uint16
	_                           [14]byte
}

// speed asks a device how many bits it moves in a second, by any socket of its
// namespace. It is 0 where the device does not know, which those without a link
// partner often do not.
func speed(fd int, device string) uint64 {
	const unknown = 1<<32 - 1
	cmd := ethtoolCmd{cmd: unix.ETHTOOL_GSET}
	req := request{data: unsafe.Pointer(&cmd)}
	if copy(req.name[:unix.IFNAMSIZ-1], device) != len(device) {
		return 0
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(&req))); errno != 0 {
		return 0
	}
	mbps := uint32(cmd.speedHigh)<<16 | uint32(cmd.speed)
	if mbps == unknown || mbps == 1<<16-1 {
		return 0
	}
	return uint64(mbps) * 1_000_000
}
