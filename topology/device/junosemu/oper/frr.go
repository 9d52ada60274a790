package oper

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/ccl-lab/ccl/topology/device/junosemu"
)

// An inactiveError is a protocol that is not configured or not running. Junos
// answers it with a sentence, not with an empty table and not with an error.
type inactiveError struct{ sentence string }

func (e *inactiveError) Error() string { return e.sentence }

// What Junos says of a protocol that does not run.
const (
	bgpOff   = "BGP is not running"
	ospfOff  = "OSPF instance is not running"
	ospf3Off = "OSPF3 instance is not running"
	isisOff  = "IS-IS instance is not running"
)

// ask runs a "show … json" command in a daemon and reads the answer into out.
// It returns junosemu.ErrNotRunning if the daemon is not there.
func (r *Router) ask(ctx context.Context, daemon, command string, out any) error {
	answer, err := r.Sensor.FRR(ctx, daemon, command)
	if err != nil {
		return fmt.Errorf("%s: %q: %w", daemon, command, err)
	}
	if text := strings.TrimSpace(string(answer)); text == "" || strings.HasPrefix(text, "%") {
		return nil // the daemon runs and has nothing of the sort
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s: %q: %w", daemon, command, err)
	}
	return nil
}

// askRunning is ask, with a sentence for a protocol that does not run.
func (r *Router) askRunning(ctx context.Context, daemon, command, off string, out any) error {
	if !r.configured(daemon) {
		return &inactiveError{off}
	}
	err := r.ask(ctx, daemon, command, out)
	if errors.Is(err, junosemu.ErrNotRunning) {
		return &inactiveError{off}
	}
	return err
}

// configured reports whether the running configuration needs a daemon. A daemon
// may go on running, idle, after its protocol was deleted.
func (r *Router) configured(daemon string) bool {
	_, ok := r.Intent().FRR[daemon]
	return ok
}

// askIfRunning is ask for facts that are merely absent if the daemon is.
func (r *Router) askIfRunning(ctx context.Context, daemon, command string, out any) error {
	if err := r.ask(ctx, daemon, command, out); !errors.Is(err, junosemu.ErrNotRunning) {
		return err
	}
	return nil
}
