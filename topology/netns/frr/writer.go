package frr

import (
	"context"
	"errors"
	"strings"
)

// A writer sends steps in configuration mode, and knows which context the
// connection is in.
type writer struct {
	vty   *vty
	trace func(daemon, line string) // may be nil
	path  []string
	said  []string // what the daemon printed with lines that it took
}

// run sends the steps. The first refusal ends it, but for removals: what one of
// them asks for may have gone with an earlier one, so that the comparison with
// what is wanted has to judge, which it does afterwards.
func (w *writer) run(ctx context.Context, steps []step) error {
	for _, s := range steps {
		if err := w.enter(ctx, s.path); err != nil {
			return err
		}
		if s.text == "" {
			continue
		}
		var refused *CommandError
		if err := w.command(ctx, s.text); err != nil && !(s.removes && errors.As(err, &refused)) {
			return err
		}
	}
	return nil
}

// enter leaves and opens contexts until the connection is in path.
func (w *writer) enter(ctx context.Context, path []string) error {
	common := 0
	for common < len(path) && common < len(w.path) && path[common] == w.path[common] {
		common++
	}
	for len(w.path) > common {
		if err := w.command(ctx, "exit"); err != nil {
			return err
		}
		w.path = w.path[:len(w.path)-1]
	}
	for _, context := range path[common:] {
		if err := w.command(ctx, context); err != nil {
			return err
		}
		w.path = append(w.path, context)
	}
	return nil
}

func (w *writer) command(ctx context.Context, text string) error {
	if w.trace != nil {
		w.trace(w.vty.daemon, text)
	}
	output, err := w.vty.command(ctx, text)
	if words := strings.Fields(output); err == nil && len(words) > 0 {
		w.said = append(w.said, text+": "+strings.Join(words, " "))
	}
	var refused *CommandError
	if errors.As(err, &refused) {
		refused.Context = strings.Join(w.path, ", ")
	}
	return err
}
