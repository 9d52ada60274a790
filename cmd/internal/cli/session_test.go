package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/ccl-lab/ccl/cmd/internal/config"
	"github.com/ccl-lab/ccl/cmd/internal/wire"
)

// lockedError is the server's, which is not linked here.
type lockedError struct{}

func (lockedError) Error() string { return "temporal.db is in use by another ccl" }
func (lockedError) InUse() bool   { return true }

// connectWith is what a command says that starts a server of its own so.
func connectWith(t *testing.T, dir string, start wire.StartServer) (said string, err error) {
	t.Helper()
	var out bytes.Buffer
	a := &App{Stderr: &out, StartServer: start, config: &config.Config{StateDir: dir}}
	_, err = a.connect(t.Context())
	return out.String(), err
}

// TestConnectSlowly waits, as a user does, for a server that takes its time.
func TestConnectSlowly(t *testing.T) {
	said, err := connectWith(t, t.TempDir(), func(ctx context.Context, _ wire.EmbeddedOptions) (*wire.Embedded, error) {
		ctx, cancel := context.WithTimeout(ctx, patience+patience/2)
		defer cancel()
		<-ctx.Done()
		return nil, ctx.Err()
	})
	if said != "starting the Temporal server\n" || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("said %q, error %v", said, err)
	}
}

// TestConnectBusy has the database in use by another command.
func TestConnectBusy(t *testing.T) {
	said, err := connectWith(t, t.TempDir(), func(context.Context, wire.EmbeddedOptions) (*wire.Embedded, error) {
		return nil, fmt.Errorf("start: %w", lockedError{})
	})
	var h hinted
	if said != "" || !errors.As(err, &h) || !strings.Contains(h.hint, "start ccl up") {
		t.Errorf("said %q, error %v, hint %q", said, err, h.hint)
	}
}

// TestReadyState has state folders in which no server could live.
func TestReadyState(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		dir   string
		space uint64
		wrong string // empty: nothing
	}{
		{filepath.Join(dir, "new", "state"), 1, ""},
		{dir, 1 << 62, "the disk of the state folder " + dir + " is full"},
		{file, 1, "the state folder: mkdir " + file + ": not a directory"},
	}
	for _, test := range tests {
		err := readyState(test.dir, test.space)
		var h hinted
		switch {
		case test.wrong == "":
			if err != nil {
				t.Errorf("%s: %v", test.dir, err)
			}
		case err == nil || !strings.Contains(err.Error(), test.wrong) || !errors.As(err, &h) || !strings.Contains(h.hint, "--state-dir"):
			t.Errorf("%s: error %v, want %q and a hint", test.dir, err, test.wrong)
		}
	}
}
