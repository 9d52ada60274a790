// Package routes announces and withdraws BGP routes from a generator's host,
// thousands at a time, so that traffic to some of them measures how fast a
// router takes them in. The speaker (package speaker) is GoBGP, in a process of
// its own within the host's network namespace.
package routes

import (
	"errors"
	"fmt"
	"math/big"
	"net/netip"
	"strconv"
	"strings"
	"time"
)

// A Spec is one BGP session of a generator's host.
type Spec struct {
	NetNS  string     `json:"netns,omitempty"` // path; empty is this process's own
	AS     uint32     `json:"as"`
	Local  netip.Addr `json:"local"` // address of the host
	Peer   netip.Addr `json:"peer"`  // address of the router
	PeerAS uint32     `json:"peerAs"`
	// RouterID is an IPv4 address; Local when invalid.
	RouterID netip.Addr `json:"routerId,omitzero"`
	Password string     `json:"password,omitempty"` // RFC 2385
	Multihop uint8      `json:"multihop,omitempty"` // TTL to a peer that is no neighbor; 0 for a neighbor
}

// Check says what a session lacks.
func (s Spec) Check() error {
	switch {
	case s.AS == 0 || s.PeerAS == 0:
		return errors.New("both AS numbers must be known")
	case !s.Local.IsValid() || !s.Peer.IsValid():
		return errors.New("both addresses must be known")
	case s.Local.Is4() != s.Peer.Is4():
		return fmt.Errorf("%v and %v are not of one address family", s.Local, s.Peer)
	case !s.ID().Is4():
		return errors.New("a router ID is needed that is an IPv4 address")
	}
	return nil
}

// ID is the router ID of the session.
func (s Spec) ID() netip.Addr {
	if s.RouterID.IsValid() {
		return s.RouterID
	}
	return s.Local
}

// A Set is routes to announce or withdraw: Count prefixes from First on, each
// next to the one before. They have the origin IGP and the session's local
// address as next hop.
type Set struct {
	First netip.Prefix `json:"first"`
	Count int          `json:"count"`
	// Path is what follows the speaker's own number in the AS path.
	Path        []uint32 `json:"path,omitempty"`
	Communities []uint32 `json:"communities,omitempty"` // RFC 1997, AS in the upper half
	MED         *uint32  `json:"med,omitempty"`
}

// MaxRoutes is the most that a Set may hold.
const MaxRoutes = 2_000_000

// Check says what is wrong with a set.
func (s Set) Check() error {
	switch {
	case s.Count < 1 || s.Count > MaxRoutes:
		return fmt.Errorf("%d routes are not within 1 to %d", s.Count, MaxRoutes)
	case !s.First.IsValid() || s.First != s.First.Masked():
		return fmt.Errorf("%v is no prefix: bits are set behind its length", s.First)
	}
	// The prefixes of a length are numbered by the bits that they have.
	bits := uint(s.First.Bits())
	number := new(big.Int).SetBytes(s.First.Addr().AsSlice())
	number.Rsh(number, uint(s.First.Addr().BitLen())-bits)
	all := new(big.Int).Lsh(big.NewInt(1), bits)
	if left := all.Sub(all, number); left.Cmp(big.NewInt(int64(s.Count))) < 0 {
		return fmt.Errorf("there are only %v prefixes from %v on", left, s.First)
	}
	return nil
}

// Prefixes are the set's, in order.
func (s Set) Prefixes() ([]netip.Prefix, error) {
	if err := s.Check(); err != nil {
		return nil, err
	}
	all := make([]netip.Prefix, s.Count)
	for i, p := 0, s.First; i < s.Count; i++ {
		all[i] = p
		p = following(p)
	}
	return all, nil
}

// following is the prefix of the same length after p.
func following(p netip.Prefix) netip.Prefix {
	b := p.Addr().AsSlice()
	bit := p.Bits() - 1
	if bit < 0 {
		return p // there is but one
	}
	carry := uint16(1) << (7 - bit%8)
	for i := bit / 8; i >= 0 && carry > 0; i-- {
		sum := uint16(b[i]) + carry
		b[i], carry = byte(sum), sum>>8
	}
	addr, _ := netip.AddrFromSlice(b)
	return netip.PrefixFrom(addr, p.Bits())
}

// A Sending is when the routes of a set were handed to the session.
type Sending struct {
	Began time.Time `json:"began"`
	Ended time.Time `json:"ended"`
}

// ParseCommunity reads a community of RFC 1997, AS:VALUE.
func ParseCommunity(text string) (uint32, error) {
	as, value, ok := strings.Cut(text, ":")
	high, err1 := strconv.ParseUint(as, 10, 16)
	low, err2 := strconv.ParseUint(value, 10, 16)
	if !ok || err1 != nil || err2 != nil {
		return 0, fmt.Errorf("%q is no community", text)
	}
	return uint32(high)<<16 | uint32(low), nil
}
