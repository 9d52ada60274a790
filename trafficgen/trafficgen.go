// Package trafficgen is the vocabulary of measured traffic: a Stream is one
// flow of generated frames, Stats is what became of it, a Generator sends and
// counts. Every frame carries a signature (stream, sequence, send time), so
// loss, duplicates, reordering, latency and outages are counted, not guessed.
//
//	frame     layers to bytes, the signature in them
//	port      network interfaces; an in-memory wire for tests
//	tally     frames counted in the kernel
//	live      frames sent by the kernel
//	engine    pacing, transmit and receive loops, statistics
//	procedure benchmarks over any generator: RFC 2544, 9004, 2889, 6413
//	routes    BGP routes announced from a host, and traffic to some of them
//	capture   frames that pass ports, as pcapng
//	metrics   counters for Prometheus
package trafficgen

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A Stream is one flow of generated frames from one port to another.
type Stream struct {
	Name string `json:"name"`
	From PortID `json:"from"`
	// To is where the stream is received. None says that this is elsewhere, on
	// another host for example: then Dst is needed, and all that is known in the
	// end is what was sent.
	To PortID `json:"to"`

	// Layers are the headers of the frames, outermost first, Ethernet among
	// them; Layers nil is Ethernet, IP and UDP, made from the fields below.
	Layers []Layer `json:"layers,omitempty"`
	// Product has every value of a field of Layers meet every value of the
	// others, the last field stepping fastest. Otherwise all step together with
	// each frame, each starting over when its values are used up.
	Product bool `json:"product,omitempty"`

	// Capture is a file (pcap or pcapng) whose frames are sent in their order,
	// again and again, at the stream's rate, in place of ones that are built.
	// They go to the neighbor that frames to the receiving port go to.
	Capture string `json:"capture,omitempty"`

	// Src and Dst are the addresses of the packets. An invalid one is taken
	// from the port's own address.
	Src netip.Addr `json:"src,omitzero"`
	Dst netip.Addr `json:"dst,omitzero"`
	// IPv6 asks for the ports' IPv6 addresses where Src and Dst are not given.
	IPv6 bool `json:"ipv6,omitempty"`
	// UDP ports; zero is the generator's default (49184 to 5001).
	SrcPort uint16 `json:"srcPort,omitempty"`
	DstPort uint16 `json:"dstPort,omitempty"`
	// Flows is how many UDP source ports, from SrcPort up, the frames take in
	// turn, for routers that spread flows over several paths. One when zero.
	// What overtakes between flows is reordered within the stream, but not within
	// a flow.
	Flows int `json:"flows,omitempty"`
	// EveryFlow asks for the statistics of every flow, not of the worst alone.
	EveryFlow bool `json:"everyFlow,omitempty"`

	DSCP uint8 `json:"dscp,omitempty"`
	TTL  uint8 `json:"ttl,omitempty"` // 64 when zero

	// Size is the length of the Ethernet frame in bytes with its FCS, as RFC
	// 2544 counts it. 64 is the least.
	Size int `json:"size"`
	// Sizes, if there are any, are the lengths that frames have in turn, in
	// place of Size: an IMIX.
	Sizes []int `json:"sizes,omitempty"`
	// Rate is frames per second.
	Rate float64 `json:"rate"`
	// Load, if not zero, is the rate in place of Rate: the share, above 0 and at
	// most 1, of the sending port's speed that the frames take on the wire,
	// preamble and gap included.
	Load float64 `json:"load,omitempty"`
	// Burst groups the frames. Rate is then that within a burst.
	Burst Burst `json:"burst,omitzero"`
	// Duration of transmission, or the number of Frames; both zero is until the
	// context ends, and of two the first that is reached counts.
	Duration time.Duration `json:"duration,omitempty"`
	Frames   uint64        `json:"frames,omitempty"`
}

// A Burst is so many frames in a row, and the time from the last of them to
// the first of the next burst.
type Burst struct {
	Frames int           `json:"frames"`
	Gap    time.Duration `json:"gap"`
}

// WireOverhead is what Ethernet adds to a frame on the wire, in bytes: preamble
// and start delimiter (8) and the gap between frames (12).
const WireOverhead = 20

// MeanSize is the mean length of the stream's frames in bytes with FCS.
func (s *Stream) MeanSize() float64 {
	if len(s.Sizes) == 0 {
		return float64(s.Size)
	}
	sum := 0
	for _, n := range s.Sizes {
		sum += n
	}
	return float64(sum) / float64(len(s.Sizes))
}

// Stack names the stream's layers above Ethernet: "vlan/ip/udp".
func (s *Stream) Stack() string {
	names := make([]string, 0, len(s.Layers))
	for i, l := range s.Layers {
		if i > 0 || len(s.Layers) == 1 {
			names = append(names, l.Kind)
		}
	}
	return strings.Join(names, "/")
}

