package clab

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

func TestLadder(t *testing.T) {
	b, _, r := newBackend(t)
	for _, request := range []string{"ssh", "dial", "get-software-information", "get-fpc-information", "get-interface", "lock", "commit"} {
		r.refuse(request, 2)
	}
	news := make(chan string, 100)
	ctx := topology.WithProgress(t.Context(), func(s string) { news <- s })
	if _, err := b.Deploy(ctx, pair(t)); err != nil {
		t.Fatal(err)
	}
	close(news)
	var r1 []string
	for text := range news {
		if rung, ok := strings.CutPrefix(text, "node r1: "); ok {
			name, _, _ := strings.Cut(rung, " after ")
			r1 = append(r1, name)
		}
	}
	if got, want := strings.Join(r1, ", "), "running container, SSH, NETCONF, line card, port ge-0/0/0, commit"; got != want {
		t.Errorf("r1 went %q, want %q", got, want)
	}
	if got := r.requests("r1"); !strings.HasSuffix(got, "dial lock commit unlock") {
		t.Errorf("r1 was asked for %q: the commit is not under a lock", got)
	}
}

func TestStuckLabIsRecreated(t *testing.T) {
	b, f, r := newBackend(t)
	r.refuse("get-fpc-information", -1)
	b.Boot = 300 * time.Millisecond
	ctx := topology.WithProgress(t.Context(), func(text string) {
		if strings.Contains(text, "recreating the lab") {
			r.refuse("get-fpc-information", 0)
		}
		if strings.Contains(text, "creating 3 nodes") && len(f.calls(t)) > 0 {
			b.Boot = time.Minute
		}
	})
	topo := pair(t)
	if _, err := b.Deploy(ctx, topo); err != nil {
		t.Fatal(err)
	}
	f.checkCalls(t, "deploy", "exec", "destroy", "deploy", "exec")
}

func TestStuckForEver(t *testing.T) {
	b, f, r := newBackend(t)
	r.refuse("get-fpc-information", -1)
	b.Boot = 300 * time.Millisecond
	topo := pair(t)
	_, err := b.Deploy(t.Context(), topo)
	var stuck *StuckError
	if !errors.As(err, &stuck) || stuck.Rung != "line card" || !strings.Contains(err.Error(), "get-fpc-information is not ready") {
		t.Errorf("Deploy: %v", err)
	}
	f.checkCalls(t, "deploy", "exec", "destroy", "deploy", "exec", "destroy")
	nothingLeft(t, b, f, topo)
}

func TestContainerDiesWhileBooting(t *testing.T) {
	b, f, r := newBackend(t)
	r.refuse("dial", -1)
	ctx := topology.WithProgress(t.Context(), func(text string) {
		if strings.HasPrefix(text, "node r2: SSH") {
			change(f, "trial", func(l *fakeLab) { die(l.node("r2")) })
		}
	})
	begun := time.Now()
	topo := pair(t)
	_, err := b.Deploy(ctx, topo) // a VM may boot for 20 minutes, a dead one not at all
	var stuck *StuckError
	if !errors.As(err, &stuck) || stuck.Node != "r2" || !strings.Contains(err.Error(), "container died: it is exited (Exited (2)") {
		t.Errorf("Deploy after %v: %v", time.Since(begun), err)
	}
	nothingLeft(t, b, f, topo)
}

func TestHealthIsWaitedFor(t *testing.T) {
	b, f, _ := newBackend(t)
	deploy(t, b, pair(t))
	change(f, "trial", func(l *fakeLab) { l.node("h1").Status = "Up 3 seconds (health: starting)" })
	b.Boot = 300 * time.Millisecond
	var stuck *StuckError
	if _, err := b.Deploy(t.Context(), pair(t)); !errors.As(err, &stuck) || stuck.Node != "h1" || stuck.Rung != "good health" {
		t.Errorf("Deploy: %v", err)
	}
	change(f, "trial", func(l *fakeLab) { l.node("h1").Status = "Up 9 seconds (healthy)" })
	deploy(t, b, pair(t))
}
