package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
)

// A Capability is an engine and whether this host lets it work.
type Capability struct {
	Name   string `json:"name"` // one of Engines, or how frames are counted: xdp, bpf, tpacket-v3
	Does   string `json:"does"` // Sends or Counts
	Usable bool   `json:"usable"`
	Why    string `json:"why,omitempty"` // not
}

// What a Capability does.
const (
	Sends  = "sends"
	Counts = "counts"
)

// Probe tries every engine on a pair of devices that it makes in a namespace of
// its own and removes again: an engine is usable if frames that it sent were
// counted. It takes about a second.
func Probe(ctx context.Context) []Capability {
	from, to, release, err := port.Scratch()
	if err != nil {
		return unusable(err)
	}
	defer func() { _ = release() }()
	from.Address, to.Address = netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.2/24")
	var all []Capability
	how := map[string]error{} // of counting
	for _, name := range Engines {
		counts := map[string]string{Live: "xdp", AFXDP: "bpf", SendMmsg: "bpf"}[name]
		err := attempt(ctx, from, to, Options{Sends: name}, name+"+"+counts)
		all = append(all, capability(name, Sends, err))
		if how[counts] == nil || err == nil {
			how[counts] = err
		}
	}
	how["tpacket-v3"] = attempt(ctx, from, to, Options{Sends: SendMmsg, Userspace: true}, SendMmsg+"+tpacket-v3")
	for _, counts := range []string{"xdp", "bpf", "tpacket-v3"} {
		all = append(all, capability(counts, Counts, how[counts]))
	}
	return all
}

func capability(name, does string, err error) Capability {
	c := Capability{Name: name, Does: does, Usable: err == nil}
	if err != nil {
		c.Why = err.Error()
	}
	return c
}

func unusable(err error) (all []Capability) {
	for _, name := range Engines {
		all = append(all, capability(name, Sends, err))
	}
	for _, name := range []string{"xdp", "bpf", "tpacket-v3"} {
		all = append(all, capability(name, Counts, err))
	}
	return all
}

// attempt sends a few frames and wants them counted by an engine of that name.
func attempt(ctx context.Context, from, to trafficgen.PortID, o Options, name string) error {
	const frames = 10
	o.Drain = time.Second
	all, err := New(o).Run(ctx, []trafficgen.Stream{{Name: "probe", From: from, To: to, Size: 64, Rate: 1000, Duration: frames * time.Millisecond}}, nil)
	if err != nil {
		return err
	}
	switch st := all[0]; {
	case st.Engine != name:
		return fmt.Errorf("frames were sent and counted by %s", st.Engine)
	case st.Received == 0 || st.Received != st.Sent:
		return fmt.Errorf("of %d frames %d arrived", st.Sent, st.Received)
	}
	return nil
}

// ProbePort tries every engine that sends on one port: each sends a frame, from
// an address for documentation (RFC 5737) to a hardware address that is
// nobody's.
func ProbePort(id trafficgen.PortID) []Capability {
	var all []Capability
	for _, name := range Engines {
		all = append(all, capability(name, Sends, tryPort(id, name)))
	}
	return all
}

func tryPort(id trafficgen.PortID, name string) (err error) {
	stream := trafficgen.Stream{Name: "probe", From: id, To: id, Size: frame.MinSizeIPv4, Rate: 1,
		Src: netip.MustParseAddr("192.0.2.1"), Dst: netip.MustParseAddr("192.0.2.2")}
	r, err := New(Options{Sends: name}).newRun([]trafficgen.Stream{stream})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	if err := r.open(); err != nil {
		return err
	}
	f := r.flows[0]
	nobody := net.HardwareAddr{2, 0, 0, 0, 0, 2}
	if f.deck, err = frame.New(stream, f.from.port.Link().MAC, nobody, f.id); err != nil {
		return err
	}
	if err := f.from.use(name); err != nil || name != SendMmsg {
		return err
	}
	_, err = f.from.port.Send([][]byte{f.deck.Learning().Copy(make([]byte, frame.MaxSize), 0, time.Now().UnixNano())})
	return err
}
