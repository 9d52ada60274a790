package wire

import (
	"context"
	"errors"
	"fmt"
	"os"
	"syscall"
	"time"

	"go.temporal.io/sdk/client"

	"github.com/ccl-lab/ccl/cmd/internal/config"
)

const (
	// lookEvery is how often somebody else's server is looked at, lookFor how
	// long it has for an answer. A server that is only busy answers in time.
	lookEvery = time.Second
	lookFor   = 3 * time.Second
)

// ErrLost means that a server does not answer any more.
var ErrLost = errors.New("the Temporal server does not answer")

// Watch returns a context that ends, with ErrLost as its cause, when the server
// does not answer twice in a row. It is for servers of other processes.
func (c *Cluster) Watch(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		tick := time.NewTicker(lookEvery)
		defer tick.Stop()
		for missed := 0; missed < 2; {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			if c.answers(ctx) {
				missed = 0
			} else {
				missed++
			}
		}
		cancel(ErrLost)
	}()
	return ctx, func() { cancel(context.Canceled) }
}

func (c *Cluster) answers(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, lookFor)
	defer cancel()
	_, err := c.Client.CheckHealth(ctx, &client.CheckHealthRequest{})
	return err == nil
}

// Reconnect waits until the server of other processes is back, which may be at
// another address, and connects to it.
func (c *Cluster) Reconnect(ctx context.Context, settings *config.Config) error {
	for {
		again, err := dialOther(ctx, settings)
		if err == nil && again.answers(ctx) {
			c.Client.Close()
			*c = *again
			return nil
		}
		if err == nil {
			again.Client.Close()
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// dialOther dials the server of another process: the cluster of the settings,
// or that of a running "ccl up".
func dialOther(ctx context.Context, c *config.Config) (*Cluster, error) {
	if c.Temporal.Address != "" {
		return dialOutside(ctx, c)
	}
	return dialUp(ctx, c)
}

// running refuses the word of a process that is known to be gone, so that
// nobody calls whoever has its port now. PIDs of another namespace say nothing.
func (u *Up) running() error {
	if here := pidSpace(); u.PIDs == "" || u.PIDs != here {
		return nil
	}
	if errors.Is(syscall.Kill(u.PID, 0), syscall.ESRCH) {
		return fmt.Errorf("ccl up, process %d, has ended", u.PID)
	}
	return nil
}

// pidSpace names the PID namespace of this process, empty if it is not known.
func pidSpace() string {
	space, err := os.Readlink("/proc/self/ns/pid")
	if err != nil {
		return ""
	}
	return space
}
