package oper_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

var update = flag.Bool("update", false, "write the golden files anew")

// now is a moment after the recordings were made.
var now = time.Date(2026, 11, 23, 6, 26, 0, 0, time.UTC)

// TestGolden performs the command of every testdata/golden file and compares
// the RPC it stands for, the reply and the text.
func TestGolden(t *testing.T) {
	files, err := filepath.Glob("testdata/golden/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]string{}
			for _, f := range archive.Files {
				want[f.Name] = string(f.Data)
			}
			r, sensor := newRouter()
			for name, output := range want {
				if program, ok := strings.CutPrefix(name, "output of "); ok {
					sensor.Programs[program] = output
				}
			}
			rpc, err := oper.Commands.Parse(strings.Fields(want["command"]))
			if err != nil {
				t.Fatal(err)
			}
			reply, err := r.Answer(t.Context(), rpc)
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]string{"rpc": rpc.String(), "xml": "", "text": oper.Text(rpc, reply)}
			if reply != nil {
				got["xml"] = reply.Format("", "  ")
			}
			if calls := sensor.Calls(); len(calls) > 0 {
				got["performed"] = strings.Join(calls, "\n") + "\n"
			}
			if *update {
				writeGolden(t, file, archive, got)
				return
			}
			for name, text := range got {
				if diff := cmp.Diff(want[name], text); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// writeGolden keeps a file's inputs and replaces its results.
func writeGolden(t *testing.T, file string, archive *txtar.Archive, got map[string]string) {
	t.Helper()
	archive.Files = slices.DeleteFunc(archive.Files, func(f txtar.File) bool {
		return f.Name != "command" && !strings.HasPrefix(f.Name, "output of ")
	})
	for _, name := range []string{"rpc", "performed", "xml", "text"} {
		if text, ok := got[name]; ok {
			archive.Files = append(archive.Files, txtar.File{Name: name, Data: []byte(text)})
		}
	}
	if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestProtocolNotRunning asks for protocols that are not configured, and for
// ones whose daemon has died.
func TestProtocolNotRunning(t *testing.T) {
	cases := []struct{ command, daemon, want string }{
		{"show bgp summary", "bgpd", "BGP is not running\n"},
		{"show bgp neighbor", "bgpd", "BGP is not running\n"},
		{"show ospf neighbor", "ospfd", "OSPF instance is not running\n"},
		{"show ospf interface", "ospfd", "OSPF instance is not running\n"},
		{"show ospf3 neighbor", "ospf6d", "OSPF3 instance is not running\n"},
		{"show isis adjacency", "isisd", "IS-IS instance is not running\n"},
		{"show isis route", "isisd", "IS-IS instance is not running\n"},
		{"show isis spf results", "isisd", "IS-IS instance is not running\n"},
		{"show isis statistics", "isisd", "IS-IS instance is not running\n"},
		{"show ospf statistics", "ospfd", "OSPF instance is not running\n"},
		{"show ospf3 overview", "ospf6d", "OSPF3 instance is not running\n"},
		{"show vrrp", "vrrpd", "vrrp subsystem not running - not needed by configuration.\n"},
		{"clear bgp neighbor", "bgpd", "BGP is not running\n"},
	}
	for _, c := range cases {
		t.Run(c.command, func(t *testing.T) {
			r, sensor := newRouter()
			sensor.Stopped = []string{c.daemon}
			rpc, err := oper.Commands.Parse(strings.Fields(c.command))
			if err != nil {
				t.Fatal(err)
			}
			reply, err := r.Answer(t.Context(), rpc)
			if err != nil {
				t.Fatal(err)
			}
			if got := oper.Text(rpc, reply); got != c.want || reply.Name != "output" {
				t.Errorf("got <%s> %q, want %q", reply.Name, got, c.want)
			}
		})
	}
}

// TestDeadDaemonsLeaveTheOtherRoutes: a routing table without bgpd still has
// what the kernel and zebra know.
func TestDeadDaemonsLeaveTheOtherRoutes(t *testing.T) {
	r, sensor := newRouter()
	sensor.Stopped = []string{"bgpd", "ospfd"}
	reply, err := r.Answer(t.Context(), xmltree.New("get-route-information"))
	if err != nil {
		t.Fatal(err)
	}
	text := reply.String()
	if strings.Contains(text, "<protocol-name>BGP") || !strings.Contains(text, "<protocol-name>Direct") {
		t.Errorf("routes: %s", text)
	}
}

func TestRefusals(t *testing.T) {
	r, _ := newRouter()
	for _, command := range []string{
		"ping rome", "ping -h", "ping 10.0.0.1 count 0", "ping 10.0.0.1 source -x", "traceroute no.where",
		"show interfaces ge-9/9/9", "show route 10.0.0.0/33", "clear bgp neighbor all;", "show bgp neighbor x",
		"show firewall filter nowhere", "show firewall counter nowhere", "clear firewall filter nowhere",
		"show lldp neighbors interface ge-9/9/9", "clear interfaces statistics ge-9/9/9", "clear arp hostname rome",
		"clear ospf3 neighbor interface ge-9/9/9.0",
	} {
		rpc, err := oper.Commands.Parse(strings.Fields(command))
		if err != nil {
			t.Errorf("%s: %v", command, err)
			continue
		}
		_, err = r.Answer(t.Context(), rpc)
		var refusal *oper.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%s: want a refusal, got %v", command, err)
		}
	}
	for _, rpc := range []*xmltree.Element{
		xmltree.New("get-route-information").Leaf("comunity", "65004:100"),
		xmltree.New("get-bgp-summary-information").Leaf("instance", "red"),
	} {
		_, err := r.Answer(t.Context(), rpc)
		var refusal *oper.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%s: want a refusal, got %v", rpc, err)
		}
	}
	if _, err := r.Answer(t.Context(), xmltree.New("get-flux")); !errors.Is(err, oper.ErrUnknownRPC) {
		t.Errorf("unknown RPC: %v", err)
	}
}

func TestSyntaxErrors(t *testing.T) {
	cases := []struct {
		command, message string
		word             int
	}{
		{"flux", "unknown command.", 0},
		{"show", "syntax error, expecting <command>.", 1},
		{"show flux", "syntax error, expecting <command>.", 1},
		{"show i", "'i' is ambiguous.\nPossible completions:\n  igmp\n  interfaces\n  ipv6\n  isis", 1},
		{"show route table", "missing argument.", 3},
		{"show bgp summary flux", "syntax error.", 3},
	}
	for _, c := range cases {
		_, err := oper.Commands.Parse(strings.Fields(c.command))
		var syntax *grammar.SyntaxError
		if !errors.As(err, &syntax) {
			t.Errorf("%s: want a syntax error, got %v", c.command, err)
			continue
		}
		if syntax.Message != c.message || syntax.Word != c.word {
			t.Errorf("%s: got %q at word %d, want %q at %d", c.command, syntax.Message, syntax.Word, c.message, c.word)
		}
	}
}

func TestShortenedCommands(t *testing.T) {
	for command, want := range map[string]string{
		"sh ver":                        "<get-software-information/>\n",
		"sho int ter":                   "<get-interface-information>\n<terse/>\n</get-interface-information>\n",
		"show bgp sum":                  "<get-bgp-summary-information/>\n",
		"show route 10.0.0.0/8 exact":   "<get-route-information>\n<destination>10.0.0.0/8</destination>\n<exact/>\n</get-route-information>\n",
		"show route prot bgp ta inet.0": "<get-route-information>\n<protocol>bgp</protocol>\n<table>inet.0</table>\n</get-route-information>\n",
	} {
		rpc, err := oper.Commands.Parse(strings.Fields(command))
		if err != nil || rpc.String() != want {
			t.Errorf("%s: got %v %v, want %s", command, rpc, err, want)
		}
	}
}

// TestMachine: what the machine itself tells differs from one to the next, but
// it is there and it adds up.
func TestMachine(t *testing.T) {
	r, _ := newRouter()
	figure := func(reply *xmltree.Element, names ...string) int {
		n, err := strconv.Atoi(reply.Value(names...))
		if err != nil {
			t.Errorf("%v: %v", names, err)
		}
		return n
	}
	for name, holds := range map[string]func(*xmltree.Element) bool{
		"get-system-memory-information": func(e *xmltree.Element) bool {
			free := figure(e, "system-memory-summary-information", "system-memory-free")
			return free > 0 && free <= figure(e, "system-memory-summary-information", "system-memory-total")
		},
		"get-system-storage": func(e *xmltree.Element) bool {
			return figure(e, "filesystem", "used-blocks") <= figure(e, "filesystem", "total-blocks")
		},
		"get-route-engine-information": func(e *xmltree.Element) bool {
			return e.Value("route-engine", "memory-dram-size") == "7949 MB" && e.Value("route-engine", "mastership-state") == "master"
		},
	} {
		rpc := xmltree.New(name)
		reply, err := r.Answer(t.Context(), rpc)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if !holds(reply) || oper.Text(rpc, reply) == "" {
			t.Errorf("%s: %s\n%s", name, reply, oper.Text(rpc, reply))
		}
	}
}

// TestUpTimeInWords is the time a routing engine has been up.
func TestUpTimeInWords(t *testing.T) {
	r, _ := newRouter()
	for since, want := range map[time.Duration]string{
		0:                            "0 seconds",
		time.Minute + time.Second:    "1 minute, 1 second",
		26*time.Hour + 2*time.Minute: "1 day, 2 hours, 2 minutes",
	} {
		r.Started = now.Add(-since)
		reply, err := r.Answer(t.Context(), xmltree.New("get-route-engine-information"))
		if err != nil {
			t.Fatal(err)
		}
		if got := reply.Value("route-engine", "up-time"); got != want {
			t.Errorf("up for %v: %q, want %q", since, got, want)
		}
	}
}
