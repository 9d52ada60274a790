package clientstest

import (
	"strings"
	"testing"
	"time"

	"github.com/scrapli/scrapligo/driver/netconf"
	"github.com/scrapli/scrapligo/driver/network"
	"github.com/scrapli/scrapligo/driver/opoptions"
	"github.com/scrapli/scrapligo/driver/options"
	"github.com/scrapli/scrapligo/platform"
	"github.com/scrapli/scrapligo/util"
)

func scrapligoOptions(port int) []util.Option {
	return []util.Option{
		options.WithAuthNoStrictKey(), options.WithAuthUsername(user), options.WithAuthPassword(password),
		options.WithTransportType("standard"), options.WithPort(port), options.WithTimeoutOps(30 * time.Second),
	}
}

// TestScrapligo is scrapligo's CLI and NETCONF drivers.
func TestScrapligo(t *testing.T) {
	l := deployPair(t)
	t.Run("cli", func(t *testing.T) { testScrapligoCLI(t, l) })
	t.Run("netconf", func(t *testing.T) { testScrapligoNETCONF(t, l) })
}

func testScrapligoCLI(t *testing.T, l *lab) {
	mgmt := l.Node("r1").Mgmt
	p, err := platform.NewPlatform("juniper_junos", mgmt.Host, scrapligoOptions(mgmt.SSHPort)...)
	if err != nil {
		t.Fatal(err)
	}
	d, err := p.GetNetworkDriver()
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	for command, want := range map[string]string{
		"show version":                                     "Hostname: r1",
		"show ospf neighbor":                               "Full",
		"show bgp summary | match 10.0.12.2":               "Establ",
		"show route 203.0.113.0/24 | no-more":              "to 10.0.12.2 via ge-0/0/0.0",
		"show configuration routing-options | display set": "set routing-options autonomous-system 65001",
		"ping 10.0.12.2 count 1 rapid":                     "0% packet loss",
	} {
		says(t, d, command, want)
	}
	configure(t, d, "set routing-options static route 198.51.100.0/24 next-hop 10.0.12.2", "commit")
	eventually(t, "r1 has the route", func() bool {
		r, err := d.SendCommand("show route 198.51.100.0/24")
		return err == nil && strings.Contains(r.Result, "[Static/5]")
	})
	configure(t, d, "rollback 1", "commit")
	if r, err := d.SendCommand("show flux"); err != nil || r.Failed == nil {
		t.Errorf("show flux: %v, %q was no failure", err, r.Result)
	}
}

// says runs a command whose answer must hold something.
func says(t *testing.T, d *network.Driver, command, want string) {
	t.Helper()
	r, err := d.SendCommand(command)
	if err != nil || r.Failed != nil || !strings.Contains(r.Result, want) {
		t.Errorf("%s: %v, %+v; want %q", command, err, r, want)
	}
}

func configure(t *testing.T, d *network.Driver, lines ...string) {
	t.Helper()
	r, err := d.SendConfigs(lines)
	if err != nil {
		t.Fatal(err)
	}
	if text := r.JoinedResult(); r.Failed != nil || !strings.Contains(text, "commit complete") {
		t.Fatalf("%q: %v\n%s", lines, r.Failed, text)
	}
}

func testScrapligoNETCONF(t *testing.T, l *lab) {
	mgmt := l.Node("r1").Mgmt
	d, err := netconf.NewDriver(mgmt.Host, scrapligoOptions(mgmt.NetconfPort)...)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Open(); err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	got, err := d.GetConfig("running")
	if err != nil || got.Failed != nil || !strings.Contains(got.Result, "<host-name>r1</host-name>") {
		t.Errorf("GetConfig: %v, %+v", err, got)
	}
	for rpc, want := range map[string]string{
		"<get-ospf-neighbor-information/>":                                "<ospf-neighbor-state>Full</ospf-neighbor-state>",
		"<get-bgp-summary-information/>":                                  "<peer-state junos:format=\"Establ\">Established</peer-state>",
		"<get-route-summary-information/>":                                "<table-name>inet.0</table-name>",
		`<get-configuration format="set"/>`:                               "set system host-name r1",
		"<command>show version</command>":                                 "<host-name>r1</host-name>",
		"<get-interface-information><terse/></get-interface-information>": "10.0.12.1/30",
	} {
		r, err := d.RPC(opoptions.WithFilter(rpc))
		if err != nil || r.Failed != nil || !strings.Contains(r.Result, want) {
			t.Errorf("%s: %v, %+v; want %q", rpc, err, r, want)
		}
	}
}
