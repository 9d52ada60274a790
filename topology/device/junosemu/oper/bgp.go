package oper

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"
)

// A bgpNeighbor is an entry of "show bgp neighbors json".
type bgpNeighbor struct {
	address netip.Addr

	RemoteAS      int    `json:"remoteAs"`
	LocalAS       int    `json:"localAs"`
	Internal      bool   `json:"nbrInternalLink"`
	Description   string `json:"nbrDesc"`
	RemoteID      string `json:"remoteRouterId"`
	LocalID       string `json:"localRouterId"`
	State         string `json:"bgpState"`
	UpMsec        int64  `json:"bgpTimerUpMsec"`
	HoldConfMsec  int    `json:"bgpTimerConfiguredHoldTimeMsecs"`
	HoldMsec      int    `json:"bgpTimerHoldTimeMsecs"`
	KeepaliveMsec int    `json:"bgpTimerKeepAliveIntervalMsecs"`
	HostLocal     string `json:"hostLocal"`
	PortLocal     int    `json:"portLocal"`
	HostForeign   string `json:"hostForeign"`
	PortForeign   int    `json:"portForeign"`
	Established   int    `json:"connectionsEstablished"`
	Dropped       int    `json:"connectionsDropped"`
	ResetMsec     int64  `json:"lastResetTimerMsecs"`
	ResetDueTo    string `json:"lastResetDueTo"`
	NotifyReason  string `json:"lastNotificationReason"`
	NotifyCode    string `json:"lastErrorCodeSubcode"`
	Shutdown      bool   `json:"adminShutDown"`
	Messages      struct {
		TotalSent, TotalRecv           int
		OpensSent, OpensRecv           int
		UpdatesSent, UpdatesRecv       int
		KeepalivesSent, KeepalivesRecv int
		RouteRefreshSent               int `json:"routeRefreshSent"`
		RouteRefreshRecv               int `json:"routeRefreshRecv"`
		NotificationsSent              int `json:"notificationsSent"`
		NotificationsRecv              int `json:"notificationsRecv"`
	} `json:"messageStats"`
	Families map[string]struct {
		Accepted     int  `json:"acceptedPrefixCounter"`
		Sent         int  `json:"sentPrefixCounter"`
		KeepReceived bool `json:"inboundSoftConfigPermit"`
	} `json:"addressFamilyInfo"`
	BFD *struct {
		Status string `json:"status"`
	} `json:"peerBfdInfo"`

	Capabilities struct {
		RouteRefresh  string `json:"routeRefresh"` // advertisedAndReceivedOldNew, …
		Multiprotocol map[string]struct {
			Both     bool `json:"advertisedAndReceived"`
			Received bool `json:"received"`
		} `json:"multiprotocolExtensions"`
	} `json:"neighborCapabilities"`

	ribs map[string]ribCounts // by table: inet.0
}

// ribCounts are a neighbor's prefixes in one table.
type ribCounts struct{ active, received, accepted, advertised int }

// established reports whether the session is up.
func (n *bgpNeighbor) established() bool { return n.State == "Established" }

// state is the session's state in Junos's words. FRR's Clearing and Deleted are
// moments within Junos's Idle.
func (n *bgpNeighbor) state() string {
	switch n.State {
	case "Clearing", "Deleted":
		return "Idle"
	}
	return n.State
}

// bgpFamilies are FRR's and Junos's names of the address families.
var bgpFamilies = []struct{ frr, table, nlri, command string }{
	{"ipv4Unicast", "inet.0", "inet-unicast", "ipv4 unicast"},
	{"ipv6Unicast", "inet6.0", "inet6-unicast", "ipv6 unicast"},
}

