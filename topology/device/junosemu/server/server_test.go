package server_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/scrapli/scrapligo/driver/netconf"
	"github.com/scrapli/scrapligo/driver/network"
	"github.com/scrapli/scrapligo/driver/opoptions"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"
	"github.com/scrapli/scrapligo/response"
	"github.com/scrapli/scrapligo/util"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/opertest"
	"github.com/ccl-lab/ccl/topology/device/junosemu/server"
)

const (
	user     = "admin"
	password = "admin@123"
)

// A rig is a router on loopback with a data plane that only remembers.
type rig struct {
	t         testing.TB
	server    *server.Server
	dataplane *opertest.Dataplane
	sensor    *opertest.Sensor
	cli, nc   net.Listener
	power     chan bool // off, or off and on again
}

func newRig(t testing.TB, startup string) *rig {
	t.Helper()
	r := &rig{
		t: t, dataplane: &opertest.Dataplane{}, power: make(chan bool, 9),
		sensor: &opertest.Sensor{
			Dir: "../oper/testdata/frr",
			LinkList: []junosemu.LinkState{
				{Device: "eth1", Index: 2, MTU: 1500, AdminUp: true, CarrierUp: true, Addresses: opertest.Prefixes("10.0.12.1/30")},
			},
			Programs: map[string]string{},
		},
	}
	var err error
	r.server, err = server.New(t.Context(), server.Options{
		Identity: opertest.Ring, Dir: t.TempDir(), Startup: startup,
		Dataplane: r.dataplane, Sensor: r.sensor, Users: map[string]string{user: password},
		Power: func(off bool) { r.power <- off },
	})
	if err != nil {
		t.Fatal(err)
	}
	r.cli, r.nc = listen(t), listen(t)
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- r.server.Serve(ctx, r.cli, r.nc) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			t.Errorf("Serve: %v", err)
		}
		if err := r.server.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return r
}

func listen(t testing.TB) net.Listener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func port(l net.Listener) int { return l.Addr().(*net.TCPAddr).Port }

func sshOptions(p int) []util.Option {
	return []util.Option{
		options.WithAuthNoStrictKey(), options.WithAuthUsername(user), options.WithAuthPassword(password),
		options.WithTransportType("standard"), options.WithPort(p), options.WithTimeoutOps(10 * time.Second),
	}
}

// netconf opens a NETCONF session that the test's end closes.
func (r *rig) netconf() *netconf.Driver {
	r.t.Helper()
	d, err := netconf.NewDriver("127.0.0.1", sshOptions(port(r.nc))...)
	if err != nil {
		r.t.Fatal(err)
	}
	if err := d.Open(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = d.Close() })
	return d
}

// rpc sends one RPC and returns the reply.
func rpc(t *testing.T, d *netconf.Driver, filter string) string {
	t.Helper()
	reply, err := d.RPC(opoptions.WithFilter(filter))
	if err != nil {
		t.Fatalf("%s: %v", filter, err)
	}
	return reply.Result
}

// must sends an RPC whose reply must hold something and no error.
func must(t *testing.T, d *netconf.Driver, filter, want string) string {
	t.Helper()
	got := rpc(t, d, filter)
	if strings.Contains(got, "<error-severity>error") || !strings.Contains(got, want) {
		t.Fatalf("%s:\nwant %q in a reply without error, got\n%s", filter, want, got)
	}
	return got
}

const setHostname = `<load-configuration action="set" format="text"><configuration-set>set system host-name spine1</configuration-set></load-configuration>`

func TestNETCONFCommit(t *testing.T) {
	r := newRig(t, "")
	d := r.netconf()
	must(t, d, "<lock-configuration/>", "<ok/>")
	must(t, d, setHostname, "<ok/>")
	must(t, d, `<get-configuration compare="rollback" rollback="0" format="text"/>`, "+  host-name spine1;")
	must(t, d, "<commit-configuration><check/></commit-configuration>", "<commit-check-success/>")
	must(t, d, "<commit-configuration><log>first change</log></commit-configuration>", "<commit-success/>")
	must(t, d, "<unlock-configuration/>", "<ok/>")
	must(t, d, `<get-configuration format="set" database="committed"/>`, "set system host-name spine1")
	must(t, d, "<get-commit-information/>", "<log>first change</log>")
	must(t, d, `<get-configuration compare="rollback" rollback="0" format="text"/>`, "<configuration-output>\n</configuration-output>")
	applied := r.dataplane.Applied()
	if got := applied[len(applied)-1].Hostname; got != "spine1" {
		t.Errorf("the data plane has host name %q", got)
	}
	must(t, d, `<load-configuration rollback="1"/>`, "<ok/>")
	must(t, d, "<commit-configuration/>", "<commit-success/>")
	must(t, d, `<get-configuration format="text" database="committed"/>`, "host-name r1;")
}

