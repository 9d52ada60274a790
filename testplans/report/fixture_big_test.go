package report_test

import (
	"fmt"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/topology"
	"github.com/ccl-lab/ccl/trafficgen"
)

// bigRun is as large as a run gets: 100 cases on a leaf-spine fabric of 20
// nodes, each with ten minutes of a stream sampled ten times a second, lossy,
// with events, long words and many findings.
func bigRun() *results.Run {
	run := ringRun()
	run.Title = "Regression of the fabric " + longWord(80)
	run.Topology = fabric(4, 8)
	run.Cases = nil
	b := &caseBuilder{now: started}
	for n := range 100 {
		s := b.step("converge", "Wait until the stream flows again "+longWord(60), 10*time.Minute)
		st := stats("s", 1000, 512, s.Started, 10*time.Minute, time.Minute, 700*time.Millisecond)
		for i := range 99 {
			st.Outages = append(st.Outages, trafficgen.Outage{Frames: 3, Start: s.Started.Add(time.Duration(i+1) * 5 * time.Second), Duration: 3 * time.Millisecond})
		}
		s.Stats = []trafficgen.Stats{st}
		s.Convergence = &results.Convergence{Stream: fmt.Sprint("stream-", n%7), Event: "link leaf1:et-0/0/48 down", Outage: ms(float64(n * n)), Uncertainty: ms(1), Limit: "< 5s"}
		for i := range 20 {
			s = event(s, time.Duration(i)*20*time.Second, []string{"commit", "fault", "syslog"}[i%3], "leaf1", longWord(90))
			s = found(s, check.Pass, "leaf1", "counter "+longWord(70), longWord(64), longWord(64))
		}
		b.add(fmt.Sprintf("FABRIC-%03d[mtu=9192,%s]", n, longWord(30)), "A title "+longWord(100), "R2", s)
	}
	run.Cases = b.cases
	run.Finished = b.now
	return run
}

// longWord is n letters without a place to break a line.
func longWord(n int) string {
	word := make([]byte, n)
	for i := range word {
		word[i] = 'a' + byte(i%26)
	}
	return string(word)
}

func fabric(spines, leaves int) *topology.Topology {
	t := &topology.Topology{Name: "fabric"}
	for i := range spines {
		t.Nodes = append(t.Nodes, &topology.Node{Name: fmt.Sprint("spine", i+1), Kind: "juniper_vjunosevolved"})
	}
	for i := range leaves {
		leaf, host := fmt.Sprint("leaf", i+1), fmt.Sprint("host", i+1)
		t.Nodes = append(t.Nodes, &topology.Node{Name: leaf, Kind: "juniper_vjunosswitch"}, &topology.Node{Name: host, Kind: "linux"})
		for s := range spines {
			t.Links = append(t.Links, &topology.Link{
				A: topology.Endpoint{Node: leaf, Interface: fmt.Sprintf("et-0/0/%d", 48+s)},
				B: topology.Endpoint{Node: fmt.Sprint("spine", s+1), Interface: fmt.Sprintf("et-0/0/%d", i)}})
		}
		t.Links = append(t.Links, &topology.Link{A: topology.Endpoint{Node: leaf, Interface: "xe-0/0/0"}, B: topology.Endpoint{Node: host, Interface: "eth1"}})
	}
	return t
}
