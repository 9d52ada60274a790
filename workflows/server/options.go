package server

import (
	"fmt"
	"log/slog"
	"net"
	"strconv"
	"time"
)

// The addresses that are tried first when none was asked for. Another program
// on them is no error then: free ports are taken instead.
const (
	PreferredFrontend = "127.0.0.1:7233"
	PreferredUI       = "127.0.0.1:8233"
)

// Retention is how long finished workflows are kept, unless Options says
// otherwise. An engagement lasts 30 days; its record is wanted for the year in
// which its credits are valid.
const Retention = 365 * 24 * time.Hour

// Options says where a server keeps its data and where it listens.
type Options struct {
	// DBFile is the SQLite file. It and its directory are made if missing. A
	// lock file is kept next to it while the server runs.
	DBFile string
	// Namespace is created if missing; "default" when empty.
	Namespace string
	// Retention of a newly created namespace; Retention when zero.
	Retention time.Duration
	// Frontend and UI are host:port addresses. An empty one is the preferred
	// port, or a free one if that is taken; one that was asked for and is taken
	// is an error. The host must be an IP address.
	Frontend, UI string
	// CustomerUI is the host:port address of a second Web UI in which nothing
	// can be changed. There is none when it is empty.
	CustomerUI string
	// HistoryEvents is after how many events a workflow is asked to continue as
	// new; the server's own limit, some thousands, when zero.
	HistoryEvents int
	// NoUI leaves the first Web UI out.
	NoUI bool
	// Log receives the server's warnings and errors. Nil discards them.
	Log *slog.Logger
}

func (o Options) withDefaults() Options {
	if o.Namespace == "" {
		o.Namespace = "default"
	}
	if o.Retention == 0 {
		o.Retention = Retention
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	return o
}

// endpoints are the addresses of one attempt to start.
type endpoints struct {
	frontend, ui              hostPort
	customer, customerBehind  hostPort
	history, matching, worker hostPort
}

type hostPort struct {
	host string
	port int
}

func (h hostPort) String() string { return net.JoinHostPort(h.host, strconv.Itoa(h.port)) }

// pickEndpoints finds an address for each service. All listeners are held
// until the last is found, so that no port is handed out twice.
func pickEndpoints(o Options) (endpoints, error) {
	var held []net.Listener
	defer func() {
		for _, l := range held {
			l.Close()
		}
	}()
	pick := func(what, asked, preferred string) (hostPort, error) {
		addresses := []string{preferred, "127.0.0.1:0"}
		if asked != "" {
			addresses = []string{asked}
		}
		var err error
		for _, address := range addresses {
			var l net.Listener
			if l, err = net.Listen("tcp", address); err == nil {
				held = append(held, l)
				a := l.Addr().(*net.TCPAddr)
				return hostPort{a.IP.String(), a.Port}, nil
			}
		}
		return hostPort{}, fmt.Errorf("no address for the %s: %w", what, err)
	}

	var e endpoints
	var err error
	for _, p := range []struct {
		to                     *hostPort
		what, asked, preferred string
	}{
		{&e.frontend, "Temporal frontend", o.Frontend, PreferredFrontend},
		{&e.ui, "Temporal Web UI", o.UI, PreferredUI},
		{&e.customer, "customer's Web UI", o.CustomerUI, ""},
		{&e.customerBehind, "customer's Web UI behind its gate", "", "127.0.0.1:0"},
		{&e.history, "history service", "", "127.0.0.1:0"},
		{&e.matching, "matching service", "", "127.0.0.1:0"},
		{&e.worker, "system worker", "", "127.0.0.1:0"},
	} {
		if p.to == &e.ui && o.NoUI || o.CustomerUI == "" && (p.to == &e.customer || p.to == &e.customerBehind) {
			continue
		}
		if *p.to, err = pick(p.what, p.asked, p.preferred); err != nil {
			return endpoints{}, err
		}
	}
	return e, nil
}