// TestNETCONFOfTheRFC does with scrapligo's own operations what
// TestNETCONFCommit does with Junos's.
func TestNETCONFOfTheRFC(t *testing.T) {
	r := newRig(t, "")
	d := r.netconf()
	if d.SessionID() == 0 {
		t.Error("no session ID in the hello")
	}
	step := func(name string, reply *response.NetconfResponse, err error) {
		t.Helper()
		if err == nil {
			err = reply.Failed
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	reply, err := d.Lock("candidate")
	step("lock", reply, err)
	reply, err = d.EditConfig("candidate", "<config><configuration><system><host-name>leaf7</host-name></system></configuration></config>")
	step("edit-config", reply, err)
	reply, err = d.Validate("candidate")
	step("validate", reply, err)
	reply, err = d.Commit()
	step("commit", reply, err)
	reply, err = d.Unlock("candidate")
	step("unlock", reply, err)
	reply, err = d.GetConfig("running")
	step("get-config", reply, err)
	if !strings.Contains(reply.Result, "<host-name>leaf7</host-name>") {
		t.Errorf("running configuration: %s", reply.Result)
	}
}

func TestSecondSessionIsDenied(t *testing.T) {
	r := newRig(t, "")
	first, second := r.netconf(), r.netconf()
	must(t, first, "<lock-configuration/>", "<ok/>")
	for _, request := range []string{"<lock-configuration/>", "<lock><target><candidate/></target></lock>"} {
		if got := rpc(t, second, request); !strings.Contains(got, "<error-tag>lock-denied</error-tag>") {
			t.Errorf("%s: %s", request, got)
		}
	}
	if got := rpc(t, second, setHostname); !strings.Contains(got, "configuration database locked by") {
		t.Errorf("load under another's lock: %s", got)
	}
	must(t, first, "<unlock-configuration/>", "<ok/>")
	must(t, second, "<lock-configuration/>", "<ok/>")
}

// TestDroppedSessionLetsGo cuts a connection that holds the lock and a change.
func TestDroppedSessionLetsGo(t *testing.T) {
	r := newRig(t, "")
	first, second := r.raw(), r.netconf()
	for _, request := range []string{"<lock-configuration/>", setHostname} {
		if got := first.rpc(request); !strings.Contains(got, "<ok/>") {
			t.Fatalf("%s: %s", request, got)
		}
	}
	if err := first.conn.Close(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the lock is free", func() bool {
		return strings.Contains(rpc(t, second, "<lock-configuration/>"), "<ok/>")
	})
	must(t, second, `<get-configuration compare="rollback" rollback="0" format="text"/>`, "<configuration-output>\n</configuration-output>")
}

func TestPrivateCandidateIsIsolated(t *testing.T) {
	r := newRig(t, "")
	first, second := r.netconf(), r.netconf()
	must(t, first, "<open-configuration><private/></open-configuration>", "<ok/>")
	must(t, first, setHostname, "<ok/>")
	if got := must(t, second, `<get-configuration format="set"/>`, "host-name"); strings.Contains(got, "spine1") {
		t.Errorf("another session sees a private change: %s", got)
	}
	must(t, first, "<close-configuration/>", "<ok/>")
	if got := must(t, first, `<get-configuration format="set"/>`, "host-name"); strings.Contains(got, "spine1") {
		t.Errorf("the change outlived the private candidate: %s", got)
	}
}

func TestKillSession(t *testing.T) {
	r := newRig(t, "")
	first, second := r.raw(), r.netconf()
	if got := first.rpc("<lock-configuration/>"); !strings.Contains(got, "<ok/>") {
		t.Fatalf("lock: %s", got)
	}
	must(t, second, fmt.Sprintf("<kill-session><session-id>%s</session-id></kill-session>", first.session), "<ok/>")
	must(t, second, "<lock-configuration/>", "<ok/>")
	if rest, _ := io.ReadAll(first.out); strings.TrimSpace(string(rest)) != "" {
		t.Errorf("the killed session got %q", rest)
	}
}

// TestRefusedCommitChangesNothing has the data plane refuse.
func TestRefusedCommitChangesNothing(t *testing.T) {
	r := newRig(t, "")
	d := r.netconf()
	r.dataplane.Refuse = func(*junosemu.Intent) error { return errors.New("bgpd: line 3: unknown command") }
	must(t, d, setHostname, "<ok/>")
	got := rpc(t, d, "<commit-configuration/>")
	if !strings.Contains(got, "<error-severity>error</error-severity>") || !strings.Contains(got, "bgpd: line 3: unknown command") || strings.Contains(got, "<ok/>") {
		t.Fatalf("commit: %s", got)
	}
	must(t, d, `<get-configuration format="set" database="committed"/>`, "set system host-name r1")
	must(t, d, "<discard-changes/>", "<ok/>")
	must(t, d, `<get-configuration compare="rollback" rollback="0" format="text"/>`, "<configuration-output>\n</configuration-output>")
}

func TestRefusals(t *testing.T) {
	r := newRig(t, "")
	d := r.netconf()
	for name, c := range map[string]struct{ request, want string }{
		"unknown RPC":       {"<get-flux-capacitor/>", "<bad-element>get-flux-capacitor</bad-element>"},
		"unknown statement": {`<load-configuration action="set" format="text"><configuration-set>set protocols bpg</configuration-set></load-configuration>`, "<load-error-count>1</load-error-count>"},
		"bad XML statement": {`<load-configuration><configuration><sistem/></configuration></load-configuration>`, "<error-severity>error</error-severity>"},
		"no such rollback":  {`<load-configuration rollback="42"/>`, "<load-error-count>1</load-error-count>"},
		"unknown command":   {"<command>show flux</command>", "syntax error, expecting &lt;command&gt;"},
		"bad address":       {"<get-route-information><destination>rome</destination></get-route-information>", "<bad-element>rome</bad-element>"},
	} {
		t.Run(name, func(t *testing.T) {
			got := rpc(t, d, c.request)
			if !strings.Contains(got, "<error-severity>error</error-severity>") || !strings.Contains(got, c.want) {
				t.Errorf("want an rpc-error with %q, got\n%s", c.want, got)
			}
		})
	}
}

func TestDeletingNothingIsAWarning(t *testing.T) {
	r := newRig(t, "")
	d := r.netconf()
	got := must(t, d, `<load-configuration action="set" format="text"><configuration-set>delete protocols bgp</configuration-set></load-configuration>`, "<error-severity>warning</error-severity>")
	if !strings.Contains(got, "statement not found") || !strings.Contains(got, "<ok/>") {
		t.Errorf("reply: %s", got)
	}
}

// cliDriver opens scrapligo's Junos CLI session.
func (r *rig) cliDriver() *network.Driver {
	r.t.Helper()
	p, err := platform.NewPlatform("juniper_junos", "127.0.0.1", sshOptions(port(r.cli))...)
	if err != nil {
		r.t.Fatal(err)
	}
	d, err := p.GetNetworkDriver()
	if err != nil {
		r.t.Fatal(err)
	}
	if err := d.Open(); err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = d.Close() })
	return d
}

