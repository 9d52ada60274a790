package routes_test

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/trafficgen/routes"
	"github.com/ccl-lab/ccl/trafficgen/routes/speaker"
)

func TestMain(m *testing.M) {
	if len(os.Args) == 2 && os.Args[1] == "speak" {
		if err := speaker.Serve(os.Stdin, os.Stdout); err != nil {
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestPrefixes(t *testing.T) {
	for _, tt := range []struct {
		first string
		count int
		last  string // or what is wrong
	}{
		{"100.64.0.0/24", 1, "100.64.0.0/24"},
		{"100.64.0.0/24", 257, "100.65.0.0/24"},
		{"100.64.255.255/32", 2, "100.65.0.0/32"},
		{"10.0.0.0/9", 3, "11.0.0.0/9"},
		{"2001:db8::/48", 65537, "2001:db9::/48"},
		{"0.0.0.0/1", 2, "128.0.0.0/1"},
		{"255.255.255.0/24", 2, "there are only 1 prefixes from 255.255.255.0/24 on"},
		{"0.0.0.0/0", 2, "there are only 1 prefixes from 0.0.0.0/0 on"},
		{"10.0.0.1/24", 1, "10.0.0.1/24 is no prefix: bits are set behind its length"},
		{"10.0.0.0/24", 0, "0 routes are not within 1 to 2000000"},
	} {
		all, err := routes.Set{First: netip.MustParsePrefix(tt.first), Count: tt.count}.Prefixes()
		switch {
		case err != nil:
			if err.Error() != tt.last {
				t.Errorf("%d from %s: %v", tt.count, tt.first, err)
			}
		case len(all) != tt.count || all[len(all)-1].String() != tt.last:
			t.Errorf("%d from %s: %d, up to %v, want %s", tt.count, tt.first, len(all), all[len(all)-1], tt.last)
		}
	}
}

// TestNobodyThere opens a session with an address at which nobody listens.
func TestNobodyThere(t *testing.T) {
	spec := routes.Spec{AS: 65001, PeerAS: 65002, Local: netip.MustParseAddr("127.0.0.1"), Peer: netip.MustParseAddr("127.66.77.88")}
	_, err := routes.Start(t.Context(), spec, 100*time.Millisecond, os.Args[0], "speak")
	if err == nil || !strings.Contains(err.Error(), "the BGP session of 127.0.0.1 with 127.66.77.88 is not established but ") {
		t.Errorf("%v", err)
	}
	for want, wrong := range map[string]routes.Spec{
		"both AS numbers must be known": {AS: 65001, Local: spec.Local, Peer: spec.Peer},
		"both addresses must be known":  {AS: 65001, PeerAS: 65002, Local: spec.Local},
		"are not of one address family": {AS: 1, PeerAS: 2, Local: spec.Local, Peer: netip.IPv6Loopback()},
		"a router ID is needed that is": {AS: 1, PeerAS: 2, Local: netip.IPv6Loopback(), Peer: netip.IPv6Loopback()},
	} {
		if _, err := routes.Start(t.Context(), wrong, time.Second, os.Args[0], "speak"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", wrong, err, want)
		}
	}
	if _, err := routes.Start(t.Context(), spec, time.Second, "/no/such/program"); err == nil {
		t.Error("a program that is not there")
	}
}

// A session that nobody answers is told from a speaker that does not work, and
// is given up when nobody waits for it any more.
func TestSessionErrors(t *testing.T) {
	spec := routes.Spec{AS: 65001, PeerAS: 65002, Local: netip.MustParseAddr("127.0.0.1"), Peer: netip.MustParseAddr("127.66.77.88")}
	var none *routes.SessionError
	if _, err := routes.Start(t.Context(), spec, 50*time.Millisecond, os.Args[0], "speak"); !errors.As(err, &none) {
		t.Errorf("%v, want a session error", err)
	}
	if _, err := routes.Start(t.Context(), spec, time.Second, "/no/such/program"); err == nil || errors.As(err, &none) {
		t.Errorf("%v, want an error that is not about the session", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	began := time.Now()
	if _, err := routes.Start(ctx, spec, time.Hour, os.Args[0], "speak"); !errors.Is(err, context.DeadlineExceeded) || time.Since(began) > 30*time.Second {
		t.Errorf("%v after %v", err, time.Since(began))
	}
}

func TestParseCommunity(t *testing.T) {
	if c, err := routes.ParseCommunity("65100:7"); err != nil || c != 65100<<16|7 {
		t.Errorf("%d, %v", c, err)
	}
	for _, text := range []string{"", "1", "65536:1", "1:65536", "a:1", "1:2:3", "no-export"} {
		if _, err := routes.ParseCommunity(text); err == nil {
			t.Errorf("%q is taken for a community", text)
		}
	}
}