// Largest is the length of the stream's longest frames in bytes with FCS.
func (s *Stream) Largest() int {
	if len(s.Sizes) == 0 {
		return s.Size
	}
	return slices.Max(s.Sizes)
}

// PortID names a port of the generator: a node of the lab and its kernel
// device, and how to reach it on this host.
type PortID struct {
	Node     string       `json:"node"`
	Device   string       `json:"device"`           // eth1
	NetNS    string       `json:"netns,omitempty"`  // path; empty is this process's own
	Address  netip.Prefix `json:"address,omitzero"` // emulated host; invalid: the kernel's own address is used
	Gateway  netip.Addr   `json:"gateway,omitzero"` // next hop of the emulated host
	Address6 netip.Prefix `json:"address6,omitzero"`
	Gateway6 netip.Addr   `json:"gateway6,omitzero"`
}

// Elsewhere says that the stream is received by nobody in this run.
func (s *Stream) Elsewhere() bool { return s.To == PortID{} }

// Stats is what was counted for one stream.
type Stats struct {
	Stream string `json:"stream"`
	// Elsewhere says that nobody in this run received the stream: nothing is
	// known of what arrived.
	Elsewhere bool   `json:"elsewhere,omitempty"`
	Sent      uint64 `json:"sent"`
	Received  uint64 `json:"received"` // distinct frames that arrived at the right port
	Lost      uint64 `json:"lost"`     // sent and never received
	Duplicate uint64 `json:"duplicate"`
	Reordered uint64 `json:"reordered"` // RFC 4737, type-P-reordered
	// ReorderExtent is how many places in the sequence the worst of the
	// reordered frames was behind the newest that had come: RFC 4737's
	// reordering extent (section 4.2) where none of those between was lost or
	// late too, otherwise more.
	ReorderExtent uint64 `json:"reorderExtent,omitempty"`
	Corrupted     uint64 `json:"corrupted,omitempty"` // signature whole, payload not
	Misrouted     uint64 `json:"misrouted,omitempty"` // arrived at another port of the generator
	// Omitted is how many frames of the stream's capture file are not among
	// those sent, for they have no room for a signature.
	Omitted    int `json:"omitted,omitempty"`
	FrameBytes int `json:"frameBytes"` // with FCS; the mean of several sizes

	OfferedFPS float64       `json:"offeredFps"` // frames per second that really left
	WantedFPS  float64       `json:"wantedFps"`
	Duration   time.Duration `json:"duration"` // first to last frame sent

	// FlowCount is how many flows the stream has, where there are several, and
	// FlowsLossy how many of them lost frames. Flows are those that lost or
	// repeated frames or had some arrive out of their order, the worst first, at
	// most MaxFlowStats. FlowsSlow are those with the highest 99th percentile of
	// latency, the highest first, at most MaxSlowFlows. FlowDelays are the two
	// with the least and the highest mean latency.
	FlowCount  int         `json:"flowCount,omitempty"`
	FlowsLossy int         `json:"flowsLossy,omitempty"`
	Flows      []FlowStats `json:"flows,omitempty"`
	FlowsSlow  []FlowStats `json:"flowsSlow,omitempty"`
	FlowDelays []FlowStats `json:"flowDelays,omitempty"`
	EveryFlow  []FlowStats `json:"everyFlow,omitempty"` // in their order, where the stream asks for it
	// FlowResolution is by how much of itself a percentile of a flow's latency
	// may be wrong: 1/32, and no less than 8 ns. Everything else about flows is
	// exact. Of flows that have no percentiles, beyond the first 65,536 of a run,
	// nothing is in FlowsSlow.
	FlowResolution float64 `json:"flowResolution,omitempty"`

	Latency Latency  `json:"latency"`
	Outages []Outage `json:"outages,omitempty"` // longest first, at most 100

	Started time.Time `json:"started"` // first frame sent
	// CountedTo is the send time before which loss is known: the last frame's
	// in the end, a little in the past while the stream runs. CleanSince is the
	// send time since which nothing was lost, of what is known.
	CountedTo  time.Time `json:"countedTo,omitzero"`
	CleanSince time.Time `json:"cleanSince,omitzero"`

	Series []Sample `json:"series,omitempty"` // counters over time, for charts

	Engine string `json:"engine"` // which engine counted
	// Uncertainty is the error of any outage or time in here: one packet
	// interval and the worst jitter of the transmitter, stalls among it.
	Uncertainty time.Duration `json:"uncertainty"`
	// Precision is the Uncertainty that would remain without Stalls; 0 is not
	// known.
	Precision time.Duration `json:"precision,omitempty"`
	// Stalls are those of the transmitter that may matter, longest first, at most
	// MaxStalls; Drops is what this host dropped. What they may have done to
	// losses and outages LeastLost and OutageRange say.
	Stalls []Stall `json:"stalls,omitempty"`
	Drops  []Drop  `json:"drops,omitempty"`
	// LatencyLeast is what the values of Latency are at least, whatever the
	// transmitter's lateness added to them; zero where it added nothing. Known in
	// the end.
	LatencyLeast Latency `json:"latencyLeast,omitzero"`
	// Faults are the instrument's own that leave no number to be relied on: a rate
	// not reached, a clock that was stepped. A check on a stream with faults is an
	// error, not a failure.
	Faults []string `json:"faults,omitempty"`
}

