package engine

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/trafficgen"
	"github.com/ccl-lab/ccl/trafficgen/frame"
	"github.com/ccl-lab/ccl/trafficgen/port"
	"github.com/ccl-lab/ccl/trafficgen/tally"
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
// its own and removes again: an engine is usable if frames that it sent, or
// counted, arrived. It takes about a second.
func Probe(ctx context.Context) []Capability {
	from, to, release, err := port.Scratch()
	if err != nil {
		return unusable(err)
	}
	defer func() { _ = release() }()
	from.Address, to.Address = netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("192.0.2.2/24")
	var all []Capability
	counting := map[string]error{"xdp": errNotTried, "bpf": errNotTried}
	for _, name := range Engines {
		counts := map[string]string{Live: "xdp", AFXDP: "bpf", SendMmsg: "bpf"}[name]
		t := attempt(ctx, from, to, Options{Sends: name})
		all = append(all, capability(name, Sends, t.sent(name)))
		if counting[counts] != nil {
			counting[counts] = t.counted(counts)
		}
	}
	ring := attempt(ctx, from, to, Options{Sends: SendMmsg, Userspace: true})
	counting["tpacket-v3"] = ring.counted("tpacket-v3")
	for _, counts := range []string{"xdp", "bpf", "tpacket-v3"} {
		all = append(all, capability(counts, Counts, counting[counts]))
	}
	return all
}

var errNotTried = errors.New("it was not tried")

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

// A trial is a few frames sent and counted.
type trial struct {
	sends, counts string // what did
	err           error
}

// attempt makes a trial.
func attempt(ctx context.Context, from, to trafficgen.PortID, o Options) (t trial) {
	const frames = 10
	o.Drain = time.Second
	all, err := New(o).Run(ctx, []trafficgen.Stream{{Name: "probe", From: from, To: to, Size: 64, Rate: 1000, Duration: frames * time.Millisecond}}, nil)
	if err != nil {
		t.err = err
		return t
	}
	st := all[0]
	t.sends, t.counts, _ = strings.Cut(st.Engine, "+")
	if st.Received == 0 || st.Received != st.Sent {
		t.err = fmt.Errorf("of %d frames %d arrived", st.Sent, st.Received)
	}
	return t
}

// sent is nil if the engine of that name has sent.
func (t *trial) sent(name string) error {
	if t.err == nil && t.sends != name {
		return fmt.Errorf("frames were sent by %s", t.sends)
	}
	return t.err
}

// counted is nil if the frames were counted in that way.
func (t *trial) counted(counts string) error {
	if t.err != nil || t.counts == counts {
		return t.err
	}
	table, err := tally.New(1, nil)
	if err != nil {
		return err
	}
	return errors.Join(fmt.Errorf("frames were counted by %s", t.counts), table.Close())
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
