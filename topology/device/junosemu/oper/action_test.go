package oper_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/topology/device/junosemu/oper"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/grammar"
	"github.com/ccl-lab/ccl/topology/device/junosemu/oper/xmltree"
)

// TestClearedStatistics: counters that are cleared start from zero, the others
// and a device that was made anew do not.
func TestClearedStatistics(t *testing.T) {
	r, sensor := newRouter()
	ask := func(command string) *xmltree.Element {
		t.Helper()
		rpc, err := oper.Commands.Parse(strings.Fields(command))
		if err != nil {
			t.Fatal(err)
		}
		reply, err := r.Answer(t.Context(), rpc)
		if err != nil {
			t.Fatal(err)
		}
		return reply
	}
	counted := func(want string) {
		t.Helper()
		physical := ask("show interfaces ge-0/0/0 extensive").Child("physical-interface")
		for _, e := range []*xmltree.Element{physical, physical.Child("logical-interface")} {
			if got := e.Value("traffic-statistics", "input-packets"); got != want {
				t.Errorf("%s counts %s, want %s", e.Value("name"), got, want)
			}
		}
	}
	counted("120")
	ask("clear interfaces statistics ge-0/0/1")
	counted("120")
	ask("clear interfaces statistics ge-0/0/0")
	counted("0")
	for name, want := range map[string]string{"ge-0/0/0": "2026-11-23 06:26:00 UTC (00:00:00 ago)", "lo0": "Never"} {
		if got := ask("show interfaces "+name+" extensive").Value("physical-interface", "statistics-cleared"); got != want {
			t.Errorf("%s was cleared %q, want %q", name, got, want)
		}
	}
	sensor.LinkList[1].RxPackets += 7
	counted("7")
	ask("clear interfaces statistics all")
	counted("0")
	sensor.LinkList[1].Index, sensor.LinkList[1].RxPackets = 9, 3
	counted("3")
}

// TestHelp: help explains words that begin commands, and the commands.
func TestHelp(t *testing.T) {
	for typed, want := range map[string]grammar.Completion{
		"":                 {Word: "show", Help: "Show system information"},
		"show":             {Word: "bgp", Help: "Show Border Gateway Protocol information"},
		"show bgp":         {Word: "summary", Help: "Show overview of BGP information"},
		"show interfaces":  {Word: "terse", Help: "Display terse output"},
		"clear interfaces": {Word: "statistics", Help: "Set interface statistics to zero"},
	} {
		if !slices.Contains(oper.Commands.Complete(strings.Fields(typed), ""), want) {
			t.Errorf("%q ?: no %v", typed, want)
		}
	}
	for typed, want := range map[string]bool{"show bgp": false, "show bgp summary": true, "show interfaces terse": true, "ping 10.0.0.1 count": false} {
		if got := oper.Commands.Runs(strings.Fields(typed)); got != want {
			t.Errorf("%q runs: %v", typed, got)
		}
	}
}

// TestRestartIsRemembered: the protocols are as old as their last restart.
func TestRestartIsRemembered(t *testing.T) {
	r, _ := newRouter()
	started := func() string {
		t.Helper()
		reply, err := r.Answer(t.Context(), xmltree.New("get-system-uptime-information"))
		if err != nil {
			t.Fatal(err)
		}
		return reply.Value("protocols-started-time", "date-time")
	}
	if got := started(); got != "2026-11-23 04:26:00 UTC" {
		t.Errorf("before a restart: %s", got)
	}
	if _, err := r.Answer(t.Context(), xmltree.New("restart-routing-process")); err != nil {
		t.Fatal(err)
	}
	if got := started(); got != "2026-11-23 06:26:00 UTC" {
		t.Errorf("after a restart: %s", got)
	}
}
