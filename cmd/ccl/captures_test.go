package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
	"github.com/ccl-lab/ccl/trafficgen/routes"
)

// evidence is the path of the only piece of evidence of a case with that ID, in
// its last step that has one.
func (w *world) evidence(run *results.Run, id, piece string) string {
	w.t.Helper()
	path := ""
	for _, step := range run.Case(id).Last().Steps {
		for _, e := range step.Evidence {
			if e.ID == piece {
				path = filepath.Join(w.dir, "out", run.ID, "evidence", e.Path)
			}
		}
	}
	if path == "" {
		w.t.Fatalf("%s has no evidence %s", id, piece)
	}
	return path
}

// tshark reads a capture with our dissector, a line of fields for each frame.
func (w *world) tshark(file, filter string, fields ...string) []string {
	w.t.Helper()
	code, script, stderr := w.run("traffic", "dissector")
	if code != 0 {
		w.t.Fatal(stderr)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "ccl.lua"), []byte(script), 0o644); err != nil {
		w.t.Fatal(err)
	}
	args := []string{"-X", "lua_script:" + filepath.Join(w.dir, "ccl.lua"), "-r", file, "-Y", filter, "-T", "fields"}
	for _, f := range fields {
		args = append(args, "-e", f)
	}
	out, err := exec.Command("tshark", args...).Output()
	if err != nil {
		w.t.Fatalf("tshark: %v", err)
	}
	return strings.Split(strings.TrimSpace(string(out)), "\n")
}

// The shipped cases that capture, and that announce routes, pass on the real
// lab. Wireshark opens their files, and the report leads to them.
func TestCapturesAndRoutes(t *testing.T) {
	needLab(t)
	if _, err := exec.LookPath("tshark"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("tshark is missing")
		}
		t.Skip("SKIPPED, NOTHING WAS TESTED: tshark is not installed")
	}
	w := newWorld(t)
	plan := w.shipped("ring-streams.yaml")
	code, stdout, stderr := -1, "", ""
	for try := 0; try == 0 || try < 5 && strings.Contains(stdout, "the generator was at fault"); try++ { // in want of a processor
		code, stdout, stderr = w.run("plan", "run", plan, "--case", "CAP-*", "--case", "FEED-001")
	}
	if code != 0 {
		t.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
	}
	run := w.last()
	pings := w.evidence(run, "CAP-001", "capture-pings")
	if seen := strings.Join(w.tshark(pings, "icmp", "frame.interface_name"), " "); strings.Count(seen, "h1:eth1") != 10 || strings.Count(seen, "h2:eth1") != 10 {
		t.Errorf("frames at %s", seen)
	}
	lost := w.evidence(run, "CAP-002", "capture-cut")
	lines := w.tshark(lost, "ccl && ccl.learning == 0", "ccl.seq", "frame.interface_name")
	if len(lines) < 100 || !strings.Contains(strings.Join(lines, "\n"), "g2") {
		t.Errorf("%d frames with our signature", len(lines))
	}
	report, err := os.ReadFile(filepath.Join(w.dir, "out", run.ID, "report.html"))
	if err != nil {
		t.Fatal(err)
	}
	measured := w.evidence(run, "FEED-001", "routes-feed")
	for _, file := range []string{pings, lost, measured} {
		if href, _ := filepath.Rel(filepath.Join(w.dir, "out", run.ID), file); !strings.Contains(string(report), `href="`+href+`"`) {
			t.Errorf("the report does not link %s", href)
		}
	}
	text, err := os.ReadFile(measured)
	if err != nil {
		t.Fatal(err)
	}
	var m routes.Measurement
	if err := json.Unmarshal(text, &m); err != nil || m.Routes != 10000 || m.Sample != 10 || !m.Installation.Converged || !m.Removal.Complete {
		t.Errorf("%v: %s", err, text)
	}
}

const cutOff = `plan: cut-off
title: A worker is killed while it captures and announces
type: regression
topology: labs/ring/ring.clab.yml
streams:
  g1-h1: {from: g1, to: h1, rate: 100fps, size: 128}
cases:
  - id: CUT-001
    title: It waits for what does not come
    steps:
      - configure: {node: r1, set: [protocols bgp group feed type external, protocols bgp group feed peer-as 65100, protocols bgp group feed neighbor 10.1.1.2]}
      - capture: {start: left, ports: h1, filter: tcp port 179}
      - traffic: {start: g1-h1}
      - routes: {start: feed, node: h1, as: 65100, peer: 10.1.1.1, peer-as: 65000, count: 100}
      - wait-until: {within: 8s, route: {node: r1, prefix: 192.0.2.0/24, protocol: bgp}}
      - routes: {stop: feed}
      - capture: {stop: left}
  - id: CUT-002
    title: The next case finds nothing of it
    steps:
      - ping: {from: h1, to: 10.1.1.1, count: 20}
`

// A worker that is killed takes its captures and its sessions with it and leaves
// no files. The case begins again, and when it fails in the end what it has
// captured until then is kept.
func TestKilledWhileCapturing(t *testing.T) {
	needLab(t)
	w := newWorld(t)
	w.shipped("ring-streams.yaml")
	if err := os.WriteFile(filepath.Join(w.dir, "cut-off.yaml"), []byte(cutOff), 0o644); err != nil {
		t.Fatal(err)
	}
	first := w.command("plan", "run", "cut-off.yaml")
	if err := first.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("a stream and a session", 3*time.Minute, func() bool { return len(w.parts("__routes")) > 0 && len(w.parts("__traffic")) > 0 })
	if err := first.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = first.Wait() // killed
	w.eventually("the end of its parts", time.Minute, func() bool { return len(w.parts("__routes"))+len(w.parts("__traffic")) == 0 })

	var said bytes.Buffer
	second := w.command("plan", "run", "cut-off.yaml")
	second.Stdout, second.Stderr = &said, &said
	if err := second.Start(); err != nil {
		t.Fatal(err)
	}
	w.eventually("the first verdict", 3*time.Minute, func() bool { return w.judged() == 1 })
	if left := w.parts("__routes"); len(left) > 0 && w.judged() == 1 {
		t.Errorf("sessions of the first case while the second runs: %v", left)
	}
	_ = second.Wait()
	if code := second.ProcessState.ExitCode(); code != 3 {
		t.Fatalf("exit %d\n%s", code, said.String())
	}
	run := w.last()
	c := run.Case("CUT-001")
	if len(c.Attempts) != 1 || c.Verdict() != check.Fail {
		t.Errorf("%d attempts, %s: %s", len(c.Attempts), c.Verdict(), c.Last().Reason)
	}
	info, err := os.Stat(w.evidence(run, "CUT-001", "capture-left"))
	if err != nil || info.Size() < 1000 {
		t.Errorf("what was captured: %v, %v", info, err)
	}
	_ = filepath.WalkDir(filepath.Join(w.dir, "out"), func(path string, d os.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".") {
			t.Errorf("left behind: %s", path)
		}
		return err
	})
}

// parts are the processes of this world that run as a part of the program.
func (w *world) parts(word string) (pids []string) {
	commands, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, path := range commands {
		command, err := os.ReadFile(path)
		if err != nil || !strings.Contains(string(command), "\x00"+word+"\x00") {
			continue
		}
		environ, err := os.ReadFile(filepath.Join(filepath.Dir(path), "environ"))
		if err == nil && strings.Contains(string(environ), w.dir) {
			pids = append(pids, filepath.Base(filepath.Dir(path)))
		}
	}
	return pids
}
