package frr

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/netns/frr/frrtest"
)

// Shot is a signal for a daemon.
type Shot struct {
	Daemon string
	Signal syscall.Signal
}

// Shoot sends a signal to a daemon's process behind the suite's back.
func (r *Router) Shoot(shot Shot, _ *struct{}) error {
	pid := r.suite.PID(shot.Daemon)
	if pid == 0 {
		return fmt.Errorf("%s has no process", shot.Daemon)
	}
	return syscall.Kill(pid, shot.Signal)
}

// Crashes lists the crashes.
func (r *Router) Crashes(_ struct{}, crashes *[]Crash) error {
	*crashes = r.suite.Crashes()
	return nil
}

func TestDeathIsNoticed(t *testing.T) {
	r1, r2 := pair(t)
	converge(t, r1, r2)
	before := everything(t, r1)
	r1.Call(t, "Router.Shoot", Shot{"ospfd", syscall.SIGKILL}, nil)
	var reply Reply
	r1.Call(t, "Router.Command", Ask{"ospfd", "show ip ospf"}, &reply)
	if !reply.Dead {
		t.Errorf("a command right after the death: %+v", reply)
	}
	if running(t, r1, "ospfd") {
		t.Error("ospfd runs, says the suite")
	}
	r1.Call(t, "Router.Start", "ospfd", nil)
	if after := everything(t, r1); after != before {
		t.Errorf("configuration after Start:\n%s\nbefore:\n%s", after, before)
	}
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "ospfd", "show ip ospf neighbor json"), `"Full`)
	})
}

func TestZebraComesBackWithItsClients(t *testing.T) {
	r1, r2 := pair(t)
	converge(t, r1, r2)
	r1.Call(t, "Router.Kill", "zebra", nil)
	r1.Call(t, "Router.Start", "zebra", nil)
	start := time.Now()
	// First the adjacency: by then zebra has removed what its predecessor left.
	frrtest.Eventually(t, func() string {
		return missing(show(t, r1, "ospfd", "show ip ospf neighbor json"), `"Full`)
	})
	frrtest.Eventually(t, func() string {
		var reply Reply // a warning while there is no such route
		r1.Call(t, "Router.Command", Ask{"zebra", "show ip route 10.255.0.2/32 json"}, &reply)
		return missing(reply.Output, `"protocol":"ospf"`)
	})
	t.Logf("OSPF's routes are back %v after zebra", time.Since(start))
}

// A BFD session that exists before its BGP session takes that down once.
func TestBFDDoesNotFlapBGP(t *testing.T) {
	r1, r2 := pair(t)
	withBFD := func(own, peer string) map[string]string {
		texts := with(ring(own, peer), "bgpd", " !\n", " neighbor 10.0.12."+peer+" remote-as 65000\n neighbor 10.0.12."+peer+" bfd\n neighbor 10.0.12."+peer+" timers connect 1\n !\n")
		texts = with(texts, "bgpd", "  network 203", "  neighbor 10.0.12."+peer+" activate\n  network 203")
		texts["bfdd"] = "bfd\n peer 10.0.12." + peer + " interface eth1\n  receive-interval 300\n  transmit-interval 300\n exit\nexit\n"
		return texts
	}
	apply(t, r1, withBFD("1", "2"))
	apply(t, r2, withBFD("2", "1"))
	frrtest.Eventually(t, func() string {
		if s := bgpSession(t, r1, "10.0.12.2"); s.State != "Established" {
			return "BGP is " + s.State
		}
		return missing(show(t, r1, "bfdd", "show bfd peers json"), `"status":"up"`)
	})
	start := time.Now()
	apply(t, r1, with(withBFD("1", "2"), "bfdd", "receive-interval 300", "receive-interval 400"))
	if s := bgpSession(t, r1, "10.0.12.2"); s.Dropped != 0 || s.Established != 1 {
		t.Errorf("the session flapped: %+v", s)
	}
	if out := show(t, r1, "bfdd", "show bfd peers json"); !strings.Contains(out, `"receive-interval":400`) {
		t.Errorf("BFD after %v: %s", time.Since(start), out)
	}
}

func TestCrashedDaemonIsStartedAgain(t *testing.T) {
	node := boot(t, "r1")
	apply(t, node, ring("1", "2"))
	before := everything(t, node)
	node.Call(t, "Router.Shoot", Shot{"bgpd", syscall.SIGABRT}, nil)
	frrtest.Eventually(t, func() string {
		var crashes []Crash
		node.Call(t, "Router.Crashes", struct{}{}, &crashes)
		if len(crashes) != 1 || crashes[0].Daemon != "bgpd" || crashes[0].Words == "" {
			return fmt.Sprintf("crashes: %+v", crashes)
		}
		return ""
	})
	frrtest.Eventually(t, func() string {
		if !running(t, node, "bgpd") || everything(t, node) != before {
			return "not as before"
		}
		return ""
	})
	// A change that meets the crash waits for neither.
	for range 3 {
		node.Call(t, "Router.Shoot", Shot{"bgpd", syscall.SIGSEGV}, nil)
		apply(t, node, with(ring("1", "2"), "bgpd", "description peer router", "description changed"))
		// bgpd has several threads: one may die while another still takes the
		// change, so that the crash comes after it.
		frrtest.Eventually(t, func() string {
			var reply Reply
			node.Call(t, "Router.Command", Ask{"bgpd", "show running-config"}, &reply)
			if reply.Dead || !strings.Contains(reply.Output, "description changed") {
				return fmt.Sprintf("bgpd dead: %v; it runs:\n%s", reply.Dead, reply.Output)
			}
			return ""
		})
		apply(t, node, ring("1", "2"))
	}
}
