package lldp

import (
	"context"
	"errors"
	"net"
	"os"
	"reflect"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/netns/space"
)

// An Agent speaks LLDP on the ports that a configuration names. Its methods may
// be called at the same time from several goroutines.
type Agent struct {
	space *space.Space
	wake  chan struct{} // speak now

	mu       sync.Mutex
	socket   *socket // nil unless Run runs
	settings *junosemu.LLDP
	table    table
	joined   map[int]bool // devices by index
}

// NewAgent makes an agent of a network namespace, nil being this process's. It is
// silent until it is configured, and run; both are to be done in that namespace.
func NewAgent(at *space.Space) *Agent {
	return &Agent{space: at, wake: make(chan struct{}, 1)}
}

// Configure says on which ports to speak, and what; nil: nowhere. Neighbors on
// ports where LLDP ends, or where the router goes by another ID, are told.
func (a *Agent) Configure(settings *junosemu.LLDP) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if reflect.DeepEqual(a.settings, settings) {
		return
	}
	before := a.settings
	a.settings = settings
	renamed := before != nil && settings != nil && (before.PortIDByName != settings.PortIDByName || before.Chassis != settings.Chassis)
	for _, p := range ports(before) {
		stays := slices.ContainsFunc(ports(settings), func(q junosemu.LLDPPort) bool { return q.Device == p.Device })
		if !stays || renamed {
			a.say(before, p, 0)
		}
		if !stays {
			a.table.forget(p.Device)
		}
	}
	a.Speak()
}

func ports(s *junosemu.LLDP) []junosemu.LLDPPort {
	if s == nil {
		return nil
	}
	return s.Ports
}

// Speak makes the agent speak now, as when a link came up.
func (a *Agent) Speak() {
	select {
	case a.wake <- struct{}{}:
	default: // it is about to
	}
}

// Forget drops the neighbors on a device, as when its link went down; on all of
// them if it has no name.
func (a *Agent) Forget(device string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.table.forget(device)
}

// Neighbors are those that were heard and whose time has not run out.
func (a *Agent) Neighbors() []Neighbor {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.table.expire(time.Now())
	return a.table.list()
}

// Ageouts is how many neighbors fell silent on a device.
func (a *Agent) Ageouts(device string) int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.table.ageouts[device]
}

// Run speaks and listens until the context ends. It needs a socket, and so what
// the kernel may not grant, only from the first configuration on.
func (a *Agent) Run(ctx context.Context) error {
	for !a.configured() {
		select {
		case <-ctx.Done():
			return nil
		case <-a.wake:
		}
	}
	s, err := openSocket()
	if err != nil {
		return err
	}
	a.mu.Lock()
	a.socket, a.joined = s, map[int]bool{}
	a.mu.Unlock()
	heard := make(chan error, 1)
	go func() { heard <- a.space.Do(func() error { return a.listen(s) }) }()
	a.speakUntil(ctx, heard)
	a.mu.Lock()
	a.socket = nil
	a.mu.Unlock()
	closeErr := s.close()
	if err := <-heard; ctx.Err() == nil {
		return errors.Join(err, closeErr)
	}
	return nil
}

func (a *Agent) configured() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.settings != nil
}

// speakUntil speaks when it is time, until the context ends or listening does.
func (a *Agent) speakUntil(ctx context.Context, heard chan error) {
	for {
		timer := time.NewTimer(a.speakAll())
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case err := <-heard:
			timer.Stop()
			heard <- err
			return
		case <-timer.C:
		case <-a.wake:
			timer.Stop()
		}
	}
}

// silence is how long a silent agent sleeps between two looks at nothing.
const silence = time.Hour

// speakAll speaks on every port, and returns when to do it again.
func (a *Agent) speakAll() time.Duration {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.settings == nil {
		return silence
	}
	for _, p := range a.settings.Ports {
		a.say(a.settings, p, a.settings.TTL)
	}
	return time.Duration(a.settings.Interval) * time.Second
}

// say speaks on one port. One that is not there, or is down, hears nothing, and
// will when it comes up.
func (a *Agent) say(s *junosemu.LLDP, p junosemu.LLDPPort, ttl int) {
	i, err := net.InterfaceByName(p.Device)
	if err != nil || a.socket == nil {
		return
	}
	if !a.joined[i.Index] && a.socket.join(i.Index) == nil {
		a.joined[i.Index] = true
	}
	_ = a.socket.send(i.Index, frame(s, p, i, ttl).Encode()) // a link that is down
}

// frame is what is said on a port.
func frame(s *junosemu.LLDP, p junosemu.LLDPPort, i *net.Interface, ttl int) *Frame {
	f := &Frame{
		Chassis: ID{ChassisMAC, chassis(s, i)}, Port: ID{PortLocallyAssigned, []byte(strconv.Itoa(p.Index))}, TTL: uint16(ttl),
		PortDescription: p.Description, SystemName: s.System, SystemDescription: s.Description,
		Supported: Bridge | Router, Enabled: Bridge | Router,
	}
	if s.PortIDByName {
		f.Port = ID{PortInterfaceName, []byte(p.Junos)}
	}
	for _, m := range s.Management {
		f.Management = append(f.Management, Management{m, uint32(p.Index)})
	}
	return f
}

// chassis is the MAC address of the router's first port, by which it is known on
// all of them, or that address itself.
func chassis(s *junosemu.LLDP, own *net.Interface) net.HardwareAddr {
	if mac, err := net.ParseMAC(s.Chassis); err == nil {
		return mac
	}
	if first, err := net.InterfaceByName(s.Chassis); err == nil && len(first.HardwareAddr) > 0 {
		return first.HardwareAddr
	}
	return own.HardwareAddr
}

// maxFrame is more than any frame of a link without jumbo frames.
const maxFrame = 9216

// listen notes what is heard until the socket is closed. Whoever is new is
// answered at once, so that both know each other.
func (a *Agent) listen(s *socket) error {
	buffer := make([]byte, maxFrame)
	for {
		n, device, err := s.receive(buffer)
		if errors.Is(err, os.ErrClosed) {
			return nil
		}
		if err != nil {
			return err
		}
		f, err := Decode(buffer[:n])
		if err != nil {
			continue // not LLDP as it should be
		}
		a.hear(device, f)
	}
}

func (a *Agent) hear(device string, f *Frame) {
	a.mu.Lock()
	defer a.mu.Unlock()
	spoken := slices.ContainsFunc(ports(a.settings), func(p junosemu.LLDPPort) bool { return p.Device == device })
	if spoken && a.table.note(device, f, time.Now()) {
		a.Speak()
	}
}