func TestCLIOverScrapligo(t *testing.T) {
	r := newRig(t, "")
	d := r.cliDriver()
	for _, c := range []struct{ command, want string }{
		{"show version", "Hostname: r1"},
		{"show interfaces terse", "ge-0/0/0"},
		{"show configuration | display set", "set system host-name r1"},
		{"show version | display xml", "<host-name>r1</host-name>"},
		{"show version | display json", `"data" : "r1"`},
		{"show version | match junos: | count", "Count: 1 lines"},
		{"show bgp summary | display xml rpc", "<get-bgp-summary-information/>"},
		{"show system commit", "by root"},
	} {
		reply, err := d.SendCommand(c.command)
		if err != nil {
			t.Fatalf("%s: %v", c.command, err)
		}
		if reply.Failed != nil || !strings.Contains(reply.Result, c.want) {
			t.Errorf("%s: want %q, got %v\n%s", c.command, c.want, reply.Failed, reply.Result)
		}
	}
	if reply, err := d.SendCommand("show flux"); err != nil || reply.Failed == nil {
		t.Errorf("show flux: want a failure, got %v: %s", err, reply.Result)
	}
	reply, err := d.SendConfigs([]string{"set system host-name cli7", "show | compare", "commit comment \"from the cli\""})
	if err != nil || reply.Failed != nil {
		t.Fatalf("configure: %v, %v", err, reply.Failed)
	}
	if got := reply.JoinedResult(); !strings.Contains(got, "+  host-name cli7;") || !strings.Contains(got, "commit complete") {
		t.Errorf("configure:\n%s", got)
	}
	if err := d.AcquirePriv("exec"); err != nil {
		t.Fatal(err)
	}
	if prompt, err := d.GetPrompt(); err != nil || strings.TrimSpace(prompt) != "admin@cli7>" {
		t.Errorf("prompt %q, %v", prompt, err)
	}
}

// eventually waits for a condition.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(time.Minute)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatalf("never: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}
