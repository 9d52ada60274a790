package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/testplans/results"
)

// BenchmarkDemo runs the demonstration and prints, of its record: the whole
// run, the time until every OSPF and BGP session is up, the mean of a commit
// step (lock, load, compare, validate, commit, unlock), and what a step costs
// beyond the step itself (Temporal and records).
func BenchmarkDemo(b *testing.B) {
	w := benchWorld(b)
	var demo, converged, commit, overhead time.Duration
	for b.Loop() {
		code, stdout, stderr := w.run("demo")
		if code != 0 {
			b.Fatalf("exit %d\n%s\n%s", code, stdout, stderr)
		}
		run := w.record("out/demo/run.json")
		demo += run.Took()
		converged += run.Case("BGP-001").Last().Finished.Sub(run.Started)
		c, o := costs(run)
		commit += c
		overhead += o
	}
	n := time.Duration(b.N)
	b.ReportMetric((demo / n).Seconds(), "s/demo")
	b.ReportMetric((converged / n).Seconds(), "s/converged")
	b.ReportMetric(float64((commit/n).Microseconds())/1000, "ms/commit")
	b.ReportMetric(float64((overhead/n).Microseconds())/1000, "ms/step-overhead")
}

// costs are the mean of a commit step, and the mean time of an attempt that no
// step of it accounts for, by step.
func costs(run *results.Run) (commit, overhead time.Duration) {
	var commits, steps int
	var committing, between time.Duration
	for _, c := range run.Cases {
		for _, a := range c.Attempts {
			between += a.Took()
			for _, s := range a.Steps {
				steps++
				between -= s.Took()
				if s.Kind == "configure" || s.Kind == "rollback" {
					commits++
					committing += s.Took()
				}
			}
		}
	}
	return committing / time.Duration(max(1, commits)), between / time.Duration(max(1, steps))
}

// BenchmarkLab deploys and destroys the ring, each as a command of its own.
func BenchmarkLab(b *testing.B) {
	w := benchWorld(b)
	w.shipped("ring-rollout.yaml")
	var deploy, configs, destroy time.Duration
	for b.Loop() {
		deploy += w.timed(b, "lab", "deploy", "--no-configs", filepath.Join("labs", "ring", "ring.clab.yml"))
		configs += w.timed(b, "lab", "deploy", filepath.Join("labs", "ring", "ring.clab.yml"))
		destroy += w.timed(b, "lab", "destroy", "ring")
	}
	n := time.Duration(b.N)
	b.ReportMetric((deploy / n).Seconds(), "s/deploy")
	b.ReportMetric((configs / n).Seconds(), "s/configs")
	b.ReportMetric((destroy / n).Seconds(), "s/destroy")
}

func benchWorld(b *testing.B) *world {
	b.Helper()
	needLab(b)
	return &world{t: b, dir: b.TempDir()}
}

func (w *world) timed(b *testing.B, args ...string) time.Duration {
	b.Helper()
	begun := time.Now()
	if code, stdout, stderr := w.run(args...); code != 0 {
		b.Fatalf("ccl %v: exit %d\n%s\n%s", args, code, stdout, stderr)
	}
	return time.Since(begun)
}
