package oper

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// A bfdPeer is an entry of "show bfd peers json". Intervals are milliseconds,
// Uptime seconds.
type bfdPeer struct {
	Peer       string `json:"peer"`
	Interface  string `json:"interface"`
	Status     string `json:"status"`
	Uptime     int    `json:"uptime"`
	Downtime   int    `json:"downtime"`
	Diagnostic string `json:"diagnostic"`
	Remote     string `json:"remote-diagnostic"`
	LocalID    uint32 `json:"id"`
	RemoteID   uint32 `json:"remote-id"`
	Receive    int    `json:"receive-interval"`
	Transmit   int    `json:"transmit-interval"`
	Multiplier int    `json:"detect-multiplier"`
	RemoteRx   int    `json:"remote-receive-interval"`
	RemoteTx   int    `json:"remote-transmit-interval"`
	RemoteMult int    `json:"remote-detect-multiplier"`
	Multihop   bool   `json:"multihop"`
}

// bfdSessions answers get-bfd-session-information. Without sessions Junos
// counts to zero.
func (r *Router) bfdSessions(ctx context.Context, rpc *xmltree.Element) (*xmltree.Element, error) {
	var peers []bfdPeer
	if err := r.ask(ctx, "bfdd", "show bfd peers json", &peers); err != nil && !errors.Is(err, junosemu.ErrNotRunning) {
		return nil, err
	}
	slices.SortFunc(peers, func(a, b bfdPeer) int {
		x, _ := netip.ParseAddr(a.Peer)
		y, _ := netip.ParseAddr(b.Peer)
		return x.Compare(y)
	})
	reply := information("bfd-session-information", "junos-bfd")
	sessions, clients, rate := 0, 0, 0.0
	for _, p := range peers {
		if want := cmp.Or(rpc.Value("address"), rpc.Value("session-address")); want != "" && want != p.Peer {
			continue
		}
		sessions++
		clients++
		rate += 1000 / float64(max(1, p.negotiatedTx()))
		if !rpc.Has("summary") {
			reply.Add(r.bfdElement(p))
		}
	}
	return reply.Leaf("sessions", strconv.Itoa(sessions)).
		Leaf("clients", strconv.Itoa(clients)).
		Leaf("cumulative-transmission-rate", fmt.Sprintf("%.1f", rate)).
		Leaf("cumulative-reception-rate", fmt.Sprintf("%.1f", rate)), nil
}

// negotiatedTx is the interval packets are sent in: the slower of what this end
// wants to send and the other wants to receive (RFC 5880, 6.8.2).
func (p bfdPeer) negotiatedTx() int { return max(p.Transmit, p.RemoteRx) }

// detection is after how long without a packet the session is down.
func (p bfdPeer) detection() time.Duration {
	if p.RemoteMult == 0 {
		return time.Duration(p.Receive*p.Multiplier) * time.Millisecond
	}
	return time.Duration(max(p.Receive, p.RemoteTx)*p.RemoteMult) * time.Millisecond
}

// diagnostics are Junos's names of BFD's diagnostic codes (RFC 5880, 4.1) by
// bfdd's. The rarer ones keep bfdd's.
var diagnostics = map[string]string{
	"": "None", "ok": "None", "control detection time expired": "CtlExpire", "neighbor signaled session down": "NbrSignal",
	"path down": "PathDown", "administratively down": "AdminDown",
}

func diagnostic(bfdd string) string { return cmp.Or(diagnostics[bfdd], bfdd) }

func (r *Router) bfdElement(p bfdPeer) *xmltree.Element {
	state := map[string]string{"up": "Up", "down": "Down", "init": "Init", "shutdown": "AdminDown"}[p.Status]
	e := xmltree.New("bfd-session").
		Leaf("session-neighbor", p.Peer).
		Leaf("session-state", cmp.Or(state, p.Status))
	if p.Interface != "" {
		e.Leaf("session-interface", r.junosUnit(p.Interface))
	} else {
		e.Leaf("session-interface", "")
	}
	seconds := func(ms int) string { return fmt.Sprintf("%.3f", float64(ms)/1000) }
	return e.Leaf("session-detection-time", fmt.Sprintf("%.3f", p.detection().Seconds())).
		Leaf("session-transmission-interval", seconds(p.negotiatedTx())).
		Leaf("session-adaptive-multiplier", strconv.Itoa(p.Multiplier)).
		Add(spanLeaf("session-up-time", time.Duration(p.Uptime)*time.Second, age)).
		Leaf("local-diagnostic", diagnostic(p.Diagnostic)).
		Leaf("remote-diagnostic", diagnostic(p.Remote)).
		Leaf("local-discriminator", strconv.FormatUint(uint64(p.LocalID), 10)).
		Leaf("remote-discriminator", strconv.FormatUint(uint64(p.RemoteID), 10))
}

func bfdSessionsText(rpc, reply *xmltree.Element) string {
	var b strings.Builder
	long := style(rpc) == "detail" || style(rpc) == "extensive"
	if sessions := reply.All("bfd-session"); len(sessions) > 0 {
		b.WriteString("                                                  Detect   Transmit\n")
		b.WriteString("Address                  State     Interface      Time     Interval  Multiplier\n")
		for _, s := range sessions {
			fmt.Fprintf(&b, "%-24s %-9s %-14s %-8s %6s %8s\n", s.Value("session-neighbor"), s.Value("session-state"),
				s.Value("session-interface"), s.Value("session-detection-time"),
				s.Value("session-transmission-interval"), s.Value("session-adaptive-multiplier"))
			if long {
				fmt.Fprintf(&b, " Session up time %s\n Local diagnostic %s, remote diagnostic %s\n Local discriminator %s, remote discriminator %s\n",
					s.Value("session-up-time"), s.Value("local-diagnostic"), s.Value("remote-diagnostic"),
					s.Value("local-discriminator"), s.Value("remote-discriminator"))
			}
		}
		b.WriteByte('\n')
	}
	fmt.Fprintf(&b, "%s sessions, %s clients\nCumulative transmit rate %s pps, cumulative receive rate %s pps\n",
		reply.Value("sessions"), reply.Value("clients"),
		reply.Value("cumulative-transmission-rate"), reply.Value("cumulative-reception-rate"))
	return b.String()
}
