package node

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
)

// host is a linux node: a kernel and the commands of its topology file.
type host struct {
	spec *Spec
	log  *slog.Logger
}

// Start runs the node's commands, one after the other.
func (h *host) Start(ctx context.Context) (string, error) {
	for _, line := range h.spec.Exec {
		argv, err := splitCommand(line)
		if err != nil {
			return "", err
		}
		result, err := runCommand(ctx, argv, h.spec.Env)
		if err != nil {
			return "", fmt.Errorf("%s: %w", line, err)
		}
		h.log.Info("exec", "command", line, "code", result.Code, "stdout", result.Stdout, "stderr", result.Stderr)
		if result.Code != 0 {
			return "", fmt.Errorf("%s: exit code %d\n%s", line, result.Code,
				strings.TrimSpace(result.Stdout+result.Stderr))
		}
	}
	return h.spec.Platform, nil
}

// Stop has nothing to stop: the node's processes are killed with it.
func (h *host) Stop() {}

// Close has nothing to end either.
func (h *host) Close(context.Context) {}

// In runs f: a host has its devices in one place.
func (h *host) In(_ string, f func() error) error { return f() }

// KillProcess refuses: a linux node has no routing daemons.
func (h *host) KillProcess(_ context.Context, name string) error { return h.noProcess(name) }

// StartProcess refuses: a linux node has no routing daemons.
func (h *host) StartProcess(_ context.Context, name string) error { return h.noProcess(name) }

func (h *host) noProcess(name string) error {
	return fmt.Errorf("node %s is of kind %s and has no process %q to control", h.spec.Node, h.spec.Kind, name)
}