// MaxFlowStats is how many of a stream's harmed flows have statistics of their
// own, MaxSlowFlows how many of its slowest: results are kept and sent around.
// Stream.EveryFlow asks for all.
const (
	MaxFlowStats = 100
	MaxSlowFlows = 10
)

// LossRatio is lost frames over sent frames, 0 when nothing was sent.
func (s *Stats) LossRatio() float64 {
	if s.Sent == 0 {
		return 0
	}
	return float64(s.Lost) / float64(s.Sent)
}

// MaxOutage is the longest outage, 0 if there was none.
func (s *Stats) MaxOutage() time.Duration {
	if len(s.Outages) == 0 {
		return 0
	}
	return s.Outages[0].Duration
}

// CleanFor is how long the stream is known to have flowed without loss after a
// moment, a fault for example: 0 while nothing is known of frames sent later,
// or the last of them was lost.
func (s *Stats) CleanFor(after time.Time) time.Duration {
	since := s.CleanSince
	if after.After(since) {
		since = after
	}
	return max(0, s.CountedTo.Sub(since))
}

// Latency is one-way delay from the stamp in the frame to its arrival.
type Latency struct {
	Min    time.Duration `json:"min"`
	Mean   time.Duration `json:"mean"`
	P50    time.Duration `json:"p50"`
	P90    time.Duration `json:"p90,omitempty"`
	P99    time.Duration `json:"p99"`
	P999   time.Duration `json:"p999,omitempty"`
	Max    time.Duration `json:"max"`
	Jitter time.Duration `json:"jitter"` // RFC 3550, section 6.4.1
	// PDV is the packet delay variation of RFC 5481: how much more than the
	// least delay all but one in a thousand frames took at most.
	PDV time.Duration `json:"pdv,omitempty"`
	// IPDV is the inter-packet delay variation of RFC 5481, the differences of
	// the delays of frames that arrived one after the other, without sign: their
	// mean, and the largest.
	IPDV    time.Duration `json:"ipdv,omitempty"`
	IPDVMax time.Duration `json:"ipdvMax,omitempty"`
}

// FlowStats is what became of one flow of a stream: the frames that have the
// same values in all fields that vary.
type FlowStats struct {
	Name      string `json:"name"` // what tells it apart: "udp.sport 49185"
	Sent      uint64 `json:"sent"`
	Received  uint64 `json:"received"`
	Lost      uint64 `json:"lost"`
	Duplicate uint64 `json:"duplicate,omitempty"`
	// Reordered counts frames that others of the flow have overtaken; those of
	// other flows, which may take another path, do not matter. ReorderExtent is in
	// frames of the flow.
	Reordered     uint64 `json:"reordered,omitempty"`
	ReorderExtent uint64 `json:"reorderExtent,omitempty"`

	// Latency is that of the stream's frames that are the flow's. Percentiles,
	// and PDV, which is made of them, are as precise as Stats.FlowResolution.
	Latency Latency `json:"latency,omitzero"`
	// Outage is the longest run of lost frames of the flow, whatever came of
	// other flows in between; the first of several that are as long. Sequences
	// are the stream's. It is known to the interval between two frames of the
	// flow, of which Stats.Uncertainty knows nothing.
	Outage Outage `json:"outage,omitzero"`
}

// An Outage is a run of consecutive lost frames.
type Outage struct {
	FirstSeq uint64        `json:"firstSeq"`
	LastSeq  uint64        `json:"lastSeq,omitempty"`
	Frames   uint64        `json:"frames"`
	Start    time.Time     `json:"start"`        // send time of the first lost frame
	End      time.Time     `json:"end,omitzero"` // send time of the last lost frame
	Duration time.Duration `json:"duration"`     // from Start to when the next frame was due; without bursts frames over rate
}

// A Sample is a stream's counters at a moment, Offset after the first frame.
type Sample struct {
	Offset   time.Duration `json:"offset"`
	Sent     uint64        `json:"sent"`
	Received uint64        `json:"received"`
}

// A Generator runs streams. Run returns when every stream has ended or ctx is
// done, after it has drained what was in flight; a done context is not an
// error. observe, if not nil, is called about ten times a second with the
// counters so far, never concurrently; its first call says that the receivers
// are ready and the transmitters have begun.
type Generator interface {
	Run(ctx context.Context, streams []Stream, observe func([]Stats)) ([]Stats, error)
}
