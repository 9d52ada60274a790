package labdir_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ccl-lab/ccl/topology/labdir"
)

func TestCheckName(t *testing.T) {
	for _, name := range []string{"ring", "r1", "Ring-2_b.x", "0"} {
		if err := labdir.CheckName(name); err != nil {
			t.Error(err)
		}
	}
	for _, name := range []string{"", ".", "..", "a/b", "../ring", ".hidden", "-x", "a b", "ä"} {
		if labdir.CheckName(name) == nil {
			t.Errorf("%q is taken", name)
		}
	}
}

// A value that cannot be written leaves the file that was there.
func TestWriteJSON(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lab.json")
	for _, value := range []any{"first", "second", func() {}} {
		err := labdir.WriteJSON(path, value)
		if _, text := value.(string); text != (err == nil) {
			t.Errorf("%v: %v", value, err)
		}
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var there string
	if err := json.Unmarshal(text, &there); err != nil || there != "second" {
		t.Errorf("the file holds %q (%v), want second", text, err)
	}
}

// However many want a lock at once, one has it, and in the end it is free and
// leaves no file.
func TestLockTakesTurns(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring.lock")
	var inside, turns atomic.Int32
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			unlock, err := labdir.Lock(t.Context(), path)
			if err != nil {
				t.Error(err)
				return
			}
			defer unlock()
			if n := inside.Add(1); n != 1 {
				t.Errorf("%d have the lock", n)
			}
			turns.Add(1)
			inside.Add(-1)
		})
	}
	wg.Wait()
	if n := turns.Load(); n != 20 {
		t.Errorf("%d of 20 had a turn", n)
	}
	if _, err := os.Stat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the lock's file is left: %v", err)
	}
}

func TestLockHeld(t *testing.T) {
	path := filepath.Join(t.TempDir(), "ring.lock")
	unlock, err := labdir.TryLock(path)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := labdir.TryLock(path); !errors.Is(err, labdir.ErrLocked) {
		t.Errorf("a held lock: %v, want ErrLocked", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, err := labdir.Lock(ctx, path); !errors.Is(err, labdir.ErrLocked) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("waiting for a held lock: %v, want ErrLocked and the deadline", err)
	}
	unlock()
	again, err := labdir.TryLock(path)
	if err != nil {
		t.Fatalf("a lock that was given back: %v", err)
	}
	again()
}

// Labs that somebody works on are passed by; one that cannot be removed does not
// keep the others.
func TestReap(t *testing.T) {
	dir := t.TempDir()
	lockFile := func(name string) string { return filepath.Join(dir, name+".lock") }
	unlock, err := labdir.TryLock(lockFile("busy"))
	if err != nil {
		t.Fatal(err)
	}
	defer unlock()
	var seen []string
	reaped, err := labdir.Reap(t.Context(), []string{"bad", "busy", "dead", "whole"}, lockFile,
		func(_ context.Context, name string) (bool, error) {
			seen = append(seen, name)
			if name == "bad" {
				return false, fmt.Errorf("no way into %s", name)
			}
			return name == "dead", nil
		})
	if !slices.Equal(reaped, []string{"dead"}) || !slices.Equal(seen, []string{"bad", "dead", "whole"}) {
		t.Errorf("reaped %v of %v", reaped, seen)
	}
	if err == nil || !strings.Contains(err.Error(), "no way into bad") {
		t.Errorf("error %v", err)
	}
}