// neighbors reads every BGP neighbor with its prefix counts, in the order of
// their addresses.
func (r *Router) neighbors(ctx context.Context) ([]*bgpNeighbor, error) {
	known := map[string]*bgpNeighbor{}
	if err := r.askRunning(ctx, "bgpd", "show bgp neighbors json", bgpOff, &known); err != nil {
		return nil, err
	}
	var all []*bgpNeighbor
	for address, n := range known {
		addr, err := netip.ParseAddr(address)
		if err != nil {
			continue
		}
		n.address, n.ribs = addr, map[string]ribCounts{}
		all = append(all, n)
	}
	slices.SortFunc(all, func(a, b *bgpNeighbor) int { return a.address.Compare(b.address) })
	for _, f := range bgpFamilies {
		if err := r.countPrefixes(ctx, f.frr, f.table, f.command, all); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// countPrefixes fills in one family's counts. What a neighbor sent before
// policy is known only if FRR keeps it (soft-reconfiguration inbound); else
// what was accepted is all there is to count.
func (r *Router) countPrefixes(ctx context.Context, frrName, table, command string, all []*bgpNeighbor) error {
	var active map[string]int
	for _, n := range all {
		f, ok := n.Families[frrName]
		if !ok {
			continue
		}
		counts := ribCounts{received: f.Accepted, accepted: f.Accepted, advertised: f.Sent}
		if n.established() {
			if active == nil {
				var err error
				if active, err = r.activePrefixes(ctx, command); err != nil {
					return err
				}
			}
			counts.active = active[n.address.String()]
			if f.KeepReceived {
				var received struct {
					Total int `json:"totalPrefixCounter"`
				}
				question := "show bgp " + command + " neighbors " + n.address.String() + " received-routes json"
				if err := r.ask(ctx, "bgpd", question, &received); err != nil {
					return err
				}
				counts.received = max(received.Total, counts.accepted)
			}
		}
		n.ribs[table] = counts
	}
	return nil
}

// activePrefixes counts best paths by the neighbor that sent them.
func (r *Router) activePrefixes(ctx context.Context, command string) (map[string]int, error) {
	var table struct {
		Routes map[string][]struct {
			Best   bool   `json:"bestpath"`
			PeerID string `json:"peerId"`
		} `json:"routes"`
	}
	if err := r.ask(ctx, "bgpd", "show bgp "+command+" json", &table); err != nil {
		return nil, err
	}
	active := map[string]int{}
	for _, paths := range table.Routes {
		for _, p := range paths {
			if p.Best {
				active[p.PeerID]++
			}
		}
	}
	return active, nil
}

// sinceChange is how long a session has been up, or down. FRR does not say how
// long a session that never was up has been tried: since the router started.
func (r *Router) sinceChange(n *bgpNeighbor) time.Duration {
	switch {
	case n.established():
		return time.Duration(n.UpMsec) * time.Millisecond
	case n.ResetMsec > 0:
		return time.Duration(n.ResetMsec) * time.Millisecond
	}
	return max(0, r.Now().Sub(r.Started))
}

// configOf is how a neighbor is configured; what nobody knows is empty.
func (r *Router) configOf(n *bgpNeighbor) BGPConfig {
	if r.BGP == nil {
		return BGPConfig{}
	}
	return r.BGP(r.instance, n.address)
}

// lastError is why the session last went down, as Junos names it, or None.
// FRR gives the code of a NOTIFICATION ("0202") and a sentence for what it
// found out itself.
func (n *bgpNeighbor) lastError() string {
	if len(n.NotifyCode) >= 2 {
		names := map[string]string{
			"01": "Message Header Error", "02": "Open Message Error", "03": "Update Message Error",
			"04": "Hold Timer Expired Error", "05": "Finite State Machine Error", "06": "Cease",
		}
		if name, ok := names[n.NotifyCode[:2]]; ok {
			return name
		}
	}
	reason := strings.ToLower(n.ResetDueTo + " " + n.NotifyReason)
	switch {
	case strings.Contains(reason, "open message"), strings.Contains(reason, "bad peer as"):
		return "Open Message Error"
	case strings.Contains(reason, "hold timer"):
		return "Hold Timer Expired Error"
	case strings.Contains(reason, "cease"), strings.Contains(reason, "reset"), strings.Contains(reason, "shutdown"):
		return "Cease"
	}
	return "None"
}
