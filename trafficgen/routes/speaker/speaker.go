// Package speaker is the process behind a routes.Speaker: one BGP session of
// GoBGP, in the network namespace that the process was started in.
package speaker

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/netip"
	"time"

	"github.com/osrg/gobgp/v4/api"
	"github.com/osrg/gobgp/v4/pkg/apiutil"
	"github.com/osrg/gobgp/v4/pkg/packet/bgp"
	"github.com/osrg/gobgp/v4/pkg/server"

	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// connectRetry is how soon a session that could not be opened is tried again;
// GoBGP takes no less.
const connectRetry = 1 // s

// speaker is one session, in this process's network namespace.
type speaker struct {
	spec   routes.Spec
	server *server.BgpServer
	states chan bgp.FSMState // of the session, the newest
}

func newSpeaker(ctx context.Context, spec routes.Spec) (*speaker, error) {
	if err := spec.Check(); err != nil {
		return nil, fmt.Errorf("BGP session: %w", err)
	}
	quiet := slog.New(slog.NewTextHandler(io.Discard, nil))
	s := &speaker{spec: spec, server: server.NewBgpServer(server.LoggerOption(quiet, &slog.LevelVar{})), states: make(chan bgp.FSMState, 64)}
	go s.server.Serve()
	err := s.server.StartBgp(ctx, &api.StartBgpRequest{Global: &api.Global{
		Asn: spec.AS, RouterId: spec.ID().String(), ListenPort: -1,
	}})
	if err != nil {
		s.close()
		return nil, fmt.Errorf("BGP speaker: %w", err)
	}
	if err := s.watch(ctx); err != nil {
		s.close()
		return nil, err
	}
	if err := s.server.AddPeer(ctx, &api.AddPeerRequest{Peer: s.peer()}); err != nil {
		s.close()
		return nil, fmt.Errorf("BGP session with %v: %w", spec.Peer, err)
	}
	return s, nil
}

func (s *speaker) peer() *api.Peer {
	family := &api.Family{Afi: api.Family_AFI_IP, Safi: api.Family_SAFI_UNICAST}
	if s.spec.Peer.Is6() {
		family.Afi = api.Family_AFI_IP6
	}
	p := &api.Peer{
		Conf:      &api.PeerConf{NeighborAddress: s.spec.Peer.String(), PeerAsn: s.spec.PeerAS, AuthPassword: s.spec.Password},
		Transport: &api.Transport{LocalAddress: s.spec.Local.String()},
		Timers:    &api.Timers{Config: &api.TimersConfig{ConnectRetry: connectRetry, IdleHoldTimeAfterReset: connectRetry}},
		AfiSafis:  []*api.AfiSafi{{Config: &api.AfiSafiConfig{Family: family, Enabled: true}}},
	}
	if s.spec.Multihop > 0 {
		p.EbgpMultihop = &api.EbgpMultihop{Enabled: true, MultihopTtl: uint32(s.spec.Multihop)}
	}
	return p
}

func (s *speaker) watch(ctx context.Context) error {
	err := s.server.WatchEvent(ctx, server.WatchEventMessageCallbacks{
		OnPeerUpdate: func(e *apiutil.WatchEventMessage_PeerEvent, _ time.Time) {
			select {
			case s.states <- e.Peer.State.SessionState:
			default: // nobody has looked at the last 64
			}
		},
	}, server.WatchPeer())
	if err != nil {
		return fmt.Errorf("watching the BGP session: %w", err)
	}
	return nil
}

// established waits until the session is up.
func (s *speaker) established(ctx context.Context) error {
	last := bgp.BGP_FSM_IDLE
	for {
		select {
		case last = <-s.states:
			if last == bgp.BGP_FSM_ESTABLISHED {
				return nil
			}
		case <-ctx.Done():
			return &routes.SessionError{Reason: fmt.Sprintf(
				"the BGP session of %v with %v is not established but %s: is the router configured for AS %d at that address, and reachable?",
				s.spec.Local, s.spec.Peer, word(last), s.spec.AS)}
		}
	}
}

