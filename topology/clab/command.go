package clab

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/ccl-lab/ccl/topology"
)

// grace is how long containerlab may clean up after it was interrupted.
const grace = 30 * time.Second

// run runs one containerlab command and returns its standard output. A command
// that fails is a *CommandError or, where the message says so, an
// *topology.UnsupportedError or topology.ErrNoLab. When the context ends,
// containerlab is interrupted as by Ctrl-C.
func (b *Backend) run(ctx context.Context, args ...string) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, context.Cause(ctx)
	}
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(ctx, b.Command, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	c.Env = append(os.Environ(), "CLAB_LABDIR_BASE="+b.labDirs())
	c.Cancel = func() error { return c.Process.Signal(syscall.SIGINT) }
	c.WaitDelay = grace
	// A terminal's Ctrl-C is for us, who then end containerlab in good order.
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	err := c.Run()
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	if err == nil {
		return stdout.Bytes(), nil
	}
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, fs.ErrNotExist), errors.Is(err, fs.ErrPermission):
		return nil, &topology.UnsupportedError{
			What: "the clab backend",
			Why:  fmt.Sprintf("there is no containerlab command: %v", err),
			Hint: "install containerlab, name it with " + CommandVariable + ", or use --backend netns",
		}
	case !errors.As(err, &exit):
		return nil, fmt.Errorf("%s: %w", b.Command, err)
	}
	return nil, failure(args, exit.ExitCode(), stderr.String())
}
