package bpf

import (
	"errors"
	"fmt"
	"os"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// Shared is an array map and this process's view of its memory. The zero value
// is none.
type Shared struct {
	m      *ebpf.Map
	mem    []byte
	stride int
}

// NewShared makes an array of count elements of size bytes, a multiple of 8.
// It needs CAP_BPF.
func NewShared(name string, size, count int) (Shared, error) {
	m, err := ebpf.NewMap(&ebpf.MapSpec{
		Name: name, Type: ebpf.Array, KeySize: 4, ValueSize: uint32(size), MaxEntries: uint32(count),
		Flags: unix.BPF_F_MMAPABLE,
	})
	if err != nil {
		return Shared{}, permitted(err)
	}
	page := os.Getpagesize()
	length := (size*count + page - 1) / page * page
	mem, err := unix.Mmap(m.FD(), 0, length, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	if err != nil {
		_ = m.Close()
		return Shared{}, fmt.Errorf("sharing memory with the kernel: %w", err)
	}
	return Shared{m, mem, size}, nil
}

// permitted names the capability that a refusal was for want of.
func permitted(err error) error {
	if errors.Is(err, os.ErrPermission) {
		return fmt.Errorf("programs in the kernel need CAP_BPF and CAP_NET_ADMIN of the host, not of a user namespace: %w", os.ErrPermission)
	}
	return err
}

// FD is the map's descriptor.
func (s *Shared) FD() int { return s.m.FD() }

// At is the memory of an element.
func (s *Shared) At(i int) unsafe.Pointer { return unsafe.Pointer(&s.mem[i*s.stride]) }

// Bytes is the memory of an element.
func (s *Shared) Bytes(i int) []byte { return s.mem[i*s.stride:][:s.stride] }

// Close unmaps the memory and closes the map, which programs that use it keep.
func (s *Shared) Close() error {
	if s.m == nil {
		return nil
	}
	return errors.Join(unix.Munmap(s.mem), s.m.Close())
}