// word is the state's name in RFC 4271, section 8.2.2.
func word(state bgp.FSMState) string {
	switch state {
	case bgp.BGP_FSM_CONNECT:
		return "Connect"
	case bgp.BGP_FSM_ACTIVE:
		return "Active"
	case bgp.BGP_FSM_OPENSENT:
		return "OpenSent"
	case bgp.BGP_FSM_OPENCONFIRM:
		return "OpenConfirm"
	case bgp.BGP_FSM_ESTABLISHED:
		return "Established"
	}
	return "Idle"
}

func (s *speaker) announce(set routes.Set) (routes.Sending, error) { return s.send(set, false) }
func (s *speaker) withdraw(set routes.Set) (routes.Sending, error) { return s.send(set, true) }

func (s *speaker) send(set routes.Set, withdraw bool) (routes.Sending, error) {
	paths, err := s.paths(set, withdraw)
	if err != nil {
		return routes.Sending{}, err
	}
	sending := routes.Sending{Began: time.Now()}
	if withdraw {
		err = s.server.DeletePath(apiutil.DeletePathRequest{Paths: paths})
	} else {
		var answers []apiutil.AddPathResponse
		if answers, err = s.server.AddPath(apiutil.AddPathRequest{Paths: paths}); err == nil {
			err = firstError(answers)
		}
	}
	sending.Ended = time.Now()
	return sending, err
}

func firstError(answers []apiutil.AddPathResponse) error {
	for _, a := range answers {
		if a.Error != nil {
			return a.Error
		}
	}
	return nil
}

func (s *speaker) paths(set routes.Set, withdraw bool) ([]*apiutil.Path, error) {
	prefixes, err := set.Prefixes()
	if err != nil {
		return nil, err
	}
	if set.First.Addr().Is4() != s.spec.Peer.Is4() {
		return nil, fmt.Errorf("%v is not of the session's address family", set.First)
	}
	common := s.attributes(set)
	paths := make([]*apiutil.Path, len(prefixes))
	for i, p := range prefixes {
		nlri, err := bgp.NewIPAddrPrefix(p)
		if err != nil {
			return nil, err
		}
		hop, err := s.nextHop(p, nlri)
		if err != nil {
			return nil, err
		}
		paths[i] = &apiutil.Path{Family: family(p), Nlri: nlri, Attrs: append(common[:len(common):len(common)], hop), Withdrawal: withdraw}
	}
	return paths, nil
}

func family(p netip.Prefix) bgp.Family {
	if p.Addr().Is4() {
		return bgp.RF_IPv4_UC
	}
	return bgp.RF_IPv6_UC
}

// attributes are what all routes of a set have in common.
func (s *speaker) attributes(set routes.Set) []bgp.PathAttributeInterface {
	attrs := []bgp.PathAttributeInterface{bgp.NewPathAttributeOrigin(0)}
	var path []bgp.AsPathParamInterface
	if len(set.Path) > 0 {
		path = append(path, bgp.NewAs4PathParam(bgp.BGP_ASPATH_ATTR_TYPE_SEQ, set.Path))
	}
	attrs = append(attrs, bgp.NewPathAttributeAsPath(path))
	if set.MED != nil {
		attrs = append(attrs, bgp.NewPathAttributeMultiExitDisc(*set.MED))
	}
	if len(set.Communities) > 0 {
		attrs = append(attrs, bgp.NewPathAttributeCommunities(set.Communities))
	}
	return attrs
}

func (s *speaker) nextHop(p netip.Prefix, nlri bgp.NLRI) (bgp.PathAttributeInterface, error) {
	if p.Addr().Is4() {
		return bgp.NewPathAttributeNextHop(s.spec.Local)
	}
	return bgp.NewPathAttributeMpReachNLRI(bgp.RF_IPv6_UC, []bgp.PathNLRI{{NLRI: nlri}}, s.spec.Local)
}

func (s *speaker) close() { s.server.Stop() }
