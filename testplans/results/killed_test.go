package results_test

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/ccl-lab/ccl/testplans/check"
	"github.com/ccl-lab/ccl/testplans/results"
)

// TestMain lets the test binary be the worker that is killed.
func TestMain(m *testing.M) {
	if path := os.Getenv("RESULTS_TEST_WRITER"); path != "" {
		writeUntilKilled(path)
	}
	os.Exit(m.Run())
}

// writeUntilKilled appends attempts and prints the number of each one that the
// store has confirmed.
func writeUntilKilled(path string) {
	ctx := context.Background()
	s, err := results.Open(ctx, path)
	if err == nil {
		err = s.SaveRun(ctx, ring("ring-1", start))
	}
	for n := 1; err == nil; n++ {
		if err = s.SaveAttempt(ctx, "ring-1", "A", attempt(n, check.Pass)); err == nil {
			fmt.Println(n)
		}
	}
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

// A worker killed in the middle of its work loses nothing that was confirmed,
// and the next one goes on where it stopped.
func TestKilledWriter(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "r.db")
	confirmed, before := 0, 0
	for round := range 3 {
		cmd := exec.Command(os.Args[0])
		cmd.Env = append(os.Environ(), "RESULTS_TEST_WRITER="+path)
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		must(t, err)
		must(t, cmd.Start())
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if _, err := fmt.Sscan(lines.Text(), &confirmed); err != nil {
				t.Fatalf("the writer said %q", lines.Text())
			}
			if confirmed == 15*(round+1) {
				must(t, cmd.Process.Kill())
			}
		}
		if err := cmd.Wait(); err == nil || cmd.ProcessState.ExitCode() != -1 {
			t.Fatalf("the writer ended with %v, it had to be killed", err)
		}
		s := open(t, path)
		run, err := s.Run(ctx, "ring-1")
		must(t, err)
		attempts := run.Case("A").Attempts
		// On a busy machine a writer that was killed late leaves more than the
		// next one, which begins anew, comes to.
		if len(attempts) < max(before, confirmed) || len(attempts) > max(before, confirmed+1) {
			t.Fatalf("%d attempts on record, %d before, %d were confirmed", len(attempts), before, confirmed)
		}
		before = len(attempts)
		for i, a := range attempts {
			if a.Number != i+1 || len(a.Steps) != 1 {
				t.Fatalf("attempt %d is damaged: %+v", i+1, a)
			}
		}
	}
}

func TestCancelledContext(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "r.db"))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.SaveRun(ctx, ring("ring-1", start)); err != context.Canceled {
		t.Errorf("SaveRun with a done context: %v, want context.Canceled alone", err)
	}
	must(t, s.SaveRun(t.Context(), ring("ring-1", start)))
}

func BenchmarkSaveAttempt(b *testing.B) {
	s, err := results.Open(b.Context(), filepath.Join(b.TempDir(), "r.db"))
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if err := s.SaveRun(b.Context(), ring("ring-1", start)); err != nil {
		b.Fatal(err)
	}
	n := 0
	for b.Loop() {
		n++
		if err := s.SaveAttempt(b.Context(), "ring-1", "A", attempt(n, check.Pass)); err != nil {
			b.Fatal(err)
		}
	}
}
