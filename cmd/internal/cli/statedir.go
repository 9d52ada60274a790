package cli

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// stateSpace is how many bytes must be free for the databases of a run. A server
// of ours that finds the disk full stands still.
const stateSpace = 32 << 20

// readyState makes the folder of labs and databases, and refuses one in which a
// server could not live: one that cannot be written, or with too little space.
func readyState(dir string, space uint64) error {
	const way = "--state-dir, or CCL_STATE_DIR, names another folder"
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return withHint(fmt.Errorf("the state folder: %w", err), way)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(dir, &fs); err != nil {
		return withHint(fmt.Errorf("the state folder: %w", &os.PathError{Op: "statfs", Path: dir, Err: err}), way)
	}
	if free := fs.Bavail * uint64(fs.Bsize); free < space {
		return withHint(fmt.Errorf("the disk of the state folder %s is full: %d MB are free, a run needs %d", dir, free>>20, space>>20),
			"make room there; "+way)
	}
	return nil
}

// busyState adds what to do when another command serves the database.
func busyState(err error) error {
	var locked interface{ InUse() bool }
	if !errors.As(err, &locked) || !locked.InUse() {
		return err
	}
	return withHint(err, "one command at a time has a server of its own; start ccl up, and any number of runs share its server")
}
